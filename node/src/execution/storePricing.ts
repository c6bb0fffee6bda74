/** The price of storing a word: EIP-2200's states of a slot, with the costs of EIP-2929 and the refunds of EIP-3529. */
import { equalBytes } from '../codec/bytes.ts'
import { COLD_SLOT_GAS, STORE_CLEAR_REFUND, STORE_RESET_GAS, STORE_SET_GAS, WARM_ACCESS_GAS } from './fees.ts'

export interface StorePrice {
  readonly gas: bigint
  /** Added to the refund counter; negative when an earlier refund is taken back. */
  readonly refund: bigint
}

/** `original` is the value when the transaction began, `current` before and `value` after the store. */
export function storePrice(original: Uint8Array, current: Uint8Array, value: Uint8Array, cold: boolean): StorePrice {
  const access = cold ? COLD_SLOT_GAS : 0n
  if (equalBytes(current, value)) return { gas: access + WARM_ACCESS_GAS, refund: 0n }
  if (equalBytes(original, current)) {
    if (isZero(original)) return { gas: access + STORE_SET_GAS, refund: 0n }
    return { gas: access + STORE_RESET_GAS, refund: isZero(value) ? STORE_CLEAR_REFUND : 0n }
  }
  let refund = 0n
  if (!isZero(original)) {
    if (isZero(current)) refund -= STORE_CLEAR_REFUND
    else if (isZero(value)) refund += STORE_CLEAR_REFUND
  }
  if (equalBytes(original, value)) {
    refund += (isZero(original) ? STORE_SET_GAS : STORE_RESET_GAS) - WARM_ACCESS_GAS
  }
  return { gas: access + WARM_ACCESS_GAS, refund }
}

function isZero(word: Uint8Array): boolean {
  return word.every((byte) => byte === 0)
}
