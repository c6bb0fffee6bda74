/**
 * Lists of byte strings as they go over the wire: gossip bundles and exchange messages. RLP, with the bounds checked
 * while decoding. A transaction is always a string here, a legacy one too.
 */
import { CodecError } from '../codec/codecError.ts'
import { decodeRlp, encodeRlp } from '../codec/rlp.ts'
import { bytesField, fixedBytesField, listField } from '../codec/rlpFields.ts'
import { BUNDLE_TRANSACTIONS } from './limits.ts'

export const HASH_BYTES = 32

/** RLP [raw transaction...]. */
export function encodeBundle(raws: readonly Uint8Array[]): Uint8Array {
  return encodeRlp(raws)
}

/** One to 512 transactions, not decoded further; views of `bytes`. @throws CodecError. */
export function decodeBundle(bytes: Uint8Array): readonly Uint8Array[] {
  const list = listField(decodeRlp(bytes, { maxDepth: 1, maxItems: BUNDLE_TRANSACTIONS + 1 }), 'bundle')
  if (list.length === 0) throw new CodecError('wrong-shape', 'bundle', 'an empty bundle')
  return list.map((item, index) => bytesField(item, `bundle[${index}]`))
}

/** Hashes one after the other, 32 bytes each. */
export function encodeHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(HASH_BYTES * hashes.length)
  for (const [index, hash] of hashes.entries()) bytes.set(hash, HASH_BYTES * index)
  return bytes
}

/** @throws CodecError when there is a rest, or more than `max`. */
export function decodeHashes(bytes: Uint8Array, max: number): readonly Uint8Array[] {
  if (bytes.length % HASH_BYTES !== 0 || bytes.length > max * HASH_BYTES) {
    throw new CodecError(
      'wrong-length',
      'hashes',
      `${bytes.length} bytes; a multiple of 32, at most ${max * HASH_BYTES}`,
    )
  }
  const hashes: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += HASH_BYTES) {
    hashes.push(fixedBytesField(bytes.subarray(at, at + HASH_BYTES), HASH_BYTES, 'hash'))
  }
  return hashes
}
