/** What the pool holds, counted as its bounds count: a large transaction by the gas it reserves in blocks, and all by their bytes. */

import type { SenderTransaction } from '../types/transaction.ts'
import { LARGE_PART, type TxPoolLimits } from './limits.ts'

export class PoolRoom {
  readonly #limits: TxPoolLimits
  readonly #blockGas: bigint
  #bytes = 0
  #largeGas = 0n

  /** `blockGas`: the gas limit of a block. */
  constructor(limits: TxPoolLimits, blockGas: bigint) {
    this.#limits = limits
    this.#blockGas = blockGas
  }

  /** The most gas that one sender's transactions may reserve together. */
  get senderGas(): bigint {
    return this.#limits.senderBlocks * this.#blockGas
  }

  isLarge({ transaction }: SenderTransaction): boolean {
    return transaction.gasLimit * LARGE_PART > this.#blockGas
  }

  add(tx: SenderTransaction): void {
    this.#bytes += tx.raw.length
    if (this.isLarge(tx)) this.#largeGas += tx.transaction.gasLimit
  }

  remove(tx: SenderTransaction): void {
    this.#bytes -= tx.raw.length
    if (this.isLarge(tx)) this.#largeGas -= tx.transaction.gasLimit
  }

  /** Whether there are too many bytes with `tx`, which takes the place of `old`. */
  exceedsBytes(tx: SenderTransaction, old: SenderTransaction | undefined): boolean {
    return this.#bytes + tx.raw.length - (old?.raw.length ?? 0) > this.#limits.bytes
  }

  /** Whether large transactions reserve too much with `tx`, which takes the place of `old`. Never because of one that is not large. */
  exceedsLargeGas(tx: SenderTransaction, old: SenderTransaction | undefined): boolean {
    if (!this.isLarge(tx)) return false
    const freed = old !== undefined && this.isLarge(old) ? old.transaction.gasLimit : 0n
    return this.#largeGas + tx.transaction.gasLimit - freed > this.#limits.largeBlocks * this.#blockGas
  }
}
