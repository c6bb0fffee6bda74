/**
 * Recursive Length Prefix: Ethereum's encoding of nested byte strings (Yellow Paper, appendix B).
 *
 * Every item has exactly one encoding and decoding refuses all others, so equal hashes mean equal items and whatever
 * was decoded may be hashed from the bytes it came in. Decoding copies nothing: strings are views of the input.
 */
import { plainBytes } from './bytes.ts'
import { CodecError } from './codecError.ts'

export { CodecError } from './codecError.ts'

export type RlpItem = Uint8Array | readonly RlpItem[]

/** The deepest thing this chain encodes is a block's legacy transaction (4); embedded trie nodes stay below 10. */
export const MAX_RLP_DEPTH = 64
/** Bounds memory: an item of one byte costs over a hundred once decoded. A full block of 30 M gas has about 35 000. */
export const MAX_RLP_ITEMS = 131_072
/** Above every message limit of the network. */
export const MAX_RLP_BYTES = 16 * 1024 * 1024

export interface RlpLimits {
  readonly maxDepth?: number
  readonly maxItems?: number
  readonly maxBytes?: number
}

/** One item, nothing after it. @throws CodecError. */
export function decodeRlp(bytes: Uint8Array, limits: RlpLimits = {}): RlpItem {
  const input = plainBytes(bytes)
  checkSize(input, limits)
  const decoder = new Decoder(input, limits.maxDepth ?? MAX_RLP_DEPTH, limits.maxItems ?? MAX_RLP_ITEMS)
  const item = decoder.item(0, input.length, 0)
  if (decoder.end !== input.length) throw trailing(decoder.end, input.length)
  return item
}

/** A list, nothing after it: the encodings of its members, not decoded further. @throws CodecError. */
export function decodeRlpListMembers(bytes: Uint8Array, limits: RlpLimits = {}): Uint8Array[] {
  const input = plainBytes(bytes)
  checkSize(input, limits)
  const maxItems = limits.maxItems ?? MAX_RLP_ITEMS
  const outer = readPrefix(input, 0, input.length)
  if (!outer.isList) throw new CodecError('wrong-shape', '', 'a byte string where a list belongs')
  if (outer.end !== input.length) throw trailing(outer.end, input.length)
  const members: Uint8Array[] = []
  let at = outer.start
  while (at < outer.end) {
    if (members.length >= maxItems) throw tooMany(maxItems)
    const { end } = readPrefix(input, at, outer.end)
    members.push(input.subarray(at, end))
    at = end
  }
  return members
}

/**
 * The first members of a list, which are byte strings. What follows them is not looked at, in the list or behind it.
 * @throws CodecError.
 */
export function decodeRlpFirstStrings(bytes: Uint8Array, count: number): Uint8Array[] {
  const input = plainBytes(bytes)
  const { isList, start } = readPrefix(input, 0, input.length)
  if (!isList) throw new CodecError('wrong-shape', '', 'a byte string where a list belongs')
  let at = start
  return Array.from({ length: count }, () => {
    const member = readPrefix(input, at, input.length)
    if (member.isList) throw new CodecError('wrong-shape', '', 'a list where a byte string belongs')
    at = member.end
    return input.subarray(member.start, member.end)
  })
}

/** True when the first byte announces a list. */
export function isRlpList(encoded: Uint8Array): boolean {
  return encoded.length > 0 && encoded[0]! >= 0xc0
}

export function encodeRlp(item: RlpItem): Uint8Array {
  if (item instanceof Uint8Array) {
    const out = new Uint8Array(rlpStringLength(item))
    writeRlpString(out, 0, item)
    return out
  }
  const payloads: number[] = []
  const out = new Uint8Array(measure(item, payloads))
  write(item, payloads, { next: 0 }, out, 0)
  return out
}

/** Length of a byte string's encoding. */
export function rlpStringLength(bytes: Uint8Array): number {
  return bytes.length === 1 && bytes[0]! < 0x80 ? 1 : rlpPrefixLength(bytes.length) + bytes.length
}

/** Length of the prefix before a payload, of a list or of a string other than a single byte below 0x80. */
export function rlpPrefixLength(payloadLength: number): number {
  if (payloadLength < 56) return 1
  return payloadLength < 0x100 ? 2 : payloadLength < 0x10000 ? 3 : payloadLength < 0x1000000 ? 4 : 5
}

/** Returns the offset after what it wrote. */
export function writeRlpString(out: Uint8Array, offset: number, bytes: Uint8Array): number {
  if (bytes.length === 1 && bytes[0]! < 0x80) {
    out[offset] = bytes[0]!
    return offset + 1
  }
  const start = writePrefix(out, offset, bytes.length, 0x80)
  out.set(bytes, start)
  return start + bytes.length
}

/** Returns the offset of the list's first member. */
export function writeRlpListPrefix(out: Uint8Array, offset: number, payloadLength: number): number {
  return writePrefix(out, offset, payloadLength, 0xc0)
}

