/** 256-bit words at the border between bigint and big-endian bytes. */

/** 2^256. */
export const WORD_MODULUS = 1n << 256n

/** Big-endian bytes of any length as an unsigned number. */
export function bytesToWord(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let value = 0n
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) value = (value << 64n) | view.getBigUint64(at, false)
  for (; at < bytes.length; at++) value = (value << 8n) | BigInt(view.getUint8(at))
  return value
}

/** An unsigned number below 2^256 as 32 bytes, big-endian. */
export function wordToBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  const view = new DataView(bytes.buffer)
  // Taken modulo 2^64; and most numbers end early.
  for (let at = 24, rest = value; at >= 0 && rest > 0n; at -= 8, rest >>= 64n) view.setBigUint64(at, rest, false)
  return bytes
}
