/**
 * The contents of the pool, counted as its bounds count: large transactions by the gas they reserve in blocks, in
 * classes, and all by their bytes.
 *
 * Why it is so: docs/rationale/txpool.md.
 */

import type { SenderTransaction } from '../types/transaction.ts'
import { LARGE_CLASSES, type TxPoolLimits } from './limits.ts'

export class PoolRoom {
  readonly #limits: TxPoolLimits
  readonly #blockGas: bigint
  #bytes = 0
  /** By class. */
  readonly #largeGas: bigint[] = new Array<bigint>(LARGE_CLASSES).fill(0n)

  /** `blockGas`: the gas limit of a block. */
  constructor(limits: TxPoolLimits, blockGas: bigint) {
    this.#limits = limits
    this.#blockGas = blockGas
  }

  /** The most gas that one sender's transactions may reserve together. */
  get senderGas(): bigint {
    return this.#limits.senderBlocks * this.#blockGas
  }

  /** 0 for a gas limit over a half of a block's, 1 over a quarter, and so on; null when it is not large. */
  largeClass({ transaction }: SenderTransaction): number | null {
    for (let index = 0; index < LARGE_CLASSES; index++) {
      if (transaction.gasLimit << BigInt(index + 1) > this.#blockGas) return index
    }
    return null
  }

  add(tx: SenderTransaction): void {
    this.#count(tx, 1)
  }

  remove(tx: SenderTransaction): void {
    this.#count(tx, -1)
  }

  /** Whether there are too many bytes with `tx`, which takes the place of `old`. */
  exceedsBytes(tx: SenderTransaction, old: SenderTransaction | undefined): boolean {
    return this.#bytes + tx.raw.length - (old?.raw.length ?? 0) > this.#limits.bytes
  }

  /**
   * The class of `tx` when its large transactions reserve too much with it, which takes the place of `old`; else null.
   * Never because of one that is not large.
   */
  exceededClass(tx: SenderTransaction, old: SenderTransaction | undefined): number | null {
    const index = this.largeClass(tx)
    if (index === null) return null
    const freed = old !== undefined && this.largeClass(old) === index ? old.transaction.gasLimit : 0n
    const reserved = this.#largeGas[index]! + tx.transaction.gasLimit - freed
    return reserved > this.#limits.largeBlocks * this.#blockGas ? index : null
  }

  #count(tx: SenderTransaction, sign: 1 | -1): void {
    this.#bytes += sign * tx.raw.length
    const index = this.largeClass(tx)
    if (index !== null) this.#largeGas[index]! += BigInt(sign) * tx.transaction.gasLimit
  }
}
