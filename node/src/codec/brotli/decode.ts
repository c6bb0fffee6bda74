/**
 * Unpacking Brotli (RFC 7932) in plain JavaScript: the same answer on every platform, whatever library it carries. What
 * a stream may be is a rule of the chain (code is stored packed), so this follows the reference decoder in every
 * question of what is refused; it is tested against the one Node ships.
 *
 * Invariants: never holds more than `limit` bytes of output; never does more than the bytes, packed and unpacked,
 * account for (work.ts).
 */
import { BitReader } from './bitReader.ts'
import { BrotliError, type BrotliErrorCode } from './brotliError.ts'
import { literalContext } from './contexts.ts'
import { Output } from './output.ts'
import { type PrefixCode, readPrefixCode, readSymbol } from './prefixCode.ts'
import { TRANSFORM_COUNT, transformWord } from './transforms.ts'
import {
  BLOCK_SWITCH_WORK,
  COMMAND_WORK,
  CONTEXT_WORK,
  META_BLOCK_WORK,
  MOVE_TO_FRONT_WORK,
  WORD_WORK,
  Work,
} from './work.ts'

export type BrotliOutcome =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: BrotliErrorCode | 'trailing-bytes' }

/** The static dictionary: a word for a length and a number, and which transform it goes through; null past its end. */
export type WordSource = (
  length: number,
  reference: number,
) => { readonly word: Uint8Array; readonly transform: number } | null

/** Unpacks exactly `packed`, one stream, to at most `limit` bytes. Large windows (not in RFC 7932) are malformed. */
export function decodeStream(packed: Uint8Array, limit: number, words: WordSource): BrotliOutcome {
  const reader = new BitReader(packed)
  const output = new Output(limit)
  try {
    const stream = {
      reader,
      output,
      work: new Work(packed.length, output),
      words,
      window: (1 << readWindowBits(reader)) - 16,
      distances: new RecentDistances(),
    }
    while (!readMetaBlock(stream)) {
      if (reader.overrun) return { ok: false, code: 'malformed' }
    }
    if (reader.overrun) return { ok: false, code: 'malformed' }
    // A stream of any length may go on after its end; that is told apart only from one that is whole.
    return reader.bytesRead === packed.length
      ? { ok: true, bytes: output.bytes() }
      : { ok: false, code: 'trailing-bytes' }
  } catch (error) {
    if (!(error instanceof BrotliError)) throw error
    return { ok: false, code: error.code }
  }
}

interface Stream {
  readonly reader: BitReader
  readonly output: Output
  readonly work: Work
  readonly words: WordSource
  /** How far back a copy may reach. */
  readonly window: number
  readonly distances: RecentDistances
}

/** Section 9.1. */
function readWindowBits(reader: BitReader): number {
  if (reader.read(1) === 0) return 16
  const high = reader.read(3)
  if (high !== 0) return 17 + high
  const low = reader.read(3)
  if (low === 1) throw new BrotliError('malformed', 'a large window')
  return low === 0 ? 17 : 8 + low
}

/** Section 9.2 and 9.3. True when it was the last. */
function readMetaBlock(stream: Stream): boolean {
  const { reader, output, work } = stream
  work.add(META_BLOCK_WORK)
  const last = reader.read(1) === 1
  if (last && reader.read(1) === 1) {
    align(reader)
    return true
  }
  const nibbles = reader.read(2) + 4
  if (nibbles === 7) {
    skipMetadata(reader)
    return last
  }
  const length = readNumber(reader, nibbles, 4, 4) + 1
  if (!last && reader.read(1) === 1) {
    align(reader)
    const bytes = reader.takeBytes(length)
    if (bytes === null) throw new BrotliError('malformed', 'it ends within an uncompressed block')
    output.append(bytes)
    return false
  }
  readCompressed(stream, length)
  if (last) align(reader)
  return last
}

function skipMetadata(reader: BitReader): void {
  if (reader.read(1) !== 0) throw new BrotliError('malformed', 'a reserved bit is set')
  const count = reader.read(2)
  const length = count === 0 ? 0 : readNumber(reader, count, 8, 1) + 1
  align(reader)
  if (reader.takeBytes(length) === null) throw new BrotliError('malformed', 'it ends within metadata')
}

/** Digits of `bits` each, lowest first; when there are more than `least`, the highest must not be zero. */
function readNumber(reader: BitReader, digits: number, bits: number, least: number): number {
  let value = 0
  for (let i = 0; i < digits; i++) {
    const digit = reader.read(bits)
    if (i === digits - 1 && digits > least && digit === 0)
      throw new BrotliError('malformed', 'a length written too long')
    value |= digit << (i * bits)
  }
  return value
}

function align(reader: BitReader): void {
  if (!reader.alignToByte())
    throw new BrotliError('malformed', 'bits set between the end of a part and the next whole byte')
}

/** Section 4: the last four distances, and the codes that mean one of them with a small change. */
class RecentDistances {
  readonly #ring = [16, 15, 11, 4]
  #next = 0

