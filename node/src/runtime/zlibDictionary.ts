/** Brotli's static dictionary by Node's zlib, in a millisecond. */
import { DICTIONARY_BYTES } from '../codec/brotli/dictionary.ts'
import { equalBytes } from '../codec/bytes.ts'
import { fromHex } from '../codec/hex.ts'
import { keccak256 } from '../crypto/keccak.ts'

/** keccak256 of the dictionary of RFC 7932, Appendix A. */
const DICTIONARY_HASH = fromHex('0x1aedcad9f01d3a1866833f8fa3bfee6ee9cb2183d6873db22cfd786fcff0a258')

/** For `provideDictionary`. Null where this zlib gives other bytes: codes are unpacked with them on every node. */
export function unpackDictionaryByZlib(packed: Uint8Array): Uint8Array | null {
  // Loaded where it is needed: a thread that unpacks no contract starts without it.
  const { brotliDecompressSync } = process.getBuiltinModule('node:zlib')
  // Not in the pool that small Buffers share.
  const dictionary = new Uint8Array(brotliDecompressSync(packed, { maxOutputLength: DICTIONARY_BYTES }))
  return equalBytes(keccak256(dictionary), DICTIONARY_HASH) ? dictionary : null
}
