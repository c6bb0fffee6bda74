/** A transaction in the pool, and how transactions compare by what they pay. */
import { feeCap, maximumCost, tipCap } from '../execution/checkTransaction.ts'
import { leastGasLimit } from '../execution/fees.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { withOwnBytes } from './ownBytes.ts'

export interface PooledTransaction extends SenderTransaction {
  /** Hash as a map key. */
  readonly key: string
  /** The most it can cost its sender, wei. */
  readonly cost: bigint
  /** The least gas limit it could have: about the least it can use (refunds may take up to a fifth, down to its floor). */
  readonly leastGas: bigint
  /** Order of arrival. */
  readonly sequence: number
  /** Milliseconds, monotonic. */
  readonly arrived: number
  readonly origin: 'local' | 'peer'
  /** Whether listeners were told that it can run. */
  announced: boolean
}

/** Over bytes of its own: the source of the decoding may be a whole bundle. */
export function pooled(
  tx: SenderTransaction,
  fields: Pick<PooledTransaction, 'key' | 'sequence' | 'arrived' | 'origin'>,
): PooledTransaction {
  return {
    ...withOwnBytes(tx),
    sender: tx.sender,
    ...fields,
    cost: maximumCost(tx.transaction),
    leastGas: leastGasLimit(tx.transaction),
    announced: false,
  }
}

/** Wei per gas the proposer would get at this base fee; negative when the transaction does not even cover it. */
export function effectiveTip(tx: SenderTransaction, baseFee: bigint): bigint {
  const left = feeCap(tx.transaction) - baseFee
  const tip = tipCap(tx.transaction)
  return tip < left ? tip : left
}

/** Positive when `a` pays better than `b`, by tip and then by fee cap; 0 when they pay the same. */
export function comparePay(a: SenderTransaction, b: SenderTransaction, baseFee: bigint): number {
  const tips = effectiveTip(a, baseFee) - effectiveTip(b, baseFee)
  if (tips !== 0n) return tips > 0n ? 1 : -1
  const caps = feeCap(a.transaction) - feeCap(b.transaction)
  return caps === 0n ? 0 : caps > 0n ? 1 : -1
}

/** Whether `next` raises both fee caps of `old` enough to take its place. */
export function replaces(next: SenderTransaction, old: SenderTransaction, bumpPercent: bigint): boolean {
  const enough = (after: bigint, before: bigint) => after > before && after * 100n >= before * (100n + bumpPercent)
  return (
    enough(feeCap(next.transaction), feeCap(old.transaction)) &&
    enough(tipCap(next.transaction), tipCap(old.transaction))
  )
}
