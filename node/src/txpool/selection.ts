/** Which transactions go into the next block, and in which order: by tip, each sender's by nonce. */
import { TRANSACTION_GAS } from '../execution/fees.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { Heap } from './heap.ts'
import { comparePay, effectiveTip, type PooledTransaction } from './pooledTransaction.ts'
import type { SenderQueue } from './senderQueue.ts'

interface Cursor {
  readonly queue: SenderQueue
  readonly index: number
  readonly tx: PooledTransaction
}

export interface SelectionBounds {
  readonly gasLimit: bigint
  readonly baseFee: bigint
  readonly bytes: number
}

/**
 * Takes the best-paying transaction that may come next, over and over, until no more fit. One that does not fit ends
 * its sender's turn, since later nonces cannot run before it; of two that pay the same the older one comes first.
 */
export function selectTransactions(queues: Iterable<SenderQueue>, bounds: SelectionBounds): SenderTransaction[] {
  const { baseFee } = bounds
  const cursors: Cursor[] = []
  const add = (queue: SenderQueue, index: number, to: (cursor: Cursor) => void) => {
    const tx = index < queue.executable ? queue.at(index) : undefined
    if (tx !== undefined && effectiveTip(tx, baseFee) >= 0n) to({ queue, index, tx })
  }
  for (const queue of queues) add(queue, 0, (cursor) => cursors.push(cursor))
  const heap = new Heap<Cursor>((a, b) => {
    const pay = comparePay(a.tx, b.tx, baseFee)
    return pay === 0 ? a.tx.sequence < b.tx.sequence : pay > 0
  }, cursors)
  const selected: SenderTransaction[] = []
  let gas = bounds.gasLimit
  let bytes = bounds.bytes
  while (gas >= TRANSACTION_GAS) {
    const best = heap.pop()
    if (best === undefined) break
    const { transaction, raw } = best.tx
    if (transaction.gasLimit > gas || raw.length > bytes) continue
    gas -= transaction.gasLimit
    bytes -= raw.length
    selected.push(best.tx)
    add(best.queue, best.index + 1, (cursor) => heap.push(cursor))
  }
  return selected
}
