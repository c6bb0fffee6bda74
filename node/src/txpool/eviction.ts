/**
 * Finds what has to go when the pool is full: the worst-paying transaction at the current base fee, of two that pay
 * the same the newer one. The order is built when it is first needed and thrown away when the base fee changes; in
 * between, entries that left the pool are skipped when they come up.
 */
import { Heap } from './heap.ts'
import { comparePay, type PooledTransaction } from './pooledTransaction.ts'

export class EvictionOrder {
  readonly #isCandidate: (tx: PooledTransaction) => boolean
  readonly #candidates: () => Iterable<PooledTransaction>
  #heap: Heap<PooledTransaction> | null = null

  constructor(candidates: () => Iterable<PooledTransaction>, isCandidate: (tx: PooledTransaction) => boolean) {
    this.#candidates = candidates
    this.#isCandidate = isCandidate
  }

  /** The base fee changed, or transactions became candidates without being added here. */
  reset(): void {
    this.#heap = null
  }

  added(tx: PooledTransaction): void {
    this.#heap?.push(tx)
  }

  /** The worst-paying candidate; undefined when there is none. */
  worst(baseFee: bigint): PooledTransaction | undefined {
    this.#heap ??= new Heap(
      (a, b) => {
        const pay = comparePay(a, b, baseFee)
        return pay === 0 ? a.sequence > b.sequence : pay < 0
      },
      [...this.#candidates()].filter(this.#isCandidate),
    )
    for (;;) {
      const top = this.#heap.peek()
      if (top === undefined || this.#isCandidate(top)) return top
      this.#heap.pop()
    }
  }
}
