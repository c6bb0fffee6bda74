/**
 * Chooses which transactions leave a full pool: those that cannot run yet before those that can, and those that pay
 * worse before those that pay better.
 */
import type { SenderTransaction } from '../types/transaction.ts'
import { type Refusal, refuse } from './checks.ts'
import type { EvictionOrder } from './eviction.ts'
import type { EvictionOrders, OrderPair } from './evictionOrders.ts'
import type { TxPoolLimits } from './limits.ts'
import { comparePay, effectiveTip, type PooledTransaction } from './pooledTransaction.ts'
import type { PoolRoom } from './poolRoom.ts'
import type { SenderQueue } from './senderQueue.ts'
import { FULL_OF_GAPS, type WaitingSenders } from './waitingSenders.ts'

/** The part of a pool it looks at, and the way it takes one out. */
export interface CrowdedPool {
  readonly limits: TxPoolLimits
  readonly room: PoolRoom
  readonly orders: EvictionOrders
  readonly waiting: WaitingSenders
  /** Transactions that it holds, and those of them that cannot run. */
  readonly counts: () => { readonly all: number; readonly queued: number }
  /** Of the next block, wei per gas. */
  readonly baseFee: () => bigint
  readonly discard: (tx: PooledTransaction, reason: string) => void
}

export class RoomMaker {
  readonly #pool: CrowdedPool

  constructor(pool: CrowdedPool) {
    this.#pool = pool
  }

  /** Null when there is room, made if need be by evicting what pays worse. */
  makeRoom(tx: SenderTransaction, queue: SenderQueue, old: PooledTransaction | undefined): Refusal | null {
    const { limits, room, orders, waiting, counts, discard } = this.#pool
    for (;;) {
      const excess = this.#senderExcess(tx, queue, old)
      if (excess === null) break
      const last = queue.last
      // The gap before the sender's later transactions can still be filled.
      if (last === undefined || last.transaction.nonce <= tx.transaction.nonce || queue.isExecutable(last)) {
        return refuse('sender-limit', excess, 'unfit')
      }
      discard(last, 'an earlier nonce of the same sender needs its place')
    }
    const canRun = old === undefined ? queue.continues(tx.transaction.nonce) : queue.isExecutable(old)
    if (old === undefined && !canRun) {
      while (counts().queued >= limits.queued) {
        const gone = waiting.givesWay(queue, tx.transaction.nonce)
        if (gone === null) return FULL_OF_GAPS
        if (gone !== 'worst') {
          discard(gone, 'its sender had the most that cannot run, or needs its place for an earlier nonce')
          continue
        }
        const refusal = this.#evictWorse(orders.all.queued, tx)
        if (refusal !== null) return refusal
      }
    }
    // A transaction that cannot run pays nothing while it waits: it gives way to those that can, and takes the place of
    // none.
    const evictOne = ({ every, queued }: OrderPair, what: string): Refusal | null => {
      const idle = canRun ? queued.worst(this.#pool.baseFee()) : undefined
      if (idle === undefined) return this.#evictWorse(canRun ? every : queued, tx, old, what)
      discard(idle, 'the pool is full and a transaction that can run came')
      return null
    }
    for (;;) {
      const large = room.exceededClass(tx, old)
      if (large === null) break
      const refusal = evictOne(orders.large[large]!, `full of gas limits over a block's / ${2 << large}`)
      if (refusal !== null) return refusal
    }
    const isFull = () => counts().all + (old === undefined ? 1 : 0) > limits.transactions || room.exceedsBytes(tx, old)
    while (isFull()) {
      const refusal = evictOne(orders.all, 'full')
      if (refusal !== null) return refusal
    }
    return null
  }

  /** Why the sender may not hold this one besides its others; null when it may. */
  #senderExcess(tx: SenderTransaction, queue: SenderQueue, old: PooledTransaction | undefined): string | null {
    const { limits, room } = this.#pool
    const { perSender, senderBlocks } = limits
    if (old === undefined && queue.size >= perSender) {
      return `txpool holds ${queue.size} transactions of this sender already, the most it takes`
    }
    const others = queue.totalGas - (old?.transaction.gasLimit ?? 0n)
    const { gasLimit } = tx.transaction
    if (others + gasLimit <= room.senderGas) return null
    return (
      `the gas limits of this sender's transactions in the txpool are ${others} together already; with ${gasLimit} more they ` +
      `would be over ${room.senderGas}, ${senderBlocks} times a block's. Set gas limits near to what is used, or wait for a block`
    )
  }

  #evictWorse(order: EvictionOrder, tx: SenderTransaction, spare?: PooledTransaction, what = 'full'): Refusal | null {
    const baseFee = this.#pool.baseFee()
    const worst = order.worst(baseFee)
    if (worst === undefined || worst === spare || comparePay(tx, worst, baseFee) <= 0) {
      const tip = worst === undefined ? 0n : effectiveTip(worst, baseFee)
      return refuse(
        'pool-full',
        `transaction underpriced: txpool is ${what} and its cheapest transaction tips ${tip}`,
        'unfit',
      )
    }
    this.#pool.discard(worst, 'the pool is full and a transaction that pays better came')
    return null
  }
}
