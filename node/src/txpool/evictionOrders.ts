/**
 * The order in which transactions leave a full pool: of all, of what cannot run, and of large transactions of each class.
 */
import { EvictionOrder } from './eviction.ts'
import { LARGE_CLASSES } from './limits.ts'
import type { PooledTransaction } from './pooledTransaction.ts'
import type { PoolRoom } from './poolRoom.ts'

/** `queued` has those of `every` that cannot run. */
export interface OrderPair {
  readonly every: EvictionOrder
  readonly queued: EvictionOrder
}

export interface OrderSource {
  all(): Iterable<PooledTransaction>
  isHeld(tx: PooledTransaction): boolean
  isExecutable(tx: PooledTransaction): boolean
}

export class EvictionOrders {
  readonly all: OrderPair
  /** By class. */
  readonly large: readonly OrderPair[]
  readonly #source: OrderSource
  readonly #room: PoolRoom

  constructor(source: OrderSource, room: PoolRoom) {
    this.#source = source
    this.#room = room
    this.all = pairOf(source, () => true)
    this.large = Array.from({ length: LARGE_CLASSES }, (_, index) =>
      pairOf(source, (tx) => room.largeClass(tx) === index),
    )
  }

  added(tx: PooledTransaction): void {
    const index = this.#room.largeClass(tx)
    for (const { every, queued } of index === null ? [this.all] : [this.all, this.large[index]!]) {
      every.added(tx)
      if (!this.#source.isExecutable(tx)) queued.added(tx)
    }
  }

  /** The base fee changed. */
  reset(): void {
    for (const { every, queued } of [this.all, ...this.large]) {
      every.reset()
      queued.reset()
    }
  }

  /** A transaction that could run cannot any more: the orders have not heard of it as a candidate. */
  resetQueued(): void {
    for (const { queued } of [this.all, ...this.large]) queued.reset()
  }
}

function pairOf({ all, isHeld, isExecutable }: OrderSource, isOne: (tx: PooledTransaction) => boolean): OrderPair {
  const isCandidate = (tx: PooledTransaction) => isHeld(tx) && isOne(tx)
  return {
    every: new EvictionOrder(all, isCandidate),
    queued: new EvictionOrder(all, (tx) => isCandidate(tx) && !isExecutable(tx)),
  }
}
