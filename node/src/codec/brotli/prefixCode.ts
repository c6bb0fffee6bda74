/**
 * Prefix codes of Brotli (RFC 7932, section 3): reading their description, and decoding symbols through tables of two
 * levels. A first level of 8 bits keeps tables small: a stream may describe hundreds of codes with few bytes.
 */
import type { BitReader } from './bitReader.ts'
import { BrotliError } from './brotliError.ts'

const MAX_CODE_LENGTH = 15
const ROOT_BITS = 8
const CODE_LENGTH_CODES = 18
/** Section 3.5: the order in which the lengths of the code for code lengths come. */
const CODE_LENGTH_ORDER = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const
/** Section 3.5: the fixed code for those lengths, by the next four bits: length of the code, and what it means. */
const FIXED_LENGTHS = [2, 2, 2, 3, 2, 2, 2, 4, 2, 2, 2, 3, 2, 2, 2, 4] as const
const FIXED_VALUES = [0, 4, 3, 2, 0, 4, 3, 1, 0, 4, 3, 2, 0, 4, 3, 5] as const

/** An entry is `symbol << 4 | bits`; in the first level, bits above 8 mean: the symbol is the offset of a second level. */
export interface PrefixCode {
  readonly table: Uint32Array
}

export function readSymbol(reader: BitReader, { table }: PrefixCode): number {
  const bits = reader.peek(MAX_CODE_LENGTH)
  let entry = table[bits & ((1 << ROOT_BITS) - 1)]!
  let length = entry & 15
  if (length > ROOT_BITS) {
    entry = table[(entry >>> 4) + ((bits >>> ROOT_BITS) & ((1 << (length - ROOT_BITS)) - 1))]!
    length = entry & 15
  }
  reader.drop(length)
  return entry >>> 4
}

/** @throws BrotliError on a description that is no complete prefix code. */
export function readPrefixCode(reader: BitReader, alphabetSize: number): PrefixCode {
  const skip = reader.read(2)
  return skip === 1 ? readSimple(reader, alphabetSize) : readComplex(reader, alphabetSize, skip)
}

/** Section 3.4: up to four symbols, named one by one. */
function readSimple(reader: BitReader, alphabetSize: number): PrefixCode {
  const count = reader.read(2) + 1
  const width = 32 - Math.clz32(alphabetSize - 1)
  const symbols: number[] = []
  for (let i = 0; i < count; i++) {
    const symbol = reader.read(width)
    if (symbol >= alphabetSize) throw new BrotliError('a symbol that is not in the alphabet')
    if (symbols.includes(symbol)) throw new BrotliError('a symbol named twice')
    symbols.push(symbol)
  }
  const lengths =
    count === 4 && reader.read(1) === 1 ? [1, 2, 3, 3] : [[0], [1, 1], [1, 2, 2], [2, 2, 2, 2]][count - 1]!
  // Symbols of one length are in ascending order; those of shorter codes stay in the order given.
  const ordered = symbols
    .map((symbol, position) => ({ symbol, length: lengths[position]! }))
    .sort((a, b) => a.length - b.length || a.symbol - b.symbol)
  return codeOf(ordered)
}

/** Section 3.5: the length of every symbol's code, itself in a prefix code. */
function readComplex(reader: BitReader, alphabetSize: number, skip: number): PrefixCode {
  const lengthCode = readLengthCode(reader, skip)
  const lengths = new Uint8Array(alphabetSize)
  let symbol = 0
  /** Of 2^15: what is left of the code space. */
  let space = 1 << MAX_CODE_LENGTH
  let previous = 8
  let repeat = 0
  let repeated = 0
  while (symbol < alphabetSize && space > 0) {
    const length = readSymbol(reader, lengthCode)
    if (length < 16) {
      repeat = 0
      lengths[symbol++] = length
      if (length !== 0) {
        previous = length
        space -= (1 << MAX_CODE_LENGTH) >> length
      }
      continue
    }
    const extraBits = length - 14
    const value = length === 16 ? previous : 0
    if (repeated !== value) {
      repeat = 0
      repeated = value
    }
    // Repeats in a row build one number: each adds digits below the former.
    const before = repeat
    if (repeat > 0) repeat = (repeat - 2) << extraBits
    repeat += reader.read(extraBits) + 3
    const added = repeat - before
    if (symbol + added > alphabetSize) throw new BrotliError('code lengths for more symbols than there are')
    lengths.fill(value, symbol, symbol + added)
    symbol += added
    if (value !== 0) space -= added * ((1 << MAX_CODE_LENGTH) >> value)
  }
  if (space !== 0) throw new BrotliError('code lengths that make no complete prefix code')
  return codeOf(byLength(lengths))
}

