/**
 * Senders by how many of their transactions cannot run. These pay nothing while they wait, and may offer any tip, so where
 * there is no more room for them it is shared by senders: each of them has to own what its transactions may cost.
 */
import { refuse } from './checks.ts'
import type { PooledTransaction } from './pooledTransaction.ts'
import type { SenderQueue } from './senderQueue.ts'

export const FULL_OF_GAPS = refuse(
  'pool-full',
  'txpool is full of transactions that cannot run, and this sender has its share of them: fill the gap before this nonce, or wait',
  'unfit',
)

export class WaitingSenders {
  /** How many each sender has; without those that have none. */
  readonly #counts = new Map<SenderQueue, number>()
  readonly #byCount = new Map<number, Set<SenderQueue>>()
  /** No sender has more. */
  #most = 0

  /** To be told after each change of a queue. */
  changed(queue: SenderQueue): void {
    const before = this.#counts.get(queue) ?? 0
    const now = queue.waiting
    if (now === before) return
    this.#take(queue, before)
    if (now === 0) return
    this.#counts.set(queue, now)
    const same = this.#byCount.get(now) ?? new Set()
    this.#byCount.set(now, same.add(queue))
    if (now > this.#most) this.#most = now
  }

  /** The pool begins anew. */
  clear(): void {
    this.#counts.clear()
    this.#byCount.clear()
    this.#most = 0
  }

  /** The sender with the most, and of several the one that has had so many for longest; undefined when nothing waits. */
  most(): SenderQueue | undefined {
    for (; this.#most > 0; this.#most--) {
      const [first] = this.#byCount.get(this.#most) ?? []
      if (first !== undefined) return first
    }
    return undefined
  }

  /**
   * The transaction that makes room for one more of a sender that cannot run: the last one of the sender with the most; of
   * this sender itself, when nobody has more and the new nonce is below its last one. Null when there is no such
   * transaction, so that the new one is refused. `worst` when every sender has one and this one has none: tips decide.
   */
  givesWay(queue: SenderQueue, nonce: bigint): PooledTransaction | null | 'worst' {
    const most = this.most()
    if (most === undefined || (most.waiting === 1 && queue.waiting === 0)) return 'worst'
    if (most.waiting > queue.waiting + 1) return most.last ?? null
    const { last } = queue
    return queue.waiting > 0 && last !== undefined && last.transaction.nonce > nonce ? last : null
  }

  #take(queue: SenderQueue, count: number): void {
    this.#counts.delete(queue)
    const same = this.#byCount.get(count)
    same?.delete(queue)
    if (same?.size === 0) this.#byCount.delete(count)
  }
}