function writePrefix(out: Uint8Array, offset: number, length: number, base: 0x80 | 0xc0): number {
  if (length < 56) {
    out[offset] = base + length
    return offset + 1
  }
  const size = rlpPrefixLength(length) - 1
  out[offset] = base + 55 + size
  for (let i = 0; i < size; i++) out[offset + 1 + i] = length >>> (8 * (size - 1 - i))
  return offset + 1 + size
}

/** First pass: the length of the encoding; `payloads` gets the payload length of every list in the order of writing. */
function measure(item: RlpItem, payloads: number[]): number {
  if (item instanceof Uint8Array) return rlpStringLength(item)
  const slot = payloads.length
  payloads.push(0)
  let payload = 0
  for (const member of item) payload += measure(member, payloads)
  payloads[slot] = payload
  return rlpPrefixLength(payload) + payload
}

/** Second pass, into one buffer of the measured size. */
function write(item: RlpItem, payloads: readonly number[], cursor: { next: number }, out: Uint8Array, at: number) {
  if (item instanceof Uint8Array) return writeRlpString(out, at, item)
  const payload = payloads[cursor.next++]!
  let offset = writeRlpListPrefix(out, at, payload)
  for (const member of item) offset = write(member, payloads, cursor, out, offset)
  return offset
}

interface Prefix {
  readonly isList: boolean
  /** Offset of the payload. */
  readonly start: number
  /** Offset after the payload. */
  readonly end: number
}

/** Reads and checks the prefix at `at`, inside a container that ends at `limit`. */
function readPrefix(input: Uint8Array, at: number, limit: number): Prefix {
  if (at >= limit) throw truncated(at, 'no item')
  const first = input[at]!
  if (first < 0x80) return { isList: false, start: at, end: at + 1 }
  const isList = first >= 0xc0
  const short = first - (isList ? 0xc0 : 0x80)
  if (short < 56) {
    const start = at + 1
    const end = start + short
    if (end > limit) throw truncated(at, `${short} bytes announced, ${limit - start} there`)
    if (!isList && short === 1 && input[start]! < 0x80) {
      throw notCanonical(at, 'a single byte below 0x80 stands for itself')
    }
    return { isList, start, end }
  }
  const lengthSize = short - 55
  const start = at + 1 + lengthSize
  if (start > limit) throw truncated(at, `a length of ${lengthSize} bytes announced, ${limit - at - 1} there`)
  if (input[at + 1] === 0) throw notCanonical(at, 'a length with a leading zero')
  let length = 0
  for (let i = at + 1; i < start; i++) length = length * 256 + input[i]!
  if (length < 56) throw notCanonical(at, `the long form for a length of ${length}`)
  if (length > limit - start) throw truncated(at, `${length} bytes announced, ${limit - start} there`)
  return { isList, start, end: start + length }
}

class Decoder {
  /** Offset after the item read last. */
  end = 0
  readonly #input: Uint8Array
  readonly #maxDepth: number
  readonly #maxItems: number
  #items = 0

  constructor(input: Uint8Array, maxDepth: number, maxItems: number) {
    this.#input = input
    this.#maxDepth = maxDepth
    this.#maxItems = maxItems
  }

  item(at: number, limit: number, depth: number): RlpItem {
    if (++this.#items > this.#maxItems) throw tooMany(this.#maxItems)
    const { isList, start, end } = readPrefix(this.#input, at, limit)
    if (!isList) {
      this.end = end
      return this.#input.subarray(start, end)
    }
    if (depth >= this.#maxDepth) {
      throw new CodecError('rlp-too-deep', '', `offset ${at}: lists nested deeper than ${this.#maxDepth}`)
    }
    const members: RlpItem[] = []
    let next = start
    while (next < end) {
      members.push(this.item(next, end, depth + 1))
      next = this.end
    }
    this.end = end
    return members
  }
}

function checkSize(input: Uint8Array, limits: RlpLimits): void {
  const maxBytes = limits.maxBytes ?? MAX_RLP_BYTES
  if (input.length > maxBytes) {
    throw new CodecError('rlp-too-large', '', `${input.length} bytes, at most ${maxBytes} are allowed`)
  }
}

function truncated(at: number, detail: string): CodecError {
  return new CodecError('rlp-truncated', '', `offset ${at}: RLP ends too early, ${detail}`)
}

function notCanonical(at: number, detail: string): CodecError {
  return new CodecError('rlp-not-canonical', '', `offset ${at}: not the shortest RLP, ${detail}`)
}

function trailing(end: number, length: number): CodecError {
  return new CodecError('rlp-trailing-bytes', '', `offset ${end}: ${length - end} bytes after the end of the item`)
}

function tooMany(maxItems: number): CodecError {
  return new CodecError('rlp-too-many-items', '', `more than ${maxItems} items`)
}
