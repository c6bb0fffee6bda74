/**
 * Prefix codes of Brotli (RFC 7932, section 3): reading their description, and decoding symbols through tables of two
 * levels. A first level of 8 bits keeps tables small: a stream may describe hundreds of codes with few bytes.
 */
import type { BitReader } from './bitReader.ts'
import { BrotliError } from './brotliError.ts'
import { CODE_LENGTH_WORK, PREFIX_CODE_WORK, type Work } from './work.ts'

const MAX_CODE_LENGTH = 15
const ROOT_BITS = 8
const ROOT_MASK = (1 << ROOT_BITS) - 1
const CODE_LENGTH_CODES = 18
/** Section 3.5: the order in which the lengths of the code for code lengths come. */
const CODE_LENGTH_ORDER = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const
/** Section 3.5: the fixed code for those lengths, by the next four bits: length of the code, and what it means. */
const FIXED_LENGTHS = [2, 2, 2, 3, 2, 2, 2, 4, 2, 2, 2, 3, 2, 2, 2, 4] as const
const FIXED_VALUES = [0, 4, 3, 2, 0, 4, 3, 1, 0, 4, 3, 2, 0, 4, 3, 5] as const

/**
 * A table within a larger array. An entry is `symbol << 4 | bits`; in the first level, bits above 8 mean: the symbol is
 * where in the table a second level begins.
 */
export interface PrefixCode {
  readonly entries: Uint32Array
  readonly start: number
}

export function readSymbol(reader: BitReader, { entries, start }: PrefixCode): number {
  const bits = reader.peek(MAX_CODE_LENGTH)
  let entry = entries[start + (bits & ROOT_MASK)]!
  let length = entry & 15
  if (length > ROOT_BITS) {
    entry = entries[start + (entry >>> 4) + ((bits >>> ROOT_BITS) & ((1 << (length - ROOT_BITS)) - 1))]!
    length = entry & 15
  }
  reader.drop(length)
  return entry >>> 4
}

/** @throws BrotliError on a description that is no complete prefix code. */
export function readPrefixCode(reader: BitReader, alphabetSize: number, work: Work): PrefixCode {
  work.add(PREFIX_CODE_WORK)
  const skip = reader.read(2)
  if (skip === 1) return readSimple(reader, alphabetSize)
  work.add(CODE_LENGTH_WORK * alphabetSize)
  return readComplex(reader, alphabetSize, skip)
}

/** Section 3.4: lengths of the codes of one to four symbols; four symbols have two shapes. */
const SIMPLE_LENGTHS = [[0], [1, 1], [1, 2, 2], [2, 2, 2, 2], [1, 2, 3, 3]] as const

/** Section 3.4: up to four symbols, named one by one. */
function readSimple(reader: BitReader, alphabetSize: number): PrefixCode {
  const count = reader.read(2) + 1
  const width = 32 - Math.clz32(alphabetSize - 1)
  const symbols: number[] = []
  for (let i = 0; i < count; i++) {
    const symbol = reader.read(width)
    if (symbol >= alphabetSize) throw new BrotliError('malformed', 'a symbol that is not in the alphabet')
    if (symbols.includes(symbol)) throw new BrotliError('malformed', 'a symbol named twice')
    symbols.push(symbol)
  }
  const skewed = count === 4 && reader.read(1) === 1
  const lengths: readonly number[] = SIMPLE_LENGTHS[skewed ? 4 : count - 1]!
  // Symbols of one length are in ascending order; those of shorter codes stay in the order given.
  for (let i = 1; i < count; i++) {
    for (let k = i; k > 0 && lengths[k] === lengths[k - 1] && symbols[k]! < symbols[k - 1]!; k--) {
      const symbol = symbols[k]!
      symbols[k] = symbols[k - 1]!
      symbols[k - 1] = symbol
    }
  }
  lengthOf.fill(0)
  for (let i = 0; i < count; i++) {
    ordered[i] = symbols[i]!
    lengthOf[lengths[i]!]!++
  }
  return codeOf()
}

/** Section 3.5: the length of every symbol's code, itself in a prefix code. */
function readComplex(reader: BitReader, alphabetSize: number, skip: number): PrefixCode {
  const lengthCode = readLengthCode(reader, skip)
  const lengths = lengthsOfSymbols.fill(0, 0, alphabetSize)
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
    if (symbol + added > alphabetSize) {
      throw new BrotliError('malformed', 'code lengths for more symbols than there are')
    }
    lengths.fill(value, symbol, symbol + added)
    symbol += added
    if (value !== 0) space -= added * ((1 << MAX_CODE_LENGTH) >> value)
  }
  if (space !== 0) throw new BrotliError('malformed', 'code lengths that make no complete prefix code')
  orderByLength(lengths, alphabetSize)
  return codeOf()
}

function readLengthCode(reader: BitReader, skip: number): PrefixCode {
  const lengths = lengthsOfSymbols.fill(0, 0, CODE_LENGTH_CODES)
  let space = 32
  let count = 0
  let last = 0
  for (let i = skip; i < CODE_LENGTH_CODES; i++) {
    const bits = reader.peek(4)
    reader.drop(FIXED_LENGTHS[bits]!)
    const length = FIXED_VALUES[bits]!
    if (length === 0) continue
    last = CODE_LENGTH_ORDER[i]!
    lengths[last] = length
    space -= 32 >> length
    count++
    if (space <= 0) break
  }
  if (count !== 1 && space !== 0) {
    throw new BrotliError('malformed', 'lengths of code lengths that make no complete prefix code')
  }
  if (count === 1) {
    // One symbol alone takes no bits, whatever length it was given.
    lengthOf.fill(0)
    lengthOf[0] = 1
    ordered[0] = last
  } else orderByLength(lengths, CODE_LENGTH_CODES)
  fillTable(forLengths)
  return forLengths
}

