import type { ByWord, PrecompilePrices } from './prices.ts'

/** A contract the protocol provides at a fixed address. */
export interface Precompile {
  readonly name: string
  /** Price of an input of any length, before anything is done with it. */
  gas(input: Uint8Array, prices: PrecompilePrices): bigint
  /** The output, or null when the input is invalid: the call fails and burns its gas. */
  run(input: Uint8Array): Uint8Array | null
}

/** Gas by the started 32-byte word. */
export function byWord({ base, perWord }: ByWord, input: Uint8Array): bigint {
  return base + perWord * BigInt(Math.ceil(input.length / 32))
}

/** `length` bytes at `offset`, zeros where the input has ended, as the EVM reads calldata. */
export function paddedSlice(input: Uint8Array, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  if (offset < input.length) bytes.set(input.subarray(offset, Math.min(offset + length, input.length)))
  return bytes
}