function readLengthCode(reader: BitReader, skip: number): PrefixCode {
  const lengths = new Uint8Array(CODE_LENGTH_CODES)
  let space = 32
  let count = 0
  for (const symbol of CODE_LENGTH_ORDER.slice(skip)) {
    const bits = reader.peek(4)
    reader.drop(FIXED_LENGTHS[bits]!)
    const length = FIXED_VALUES[bits]!
    lengths[symbol] = length
    if (length === 0) continue
    space -= 32 >> length
    count++
    if (space <= 0) break
  }
  if (count !== 1 && space !== 0) throw new BrotliError('lengths of code lengths that make no complete prefix code')
  const ordered = byLength(lengths)
  // One symbol alone takes no bits, whatever length it was given.
  return codeOf(count === 1 ? [{ symbol: ordered[0]!.symbol, length: 0 }] : ordered)
}

interface CodedSymbol {
  readonly symbol: number
  readonly length: number
}

function byLength(lengths: Uint8Array): CodedSymbol[] {
  const coded: CodedSymbol[] = []
  lengths.forEach((length, symbol) => {
    if (length !== 0) coded.push({ symbol, length })
  })
  return coded.sort((a, b) => a.length - b.length || a.symbol - b.symbol)
}

/** Canonical codes (section 3.2) for symbols in the order of their codes; the code space is full, or one symbol fills it. */
function codeOf(ordered: readonly CodedSymbol[]): PrefixCode {
  const longest = ordered.at(-1)!.length
  const secondLevels = secondLevelBits(ordered)
  let size = 1 << ROOT_BITS
  for (const bits of secondLevels.values()) size += 1 << bits
  const table = new Uint32Array(size)
  let offset = 1 << ROOT_BITS
  const offsets = new Map<number, number>()
  for (const [root, bits] of secondLevels) {
    table[root] = (offset << 4) | (ROOT_BITS + bits)
    offsets.set(root, offset)
    offset += 1 << bits
  }
  walkCodes(ordered, longest, ({ symbol, length }, code) => {
    if (length <= ROOT_BITS) {
      for (let at = code; at < 1 << ROOT_BITS; at += 1 << length) table[at] = (symbol << 4) | length
      return
    }
    const root = code & ((1 << ROOT_BITS) - 1)
    const start = offsets.get(root)!
    const step = 1 << (length - ROOT_BITS)
    const bits = secondLevels.get(root)!
    for (let at = code >> ROOT_BITS; at < 1 << bits; at += step) table[start + at] = (symbol << 4) | length
  })
  return { table }
}

/** By the first 8 bits of codes longer than that: how many bits may follow. */
function secondLevelBits(ordered: readonly CodedSymbol[]): Map<number, number> {
  const bits = new Map<number, number>()
  const longest = ordered.at(-1)!.length
  if (longest <= ROOT_BITS) return bits
  walkCodes(ordered, longest, ({ length }, code) => {
    if (length > ROOT_BITS) bits.set(code & ((1 << ROOT_BITS) - 1), length - ROOT_BITS)
  })
  return bits
}

/** Each symbol with its code as the reader sees it: first bit lowest. Lengths ascend, so the last of a root is its longest. */
function walkCodes(
  ordered: readonly CodedSymbol[],
  longest: number,
  visit: (coded: CodedSymbol, code: number) => void,
): void {
  let next = 0
  for (const coded of ordered) {
    visit(coded, reversed(next >>> (longest - coded.length), coded.length))
    next += 1 << (longest - coded.length)
  }
}

function reversed(code: number, length: number): number {
  let out = 0
  for (let i = 0; i < length; i++) out |= ((code >>> i) & 1) << (length - 1 - i)
  return out
}