/** Symbols of the largest alphabet, that of commands. */
const MOST_SYMBOLS = 704
/** A stream has thousands of codes, so what one is made from is not allocated for each. */
const lengthsOfSymbols = new Uint8Array(MOST_SYMBOLS)
/** Symbols in the order of their codes. */
const ordered = new Uint16Array(MOST_SYMBOLS)
/** How many symbols have a code of each length; one alone has length 0. */
const lengthOf = new Uint16Array(MAX_CODE_LENGTH + 1)
const places = new Uint16Array(MAX_CODE_LENGTH + 1)
/** By the first 8 bits of codes longer than that: the longest of them. */
const longestOf = new Uint8Array(1 << ROOT_BITS)

/** Symbols with a code, by its length and then their number. */
function orderByLength(lengths: Uint8Array, count: number): void {
  lengthOf.fill(0)
  for (let symbol = 0; symbol < count; symbol++) lengthOf[lengths[symbol]!]!++
  lengthOf[0] = 0
  for (let length = 1, place = 0; length <= MAX_CODE_LENGTH; length++) {
    places[length] = place
    place += lengthOf[length]!
  }
  for (let symbol = 0; symbol < count; symbol++) {
    const length = lengths[symbol]!
    if (length !== 0) ordered[places[length]!++] = symbol
  }
}

/** The bits of a byte in reverse. */
const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let out = 0
  for (let i = 0; i < 8; i++) out |= ((byte >>> i) & 1) << (7 - i)
  return out
})

/** Bits of a code beyond the first level. */
const REST_BITS = MAX_CODE_LENGTH - ROOT_BITS
const REST_MASK = (1 << REST_BITS) - 1

/** A stream may have thousands of tables, and memory of its own for each takes longer than filling it. */
const SHARED_ENTRIES = 16_384
let shared = new Uint32Array(SHARED_ENTRIES)
let sharedUsed = 0

/** Room for a table, which will be written in full. */
function newTable(size: number): PrefixCode {
  if (sharedUsed + size > SHARED_ENTRIES) {
    shared = new Uint32Array(SHARED_ENTRIES)
    sharedUsed = 0
  }
  const start = sharedUsed
  sharedUsed += size
  return { entries: shared, start }
}

/** The code of code lengths is done with when they are read. */
const forLengths: PrefixCode = { entries: new Uint32Array(1 << ROOT_BITS), start: 0 }

/**
 * The canonical code (section 3.2) of `ordered` and `lengthOf`; the code space is full, or one symbol fills it. Codes
 * are counted as numbers of 15 bits, first bit highest, and read first bit lowest.
 */
function codeOf(): PrefixCode {
  let long = 0
  for (let length = ROOT_BITS + 1; length <= MAX_CODE_LENGTH; length++) long += lengthOf[length]!
  const code = long === 0 ? newTable(1 << ROOT_BITS) : withSecondLevels()
  fillTable(code)
  return code
}

function fillTable({ entries, start }: PrefixCode): void {
  let at = 0
  let next = 0
  for (let length = 0; length <= MAX_CODE_LENGTH; length++) {
    const step = 1 << (MAX_CODE_LENGTH - length)
    for (let left = lengthOf[length]!; left > 0; left--) {
      const entry = (ordered[at++]! << 4) | length
      const root = start + REVERSED[next >>> REST_BITS]!
      if (length <= ROOT_BITS) {
        for (let i = root; i <= start + ROOT_MASK; i += 1 << length) entries[i] = entry
      } else {
        const link = entries[root]!
        const first = start + (link >>> 4)
        const end = first + (1 << ((link & 15) - ROOT_BITS))
        for (let i = first + REVERSED[(next & REST_MASK) << 1]!; i < end; i += 1 << (length - ROOT_BITS)) {
          entries[i] = entry
        }
      }
      next += step
    }
  }
}

/** A table with room for second levels, and the entries that lead to them. */
function withSecondLevels(): PrefixCode {
  longestOf.fill(0)
  let next = 0
  for (let length = 0; length <= MAX_CODE_LENGTH; length++) {
    const step = 1 << (MAX_CODE_LENGTH - length)
    if (length <= ROOT_BITS) next += step * lengthOf[length]!
    else {
      // Codes ascend in length, so the last of a root is its longest.
      for (let left = lengthOf[length]!; left > 0; left--) {
        longestOf[next >>> REST_BITS] = length
        next += step
      }
    }
  }
  let size = 1 << ROOT_BITS
  for (const length of longestOf) if (length > 0) size += 1 << (length - ROOT_BITS)
  const code = newTable(size)
  let offset = 1 << ROOT_BITS
  for (let root = 0; root <= ROOT_MASK; root++) {
    const length = longestOf[root]!
    if (length === 0) continue
    code.entries[code.start + REVERSED[root]!] = (offset << 4) | length
    offset += 1 << (length - ROOT_BITS)
  }
  return code
}
