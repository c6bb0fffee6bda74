/**
 * The static dictionary (RFC 7932, section 8 and Appendix A): words of 4 to 24 bytes, a power of two of each length.
 * It is kept packed and unpacked at its first use. Node's zlib does that where there is one: by our decoder, which V8 has
 * not optimised then, it was a third of what the genesis of a new chain took.
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
  dictionary ??= unpackByZlib() ?? unpackDictionary()
  const start = OFFSETS[length]! + (reference & ((1 << bits) - 1)) * length
  return { word: dictionary.subarray(start, start + length), transform: reference >>> bits }
}

/** The same bytes as {@link unpackDictionary} gives; null in a browser. */
export function unpackByZlib(): Uint8Array | null {
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib')
  if (zlib === undefined) return null
  // Not in the pool that small Buffers share.
  return new Uint8Array(zlib.brotliDecompressSync(packedDictionary(), { maxOutputLength: DICTIONARY_BYTES }))
}

export function unpackDictionary(): Uint8Array {
  const outcome = decodeStream(packedDictionary(), DICTIONARY_BYTES, () => null)
  if (!outcome.ok) throw new Error(`the static dictionary of Brotli does not unpack: ${outcome.code}`)
  return outcome.bytes
}

function packedDictionary(): Uint8Array {
  const text = atob(PACKED_DICTIONARY)
  return Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
}
