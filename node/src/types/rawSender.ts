/**
 * The sender of a transaction from its bytes, which were decoded before: what was signed is these bytes without the last
 * three fields, so nothing needs to be decoded to numbers and encoded again.
 */
import { bytesToBigint, concatBytes, EMPTY_BYTES } from '../codec/bytes.ts'
import { decodeRlpListMembers, encodeRlp, rlpPrefixLength, writeRlpListPrefix } from '../codec/rlp.ts'
import { integerItem } from '../codec/rlpFields.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { recoverSigner } from '../crypto/secp256k1.ts'

/** Parity or v, r, s. */
const SIGNATURE_FIELDS = 3
/** First bytes in RLP. */
const FIRST_OF_STRINGS = 0x80
const FIRST_OF_LISTS = 0xc0
const FIRST_PROTECTED_V = 35n
const LONGEST_INTEGER = 32

/**
 * 20 bytes, or null when no key could have made the signature. The same as decoding and `recoverSender`, for bytes that
 * `decodeTransaction` takes. @throws CodecError, RangeError for others.
 */
export function recoverRawSender(raw: Uint8Array): Uint8Array | null {
  const isLegacy = raw[0]! >= FIRST_OF_LISTS
  const list = isLegacy ? raw : raw.subarray(1)
  const members = decodeRlpListMembers(list)
  const signatureAt = members.length - SIGNATURE_FIELDS
  const [last, r, s] = members.slice(signatureAt).map(payloadOf) as [Uint8Array, Uint8Array, Uint8Array]
  const fields = list.subarray(
    members[0]!.byteOffset - list.byteOffset,
    members[signatureAt]!.byteOffset - list.byteOffset,
  )
  const v = isLegacy ? bytesToBigint(last) : null
  const suffix = v === null ? EMPTY_BYTES : protectionOf(v)
  const parity = v === null ? last.length : Number((v + 1n) & 1n)
  const length = fields.length + suffix.length
  const start = isLegacy ? 0 : 1
  const signed = new Uint8Array(start + rlpPrefixLength(length) + length)
  if (!isLegacy) signed[0] = raw[0]!
  const at = writeRlpListPrefix(signed, start, length)
  signed.set(fields, at)
  signed.set(suffix, at + fields.length)
  const signature = new Uint8Array(2 * LONGEST_INTEGER)
  signature.set(r, LONGEST_INTEGER - r.length)
  signature.set(s, 2 * LONGEST_INTEGER - s.length)
  return recoverSigner(keccak256(signed), signature, parity === 1 ? 1 : 0)
}

/** Of an integer, which has no long form. */
function payloadOf(member: Uint8Array): Uint8Array {
  return member[0]! < FIRST_OF_STRINGS ? member : member.subarray(1)
}

/** The fields that EIP-155 has signed behind the others; none where v is 27 or 28. */
function protectionOf(v: bigint): Uint8Array {
  if (v < FIRST_PROTECTED_V) return EMPTY_BYTES
  const chainId = integerItem((v - FIRST_PROTECTED_V) >> 1n)
  return concatBytes(encodeRlp(chainId), encodeRlp(EMPTY_BYTES), encodeRlp(EMPTY_BYTES))
}
