/** The contract a command is about: its address and an ABI, from a given file, the address book, or the chain itself. */
import type { Abi, Hex } from 'viem'
import type { Connection } from '../network/connection.ts'
import { usageError } from '../output/errors.ts'
import type { ArgumentContext } from './arguments.ts'
import { readArtifact } from './artifact.ts'
import { findContract, readDeployments } from './deployments.ts'
import { readInterface } from './interfaceFile.ts'
import { findSystemContract } from './systemContracts.ts'

export interface Target {
  readonly address: Hex
  readonly name: string
  readonly abi: Abi
}

/** A contract deployed under the name of a system contract comes first. @throws CliError when no ABI is known for the address. */
export function findTarget(connection: Connection, contract: string, abiPath: string | undefined): Target {
  const system = abiPath === undefined ? findSystemContract(contract) : null
  const sameName = (own: { readonly name: string }) => own.name.toLowerCase() === contract.toLowerCase()
  if (system !== null && !readDeployments(connection.paths).some(sameName)) return system
  const { address, deployment } = findContract(connection.paths, contract)
  if (abiPath !== undefined) return { address, ...readInterface(abiPath) }
  if (deployment === null) {
    throw usageError(
      `the ABI of ${address} is not known`,
      'it was not deployed with `devnet deploy` here; name a file that has it with --abi FILE',
    )
  }
  const { name, artifact, abi } = deployment
  if (abi !== undefined) return { address, name, abi }
  const { contractName, abi: own } = readArtifact(artifact)
  return { address, name: contractName, abi: own }
}

export function argumentContext(connection: Connection): ArgumentContext {
  const deployments = readDeployments(connection.paths)
  return {
    accounts: connection.accounts.map(({ address }) => address),
    contract: (name) =>
      deployments.findLast((known) => known.name.toLowerCase() === name.toLowerCase())?.address ?? null,
  }
}