  push(distance: number): void {
    this.#ring[this.#next] = distance
    this.#next = (this.#next + 1) & 3
  }

  /** Distance code 0 to 15; may be below 1, which no copy can use. */
  at(code: number): number {
    const [back, change] =
      code < 4 ? [code, 0] : code < 10 ? [0, SMALL_CHANGES[code - 4]!] : [1, SMALL_CHANGES[code - 10]!]
    return this.#ring[(this.#next - 1 - back) & 3]! + change
  }
}

const SMALL_CHANGES = [-1, 1, -2, 2, -3, 3] as const

/** Section 6: a category's block types in turn, each for a number of symbols. */
class BlockTypes {
  readonly count: number
  readonly #reader: BitReader
  readonly #work: Work
  readonly #typeCode: PrefixCode | null = null
  readonly #lengthCode: PrefixCode | null = null
  #left: number
  #previous = 1
  type = 0

  constructor(reader: BitReader, work: Work) {
    this.#reader = reader
    this.#work = work
    this.count = readCount(reader)
    // With one type the block is as long as any can be.
    this.#left = Number.MAX_SAFE_INTEGER
    if (this.count < 2) return
    this.#typeCode = readPrefixCode(reader, this.count + 2, work)
    this.#lengthCode = readPrefixCode(reader, BLOCK_LENGTHS.length, work)
    this.#left = readLength(reader, BLOCK_LENGTHS, readSymbol(reader, this.#lengthCode))
  }

