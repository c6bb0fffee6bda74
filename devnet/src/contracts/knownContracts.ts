/** Every contract whose ABI is at hand, and every address that has a name: what foreign errors and logs are read with. */
import { type Abi, getAddress, type Hex } from 'viem'
import type { Connection } from '../network/connection.ts'
import { CliError, systemError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { type Deployment, readDeployments } from './deployments.ts'
import { readInterface } from './interfaceFile.ts'
import { systemContracts } from './systemContracts.ts'
import type { AddressLabel } from './values.ts'

export interface KnownContract {
  readonly name: string
  /** EIP-55 checksummed. */
  readonly address: Hex
  readonly abi: Abi
}

export interface Known {
  /** Each address once; the contract that the command is about comes first. */
  readonly contracts: readonly KnownContract[]
  /** `Token 0x…`, `@1 0x…`, or the address alone, checksummed. */
  readonly label: AddressLabel
  /** The name alone; null when there is none. */
  readonly nameOf: (address: Hex) => string | null
  /** Addresses in a text of the node, which knows no names, by their labels. */
  readonly labelled: (text: string) => string
}

export function knownContracts(connection: Pick<Connection, 'paths' | 'accounts'>, ...first: KnownContract[]): Known {
  const names = new Map<Hex, string>()
  const contracts = new Map<Hex, KnownContract>()
  const add = (contract: KnownContract) => {
    if (!contracts.has(contract.address)) contracts.set(contract.address, contract)
    if (!names.has(contract.address)) names.set(contract.address, contract.name)
  }
  for (const contract of [...first, ...systemContracts]) add(contract)
  const taken = new Set<string>()
  for (const deployment of [...readDeployments(connection.paths)].reverse()) {
    const { name, address } = deployment
    const abi = contracts.has(address) ? null : abiIfThere(deployment)
    if (abi !== null) contracts.set(address, { name, address, abi })
    // Of two with one name in the book of an earlier version the name stands for the newer.
    if (!taken.has(name) && !names.has(address)) names.set(address, name)
    taken.add(name)
  }
  for (const [index, { address }] of connection.accounts.entries()) {
    const account = getAddress(address)
    if (!names.has(account)) names.set(account, `@${index}`)
  }
  const nameOf = (address: Hex) => names.get(getAddress(address)) ?? null
  const label = (address: Hex) => {
    const name = nameOf(address)
    return name === null ? getAddress(address) : `${printable(name)} ${getAddress(address)}`
  }
  return {
    contracts: [...contracts.values()],
    label,
    nameOf,
    labelled: (text) => text.replace(/(?<!\w)0x[0-9a-fA-F]{40}(?!\w)/g, (address) => label(address as Hex)),
  }
}

/** @throws CliError when the artifact that a book of an earlier version points at is gone. */
export function abiOf({ abi, artifact }: Deployment): Abi {
  return abi ?? readInterface(artifact!).abi
}

/** For help with reading only, so one that is gone is left out. */
function abiIfThere(deployment: Deployment): Abi | null {
  try {
    return abiOf(deployment)
  } catch (error) {
    if (error instanceof CliError || systemError(error) !== null) return null
    throw error
  }
}
