/** 256-bit words at the border between bigint and big-endian bytes. */

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
  // By way of its digits: two to five times as fast as shifting the number.
  const digits = value.toString(16)
  let at = 31
  let i = digits.length - 1
  for (; i > 0; i -= 2) bytes[at--] = (digitAt(digits, i - 1) << 4) | digitAt(digits, i)
  if (i === 0) bytes[at] = digitAt(digits, 0)
  return bytes
}

function digitAt(digits: string, i: number): number {
  const code = digits.charCodeAt(i)
  return code < 0x3a ? code - 0x30 : code - 0x57
}