  /**
   * Goes on to the next symbol, and to the next block first when this one is used up. True when the type may have changed.
   */
  step(): boolean {
    const switches = this.#left === 0
    if (switches) {
      this.#work.add(BLOCK_SWITCH_WORK)
      const code = readSymbol(this.#reader, this.#typeCode!)
      const next = code === 0 ? this.#previous : code === 1 ? this.type + 1 : code - 2
      this.#previous = this.type
      this.type = next >= this.count ? next - this.count : next
      this.#left = readLength(this.#reader, BLOCK_LENGTHS, readSymbol(this.#reader, this.#lengthCode!))
    }
    this.#left--
    return switches
  }
}

/** Section 9.2, "NBLTYPES": 1 to 256. */
function readCount(reader: BitReader): number {
  if (reader.read(1) === 0) return 1
  const bits = reader.read(3)
  return (1 << bits) + reader.read(bits) + 1
}

const LITERALS = 256
const COMMANDS = 704
const SPECIAL_DISTANCES = 16
/** Contexts of a literal and of a distance. */
const LITERAL_CONTEXT_BITS = 6
const DISTANCE_CONTEXT_BITS = 2

function readCompressed({ reader, output, work, words, window, distances }: Stream, length: number): void {
  const literals = new BlockTypes(reader, work)
  const commands = new BlockTypes(reader, work)
  const distanceTypes = new BlockTypes(reader, work)
  const postfixBits = reader.read(2)
  const direct = reader.read(4) << postfixBits
  const modes = Array.from({ length: literals.count }, () => reader.read(2))
  const literalMap = readContextMap(reader, work, literals.count << LITERAL_CONTEXT_BITS)
  const distanceMap = readContextMap(reader, work, distanceTypes.count << DISTANCE_CONTEXT_BITS)
  const literalCodes = readPrefixCodes(reader, work, literalMap.codes, LITERALS)
  const commandCodes = readPrefixCodes(reader, work, commands.count, COMMANDS)
  const distanceAlphabet = SPECIAL_DISTANCES + direct + (48 << postfixBits)
  const distanceCodes = readPrefixCodes(reader, work, distanceMap.codes, distanceAlphabet)

  const end = output.length + length
  while (output.length < end) {
    work.add(COMMAND_WORK)
    commands.step()
    const command = readSymbol(reader, commandCodes[commands.type]!)
    const insertLength = readLength(reader, INSERT_LENGTHS, insertCodeOf(command))
    const copyLength = readLength(reader, COPY_LENGTHS, copyCodeOf(command))
    if (output.length + insertLength > end) throw new BrotliError('malformed', 'more literals than the block has bytes')
    for (let i = 0; i < insertLength; i++) {
      literals.step()
      const context = literalContext(modes[literals.type]!, output.back(1), output.back(2))
      const code = literalMap.map[(literals.type << LITERAL_CONTEXT_BITS) | context]!
      output.push(readSymbol(reader, literalCodes[code]!))
    }
    // The last command of a block may end with its literals.
    if (output.length === end) return
    if (reader.overrun) throw new BrotliError('malformed', 'it ends within a block')

    let distance: number
    let repeats = true
    if (command < 128) {
      distance = distances.at(0)
    } else {
      distanceTypes.step()
      const context = Math.min(copyLength, 5) - 2
      const code = distanceMap.map[(distanceTypes.type << DISTANCE_CONTEXT_BITS) | context]!
      const symbol = readSymbol(reader, distanceCodes[code]!)
      repeats = symbol === 0
      distance = symbol < SPECIAL_DISTANCES ? distances.at(symbol) : readDistance(reader, symbol, postfixBits, direct)
    }
    if (distance < 1) throw new BrotliError('malformed', 'a distance below 1')
    const reach = Math.min(window, output.length)
    if (distance <= reach) {
      if (!repeats) distances.push(distance)
      if (output.length + copyLength > end) throw new BrotliError('malformed', 'a copy past the end of its block')
      output.copy(distance, copyLength)
    } else {
      work.add(WORD_WORK)
      output.append(wordAt(words, copyLength, distance - reach - 1))
      if (output.length > end) throw new BrotliError('malformed', 'a word past the end of its block')
    }
  }
}

/** Section 8: what a distance beyond the window means. */
function wordAt(words: WordSource, length: number, reference: number): Uint8Array {
  const found = words(length, reference)
  if (found === null || found.transform >= TRANSFORM_COUNT)
    throw new BrotliError('malformed', 'a distance past the dictionary')
  return transformWord(found.word, found.transform)
}

/** Section 4. */
function readDistance(reader: BitReader, symbol: number, postfixBits: number, direct: number): number {
  const code = symbol - SPECIAL_DISTANCES
  if (code < direct) return code + 1
  const rest = code - direct
  const high = rest >> postfixBits
  const bits = 1 + (high >> 1)
  const base = ((2 + (high & 1)) << bits) - 4
  // Up to 2^29, so shifts would overflow only beyond what the alphabet has.
  return ((base + reader.read(bits)) << postfixBits) + (rest & ((1 << postfixBits) - 1)) + direct + 1
}

interface ContextMap {
  readonly map: Uint8Array
  /** How many codes it chooses from. */
  readonly codes: number
}

/** Section 7.3. */
function readContextMap(reader: BitReader, work: Work, size: number): ContextMap {
  const codes = readCount(reader)
  work.add(CONTEXT_WORK * size)
  const map = new Uint8Array(size)
  if (codes === 1) return { map, codes }
  const longestRun = reader.read(1) === 0 ? 0 : reader.read(4) + 1
  const code = readPrefixCode(reader, codes + longestRun, work)
  let at = 0
  while (at < size) {
    const symbol = readSymbol(reader, code)
    if (symbol > longestRun) {
      map[at++] = symbol - longestRun
    } else {
      const run = symbol === 0 ? 1 : (1 << symbol) + reader.read(symbol)
      if (at + run > size) throw new BrotliError('malformed', 'a run past the end of a context map')
      at += run
    }
  }
  if (reader.read(1) === 1) {
    work.add(MOVE_TO_FRONT_WORK * size)
    undoMoveToFront(map)
  }
  return { map, codes }
}

function undoMoveToFront(map: Uint8Array): void {
  const order = Uint8Array.from({ length: 256 }, (_, value) => value)
  for (let i = 0; i < map.length; i++) {
    const index = map[i]!
    const value = order[index]!
    map[i] = value
    order.copyWithin(1, 0, index)
    order[0] = value
  }
}

function readPrefixCodes(reader: BitReader, work: Work, count: number, alphabetSize: number): PrefixCode[] {
  return Array.from({ length: count }, () => {
    if (reader.overrun) throw new BrotliError('malformed', 'it ends within the codes of a block')
    return readPrefixCode(reader, alphabetSize, work)
  })
}

/** Least length and extra bits of each length code. */
type LengthCodes = readonly (readonly [least: number, bits: number])[]

function readLength(reader: BitReader, codes: LengthCodes, code: number): number {
  const [least, bits] = codes[code]!
  return bits === 0 ? least : least + reader.read(bits)
}

/** From the extra bits of each code: every code begins where the one before ends. */
function lengthCodes(first: number, bits: readonly number[]): LengthCodes {
  let least = first
  return bits.map((count) => {
    const code = [least, count] as const
    least += 1 << count
    return code
  })
}

/** Section 6. */
const BLOCK_LENGTHS = lengthCodes(
  1,
  [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 7, 8, 9, 10, 11, 12, 13, 24],
)
/** Section 5. */
const INSERT_LENGTHS = lengthCodes(0, [0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12, 14, 24])
const COPY_LENGTHS = lengthCodes(2, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 24])

/** Section 5: cells of 64 commands, each with the first insert and copy code of its rows and columns. */
const CELLS = [
  [0, 0],
  [0, 8],
  [0, 0],
  [0, 8],
  [8, 0],
  [8, 8],
  [0, 16],
  [16, 0],
  [8, 16],
  [16, 8],
  [16, 16],
] as const

function insertCodeOf(command: number): number {
  return CELLS[command >> 6]![0] + ((command >> 3) & 7)
}

function copyCodeOf(command: number): number {
  return CELLS[command >> 6]![1] + (command & 7)
}
