/** The contract a command is about: its address and an ABI, from a given file, the address book, or the chain itself. */
import { getAddress, type Hex } from 'viem'
import type { Connection } from '../network/connection.ts'
import { CliError, usageError } from '../output/errors.ts'
import type { ArgumentContext } from './arguments.ts'
import { findContract, findDeployment, readDeployments } from './deployments.ts'
import { readInterface } from './interfaceFile.ts'
import { abiOf, type KnownContract } from './knownContracts.ts'
import { findSystemContract, validatorRegistry } from './systemContracts.ts'

/** @throws CliError when no ABI is known for the address. */
export function findTarget(connection: Connection, contract: string, abiPath: string | undefined): KnownContract {
  const account = accountNamed(connection, contract)
  if (account !== null && abiPath === undefined) {
    throw usageError(
      `${contract} is an account, which has no functions`,
      `to send it ether, leave the function out: devnet send ${contract} --value 1ether`,
    )
  }
  const system = abiPath === undefined ? findSystemContract(contract) : null
  if (system !== null) return system
  const { address, deployment } =
    account === null ? findContract(connection.paths, contract) : { address: account, deployment: null }
  if (abiPath !== undefined) {
    const { name, abi } = readInterface(abiPath)
    return { address, name: deployment?.name ?? name, abi }
  }
  if (deployment === null) {
    throw usageError(
      `the ABI of ${address} is not known`,
      'it was not deployed with `devnet deploy` here; name a file that has it with --abi FILE',
    )
  }
  return { address, name: deployment.name, abi: abiOf(deployment) }
}

/** Whom ether is sent to: an account, or a contract with or without a known ABI. @throws CliError */
export function findReceiver(connection: Connection, text: string, abiPath: string | undefined): KnownContract {
  const account = accountNamed(connection, text)
  if (account !== null) return { address: account, name: text, abi: [] }
  if (abiPath !== undefined || findSystemContract(text) !== null) return findTarget(connection, text, abiPath)
  const { address, deployment } = findContract(connection.paths, text)
  return deployment === null ? { address, name: address, abi: [] } : findTarget(connection, text, abiPath)
}

/** Of `@1`; null for what is no account. @throws CliError when there is none of that number. */
function accountNamed({ accounts }: Connection, text: string): Hex | null {
  const number = /^@(\d+)$/.exec(text)?.[1]
  if (number === undefined) return null
  const account = accounts[Number(number)]
  if (account === undefined)
    throw usageError(`there is no account ${text}`, `accounts are @0 to @${accounts.length - 1}`)
  return getAddress(account.address)
}

/** @throws CliError when there is no contract: a call of nothing succeeds on the chain and means nothing. */
export async function requireCode(connection: Connection, target: KnownContract, blockNumber?: bigint): Promise<void> {
  if (target.address === validatorRegistry.address) return
  const code = await connection.client.getCode({
    address: target.address,
    ...(blockNumber === undefined ? {} : { blockNumber }),
  })
  if (code !== undefined && code !== '0x') return
  const now = blockNumber === undefined ? code : await connection.client.getCode({ address: target.address })
  const isThereNow = now !== undefined && now !== '0x'
  const name = target.name === target.address ? '' : `${target.name}: `
  throw isThereNow
    ? new CliError(`${name}there is no contract at ${target.address} at block ${blockNumber} yet`, {
        hint: 'leave out --block, or name a later one',
      })
    : new CliError(`${name}there is no contract at ${target.address} on this network`, {
        hint: 'is it the address of another network, or was the chain begun afresh? `npx devnet deploy` puts a contract there',
      })
}

export function argumentContext(connection: Connection): ArgumentContext {
  const deployments = readDeployments(connection.paths)
  return {
    accounts: connection.accounts.map(({ address }) => address),
    contract: (name) => findSystemContract(name)?.address ?? findDeployment(deployments, name)?.address ?? null,
  }
}
