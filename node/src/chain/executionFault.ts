/**
 * An execution that a node could not finish, for a reason of its own: an exception that left execution where every
 * input has to give a result. Never a receipt, and never what other nodes are told (docs/protocol/execution.md,
 * "Faults").
 */

import { toHex } from '../codec/hex.ts'
import type { EngineName } from '../execution/executionConfig.ts'

export interface ExecutionFault {
  /** Of the block that was executed. */
  readonly block: bigint
  /**
   * The transaction being executed; null when it was none. `index` is its place in the block, or among those offered
   * for one.
   */
  readonly transaction: { readonly hash: Uint8Array; readonly index: number } | null
  readonly engine: EngineName
  /** Class and words of the exception. */
  readonly error: string
  readonly stack: string | null
  /** The attempt before this one, on the other engine; null when this was the first. */
  readonly before: ExecutionFault | null
}

/**
 * The consequence. `executed-again`: the other engine gave the result. `left-out`: the block that was being built does
 * without the transaction. `voted-against`: a proposal could not be checked. `stops`: the block has a certificate.
 */
export type FaultConsequence = 'executed-again' | 'left-out' | 'voted-against' | 'stops'

/** "transaction 3 (0x12..) of block 7: RangeError: Maximum call stack size exceeded, on the compiled engine" */
export function faultText({ block, transaction, engine, error, before }: ExecutionFault): string {
  const where = transaction === null ? '' : `transaction ${transaction.index} (${toHex(transaction.hash)}) of `
  const first = before === null ? '' : `; before that, ${before.error}, on the ${before.engine} engine`
  return `${where}block ${block}: ${error}, on the ${engine} engine${first}`
}

/** Why a node stops that cannot execute what others have certified, and what its operator can do. */
export function stopText(fault: ExecutionFault): string {
  return (
    `the certified block cannot be executed here: ${faultText(fault)}. More than two thirds of the validators did execute ` +
    'it, so this node cannot go on without it. Give the machine more memory, or install a newer version, and start again; ' +
    'if that does not help, move the directory "chain" away and begin with a snapshot ("sync": "snapshot")'
  )
}
