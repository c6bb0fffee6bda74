/**
 * The contract and function that a command line names; a function may be given as a signature, of which no ABI need know.
 */
import { type AbiFunction, BaseError, parseAbiItem } from 'viem'
import type { Connection } from '../network/connection.ts'
import { usageError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { findDeployment, readDeployments } from './deployments.ts'
import { findFunction } from './functions.ts'
import type { KnownContract } from './knownContracts.ts'
import { findSystemContract } from './systemContracts.ts'
import { findReceiver, findTarget } from './target.ts'

export interface CalledFunction {
  readonly target: KnownContract
  readonly item: AbiFunction
  /** Whether the signature on the command line is all that is known of it. */
  readonly adHoc: boolean
}

/** UTF-16 units of what is no signature. */
const MAX_SHOWN = 200

/** @throws CliError */
export function findCall(
  connection: Connection,
  contract: string,
  text: string,
  argumentCount: number,
  abiPath: string | undefined,
): CalledFunction {
  const signature = splitSignature(text)
  const isAdHoc = signature !== null && (signature.outputs !== null || !isKnown(connection, contract, abiPath))
  if (!isAdHoc) {
    const target = findTarget(connection, contract, abiPath)
    return { target, item: findFunction(target.abi, text, argumentCount, target.name), adHoc: false }
  }
  return { target: findReceiver(connection, contract, abiPath), item: parseSignature(text, signature), adHoc: true }
}

function isKnown(connection: Connection, contract: string, abiPath: string | undefined): boolean {
  if (abiPath !== undefined || findSystemContract(contract) !== null) return true
  const deployments = readDeployments(connection.paths)
  const isAddress = /^0x[0-9a-f]{40}$/i.test(contract)
  if (!isAddress) return findDeployment(deployments, contract) !== null || !/^@\d+$/.test(contract)
  return deployments.some(({ address }) => address.toLowerCase() === contract.toLowerCase())
}

interface Signature {
  readonly name: string
  readonly inputs: string
  /** Null where none are given. */
  readonly outputs: string | null
}

/** `name(inputs)` or `name(inputs)(outputs)`, with brackets that fit; null for anything else. */
function splitSignature(text: string): Signature | null {
  const name = /^\s*([A-Za-z_$][\w$]*)\s*(?=\()/.exec(text)?.[1]
  if (name === undefined) return null
  const rest = text.slice(text.indexOf('('))
  const end = closing(rest)
  if (end === null) return null
  const inputs = rest.slice(1, end)
  const after = rest.slice(end + 1).replace(/^\s*(returns)?\s*/, '')
  if (after.trim() === '') return { name, inputs, outputs: null }
  const last = after.startsWith('(') ? closing(after) : null
  if (last === null || after.slice(last + 1).trim() !== '') return null
  return { name, inputs, outputs: after.slice(1, last) }
}

/** Where the bracket that the text begins with is closed. */
function closing(text: string): number | null {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')' && --depth === 0) return at
  }
  return null
}

function parseSignature(text: string, { name, inputs, outputs }: Signature): AbiFunction {
  const returns = outputs === null || outputs.trim() === '' ? '' : ` returns (${outputs})`
  try {
    return parseAbiItem(`function ${name}(${inputs}) payable${returns}` as string) as AbiFunction
  } catch (error) {
    if (!(error instanceof BaseError) && (error as Error).constructor.name === 'Error') throw error
    throw usageError(
      `${printable(text, MAX_SHOWN)} is no signature: ${printable((error as { shortMessage?: string }).shortMessage ?? String(error), MAX_SHOWN)}`,
      'write types as Solidity does: "balanceOf(address)(uint256)"',
    )
  }
}
