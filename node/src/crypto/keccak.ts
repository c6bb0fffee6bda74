import { slots } from './provider.ts'

/**
 * Keccak-256 as Ethereum uses it (original padding, not SHA3-256). 32 bytes.
 *
 * @example
 * ```ts
 * import { keccak256 } from '@touchstone/node'
 *
 * Buffer.from(keccak256(new Uint8Array(0))).toString('hex').slice(0, 16) // => 'c5d2460186f7233c'
 * ```
 */
export function keccak256(data: Uint8Array): Uint8Array {
  return slots.keccak256(data)
}

/** keccak256 of nothing: the code hash of an account without code. */
export const EMPTY_CODE_HASH: Uint8Array = keccak256(new Uint8Array(0))
