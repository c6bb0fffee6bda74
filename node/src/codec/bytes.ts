/** Plain functions on byte strings. Integers are unsigned and big-endian throughout. */

export const EMPTY_BYTES = new Uint8Array(0)

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Engines of 2025 and later write hex natively, about ten times as fast; the loop below gives the same string. */
const nativeToHex = (Uint8Array.prototype as { toHex?: (this: Uint8Array) => string }).toHex

/** Lower-case hex without `0x`: the key of a byte string in a Map or Set. */
export function keyOf(bytes: Uint8Array): string {
  if (nativeToHex !== undefined) return nativeToHex.call(bytes)
  let text = ''
  for (const byte of bytes) text += HEX_OF_BYTE[byte]
  return text
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/**
 * How many of the bytes are not zero. Four at a time: a transaction may have two million, and is asked for them in
 * several places.
 */
export function countNonzero(bytes: Uint8Array): number {
  const words = bytes.length >>> 2
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let count = 0
  for (let word = 0; word < words; word++) {
    const value = view.getUint32(4 * word)
    // The highest bit of each byte that is not zero: by the sum where it has lower bits, by itself where it has that one.
    const highest = (((value & 0x7f7f7f7f) + 0x7f7f7f7f) | value) & 0x80808080
    count += Math.imul(highest >>> 7, 0x01010101) >>> 24
  }
  for (let index = 4 * words; index < bytes.length; index++) if (bytes[index] !== 0) count += 1
  return count
}

/** Lexicographic order of unsigned bytes; a proper prefix comes first. Negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** The bytes as a plain Uint8Array over the same memory, so that `subarray` of a Node Buffer stays plain too. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Numbers of up to 256 bits are read and written here, as a view of a short array's own buffer makes the engine give it one
 * outside of the heap first, which takes longer than all the rest and has to be freed.
 */
const word = new Uint8Array(32)
const wordView = new DataView(word.buffer)

/**
 * `length` bytes, zero-padded on the left.
 * @throws RangeError when the value is negative or does not fit: a caller's bug, not bad input.
 */
export function bigintToBytes(value: bigint, length: number): Uint8Array {
  if (value < 0n) throw new RangeError(`bigintToBytes: ${value} is negative`)
  if (length > word.length) return longBytes(value, length)
  let rest = value
  for (let at = word.length - 8; at >= 0; at -= 8) {
    if (rest === 0n) {
      word.fill(0, 0, at + 8)
      break
    }
    wordView.setBigUint64(at, BigInt.asUintN(64, rest), false)
    rest >>= 64n
  }
  if (rest !== 0n) throw doesNotFit(length)
  for (let at = 0; at < word.length - length; at++) if (word[at] !== 0) throw doesNotFit(length)
  return word.slice(word.length - length)
}

function longBytes(value: bigint, length: number): Uint8Array {
  const out = new Uint8Array(length)
  let rest = value
  let at = length
  const view = new DataView(out.buffer)
  while (at >= 8) {
    at -= 8
    view.setBigUint64(at, BigInt.asUintN(64, rest), false)
    rest >>= 64n
  }
  while (at > 0) {
    at -= 1
    out[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  if (rest !== 0n) throw doesNotFit(length)
  return out
}

function doesNotFit(length: number): RangeError {
  return new RangeError(`bigintToBytes: value needs more than ${length} bytes`)
}

/** Without leading zeros; the empty string for 0. RLP's integer. */
export function bigintToMinimalBytes(value: bigint): Uint8Array {
  if (value === 0n) return EMPTY_BYTES
  if (value < 0n) throw new RangeError(`bigintToMinimalBytes: ${value} is negative`)
  if (value <= 0xffffffffn) {
    const small = Number(value)
    const length = small > 0xffffff ? 4 : small > 0xffff ? 3 : small > 0xff ? 2 : 1
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i++) out[i] = small >>> (8 * (length - 1 - i))
    return out
  }
  return bigintToBytes(value, (value.toString(16).length + 1) >> 1)
}

/** 0 for the empty string. */
export function bytesToBigint(bytes: Uint8Array): bigint {
  const length = bytes.length
  if (length <= 6) {
    let small = 0
    for (let i = 0; i < length; i++) small = small * 256 + bytes[i]!
    return BigInt(small)
  }
  if (length <= word.length) {
    word.fill(0, 0, word.length - length)
    word.set(bytes, word.length - length)
    let value = wordView.getBigUint64(24, false)
    if (length > 8) value |= wordView.getBigUint64(16, false) << 64n
    if (length > 16) value |= wordView.getBigUint64(8, false) << 128n
    if (length > 24) value |= wordView.getBigUint64(0, false) << 192n
    return value
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  let at = length & 7
  let value = 0n
  for (let i = 0; i < at; i++) value = (value << 8n) | BigInt(bytes[i]!)
  for (; at < length; at += 8) value = (value << 64n) | view.getBigUint64(at, false)
  return value
}
