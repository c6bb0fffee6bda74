/**
 * The static dictionary (RFC 7932, section 8 and Appendix A): words of 4 to 24 bytes, a power of two of each length.
 * It is kept packed and unpacked at its first use: by what a host provides, as our decoder, which V8 has not optimised
 * then, took a third of what the genesis of a new chain did (runtime/zlibDictionary.ts).
 */
import { decodeStream, type WordSource } from './decode.ts'
import { PACKED_DICTIONARY } from './dictionaryData.ts'

export const DICTIONARY_BYTES = 122_784

/** Appendix A: by length of the word, the binary logarithm of how many there are; 0 for none. */
const COUNT_BITS = [0, 0, 0, 0, 10, 10, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 7, 7, 8, 7, 7, 6, 6, 5, 5] as const

/** By length: where its words begin. */
const OFFSETS: readonly number[] = COUNT_BITS.map((_, length) =>
  COUNT_BITS.slice(0, length).reduce((sum: number, bits, shorter) => sum + (bits === 0 ? 0 : shorter << bits), 0),
)

let dictionary: Uint8Array | null = null

export const dictionaryWord: WordSource = (length, reference) => {
  const bits = COUNT_BITS[length] ?? 0
  if (bits === 0) return null
  dictionary ??= unpackSooner(packedDictionary()) ?? unpackDictionary()
  const start = OFFSETS[length]! + (reference & ((1 << bits) - 1)) * length
  return { word: dictionary.subarray(start, start + length), transform: reference >>> bits }
}

/** Gives the bytes that {@link unpackDictionary} gives of {@link packedDictionary}, sooner; null where it cannot. */
export type DictionaryUnpacker = (packed: Uint8Array) => Uint8Array | null

let unpackSooner: DictionaryUnpacker = () => null

export function provideDictionary(unpack: DictionaryUnpacker): void {
  unpackSooner = unpack
}

export function unpackDictionary(): Uint8Array {
  const outcome = decodeStream(packedDictionary(), DICTIONARY_BYTES, () => null)
  if (!outcome.ok) throw new Error(`the static dictionary of Brotli does not unpack: ${outcome.code}`)
  return outcome.bytes
}

export function packedDictionary(): Uint8Array {
  const text = atob(PACKED_DICTIONARY)
  return Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
}
