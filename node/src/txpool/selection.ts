/**
 * The transactions offered for the next block, and their order: the best-paying first, each sender's by nonce.
 *
 * Building tries all of it in this order and takes what fits what is left. How much that is nobody knows before: a
 * block is filled by the gas that transactions use, and their gas limits say only the most it can be.
 */
import { BLOCK_OVERHEAD_BYTES, MAX_BLOCK_BYTES, TRANSACTION_PREFIX_BYTES } from '../chain/limits.ts'
import { lowestBaseFee } from '../execution/baseFee.ts'
import { feeCap } from '../execution/checkTransaction.ts'
import { TRANSACTION_GAS } from '../execution/fees.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { Heap } from './heap.ts'
import { BULK_BYTES, OFFERED_BYTES, OFFERED_TRANSACTIONS, PASSED_OVER_ONE_BY_ONE } from './limits.ts'
import { effectiveTip, type PooledTransaction } from './pooledTransaction.ts'
import type { SenderQueue } from './senderQueue.ts'

interface Cursor {
  readonly queue: SenderQueue
  readonly index: number
  readonly tx: PooledTransaction
  /** Wei per gas; see {@link blockPay}. */
  readonly pay: bigint
  readonly cap: bigint
  /** The largest gas limit among those of this sender before it that may turn out not to fit; 0 when there is none. */
  readonly unsure: bigint
}

/**
 * Offers the best-paying transaction that may come next, over and over; of two that pay the same the older one comes first.
 *
 * `room` counts each with what any transaction uses at least. One whose gas limit is over it is passed over, and with it its
 * sender's later nonces, which cannot run before it. So however much or little of their limits those before it use, what
 * building has left is less than room + TRANSACTION_GAS at each of them (docs/rationale/txpool.md), and the end of the
 * list, where room is used up, is the end of the block. No gas limit keeps others out, and no more is offered than a block
 * could ever take.
 */
export function selectTransactions(
  queues: Iterable<SenderQueue>,
  gasLimit: bigint,
  baseFee: bigint,
): SenderTransaction[] {
  const cursors: Cursor[] = []
  const add = (queue: SenderQueue, index: number, unsure: bigint, to: (cursor: Cursor) => void) => {
    const tx = index < queue.executable ? queue.at(index) : undefined
    if (tx === undefined) return
    const tip = effectiveTip(tx, baseFee)
    if (tip < 0n) return
    to({ queue, index, tx, pay: blockPay(tx, tip, gasLimit), cap: feeCap(tx.transaction), unsure })
  }
  for (const queue of queues) add(queue, 0, 0n, (cursor) => cursors.push(cursor))
  const heap = new Heap<Cursor>(comesBefore, cursors)
  const offered: SenderTransaction[] = []
  let room = gasLimit
  /**
   * The same for bulk alone, counted with all the gas that its data costs: it bounds the bytes that are offered for nothing.
   */
  let bulkRoom = gasLimit
  /** Gas left if every transaction offered uses its whole limit. One that fits into it is in the block for sure. */
  let sureGas = gasLimit
  let sureBytes = MAX_BLOCK_BYTES - BLOCK_OVERHEAD_BYTES
  let bytes = OFFERED_BYTES
  const fits = (cursor: Cursor) =>
    needed(cursor) <= (isBulk(cursor.tx) && bulkRoom < room ? bulkRoom : room) && cursor.tx.raw.length <= bytes
  let passedOver = 0
  let patience = PASSED_OVER_ONE_BY_ONE
  while (room >= TRANSACTION_GAS && offered.length < OFFERED_TRANSACTIONS) {
    const best = heap.pop()
    if (best === undefined) break
    if (!fits(best)) {
      if (++passedOver < patience) continue
      // None of them will fit later: room only falls.
      heap.retain(fits)
      passedOver = 0
      patience *= 2
      continue
    }
    const { tx, queue, index } = best
    const limit = tx.transaction.gasLimit
    const isSure = best.unsure === 0n && limit <= sureGas
    offered.push(tx)
    room -= TRANSACTION_GAS
    bytes -= tx.raw.length
    if (isBulk(tx)) bulkRoom -= tx.leastGas
    sureGas -= limit
    sureBytes -= tx.raw.length + TRANSACTION_PREFIX_BYTES
    // Bytes are used or not; of a sender whose next may have no place among them the rest waits for the next block.
    if (sureBytes >= 0) add(queue, index + 1, isSure ? 0n : needed(best), (cursor) => heap.push(cursor))
  }
  return offered
}

/**
 * Whether one of them can be in the next block, or in one after it: empty blocks bring the base fee down, but not below
 * what others can have raised it from. Blocks that are made for one that never can would have no end.
 */
export function someCanRun(queues: Iterable<SenderQueue>, baseFee: bigint): boolean {
  const lowest = lowestBaseFee(baseFee)
  for (const queue of queues) {
    const first = queue.executable > 0 ? queue.at(0) : undefined
    if (first !== undefined && feeCap(first.transaction) >= lowest) return true
  }
  return false
}

/** Gas that has to be left: it does not run either if one before it does not fit. */
function needed({ tx, unsure }: Cursor): bigint {
  const { gasLimit } = tx.transaction
  return gasLimit > unsure ? gasLimit : unsure
}

function isBulk({ raw }: PooledTransaction): boolean {
  return raw.length > BULK_BYTES
}

function comesBefore(a: Cursor, b: Cursor): boolean {
  if (a.pay !== b.pay) return a.pay > b.pay
  if (a.cap !== b.cap) return a.cap > b.cap
  return a.tx.sequence < b.tx.sequence
}

/**
 * The tip, wei per gas. One that takes a larger part of a block's bytes than of its gas is counted by the bytes: zeros
 * cost so little gas that somebody could fill all bytes with a quarter of the gas, at a quarter of the price.
 */
function blockPay(tx: PooledTransaction, tip: bigint, gasLimit: bigint): bigint {
  const gasOfBytes = (BigInt(tx.raw.length) * gasLimit) / BigInt(MAX_BLOCK_BYTES)
  return gasOfBytes > tx.leastGas ? (tip * tx.leastGas) / gasOfBytes : tip
}
