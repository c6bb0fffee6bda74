/**
 * Says in words why a call or transaction failed: reasons, panics by their meaning, custom errors by every ABI that is
 * known, traps with their place, contracts by name. Any other error is in the node's own words
 * (node/src/execution/revertReason.ts), so that it reads alike here, in receipts and in JSON-RPC errors.
 */
import { refusedValue, revertOrigin, revertReason, withoutPrefix } from '@touchstone/node/failure-words'
import {
  type AbiFunction,
  type AbiItem,
  BaseError,
  decodeErrorResult,
  getAddress,
  type Hex,
  hexToBytes,
  toFunctionSelector,
} from 'viem'
import { nodeFailure } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import type { Known, KnownContract } from './knownContracts.ts'
import { formatFields } from './values.ts'

/** UTF-16 units of a reason that are shown. */
const MAX_REASON = 1_000
/** Contracts named of those whose error it may be. */
const MAX_OWNERS = 3

/** The attempt, as far as it says why something fails. */
export interface Attempt {
  /** Names it in the sentence: `Token.transfer`. */
  readonly what: string
  readonly known: Known
  /** Null for a deployment. */
  readonly target: KnownContract | null
  /** Null for ether without a call. */
  readonly item: Pick<AbiFunction, 'name' | 'stateMutability'> | null
  readonly value: bigint
}

/** Wraps anything viem throws for a call, estimate or send. A node that does not answer is no failure of the contract. */
export function callFailure(attempt: Attempt, error: unknown): CliError {
  const ofNode = nodeFailure(error)
  if (ofNode?.kind === 'unreachable') return ofNode
  return new CliError(
    `${printable(attempt.what, MAX_REASON)} failed: ${printable(reason(attempt, error), MAX_REASON)}`,
    {
      cause: error,
    },
  )
}

/** The same for a transaction that failed in its block. `message` and `revertData` are those of the receipt. */
export function describeFailure(attempt: Attempt, message: string, revertData: Hex | null): string {
  const { known, target, item, value } = attempt
  const own = withoutPrefix(message)
  if (revertData === '0x') {
    const tellsMore = own.includes('(before that')
    if (value > 0n && item !== null && item.stateMutability !== 'payable' && !tellsMore)
      return refusedValue(item.name, value)
    return known.labelled(own)
  }
  if (revertData === null) return known.labelled(own)
  const text = revertReason(hexToBytes(revertData))
  if (text === 'no such function' && item === null && target !== null) {
    return `${target.name} has no receive function, so it takes no plain ether`
  }
  // A text may end as the node's words do.
  if (text !== null) return message.endsWith(text) ? text : text + fromWhom(attempt, message)
  return describeCustomError(attempt, message, revertData) ?? known.labelled(own)
}

function reason(attempt: Attempt, error: unknown): string {
  if (!(error instanceof BaseError)) return error instanceof Error ? error.message : String(error)
  const withData = error.walk((cause) => dataOf(cause) !== null)
  const innermost = error.walk()
  const message =
    innermost instanceof BaseError ? innermost.details || innermost.shortMessage : (innermost as Error).message
  return describeFailure(attempt, message, withData === null ? null : dataOf(withData))
}

/** JSON-RPC errors carry revert data as a hex string in `data`. */
function dataOf(error: unknown): Hex | null {
  const data = (error as { data?: unknown } | null)?.data
  return typeof data === 'string' && /^0x([0-9a-f]{2})*$/i.test(data) ? (data as Hex) : null
}

/** ` from the call to Gold 0x…`, unless it is the contract's own that was called. */
function fromWhom({ known, target }: Attempt, message: string): string {
  const origin = revertOrigin(message)
  if (origin === null || (target !== null && getAddress(origin) === target.address)) return ''
  return ` (from the call to ${known.label(getAddress(origin))})`
}

interface CustomError {
  readonly text: string
  readonly owner: KnownContract
}

/** Null when no ABI has it. */
function describeCustomError(attempt: Attempt, message: string, data: Hex): string | null {
  const { known, target } = attempt
  const found = known.contracts.flatMap((contract) => customErrors(contract, data, known))
  if (found.length === 0) return null
  const origin = revertOrigin(message)
  const address = origin === null ? (target?.address ?? null) : getAddress(origin)
  const owned = found.find(({ owner }) => owner.address === address)
  const whose = fromWhom(attempt, message)
  if (owned !== undefined) return owned.text + whose
  const names = [...new Set(found.map(({ owner }) => owner.name))]
  const shown = names.slice(0, MAX_OWNERS).map((name) => printable(name))
  const more = names.length > MAX_OWNERS ? ` or ${names.length - MAX_OWNERS} more` : ''
  return `${found[0]!.text}, an error of ${shown.join(' or ')}${more}${whose}`
}

function customErrors(owner: KnownContract, data: Hex, known: Known): CustomError[] {
  return owner.abi.flatMap((item) => {
    if (item.type !== 'error' || selectorOf(item) !== data.slice(0, 10).toLowerCase()) return []
    return [{ owner, text: `${printable(item.name)}(${argumentsOf(item, data, known)})` }]
  })
}

/** Receipts keep the beginning of long data only (docs/protocol/rpc.md), and a contract may revert with anything. */
function argumentsOf(item: AbiItem & { type: 'error' }, data: Hex, known: Known): string {
  try {
    const { args } = decodeErrorResult({ abi: [item], data })
    return formatFields(item.inputs, (args ?? []) as readonly unknown[], known.label)
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return `… its ${data.length / 2 - 1} bytes do not fit the ABI`
  }
}

/** Null for an item that is no valid ABI. */
function selectorOf(item: AbiItem): Hex | null {
  try {
    return toFunctionSelector(item as AbiFunction)
  } catch {
    return null
  }
}
