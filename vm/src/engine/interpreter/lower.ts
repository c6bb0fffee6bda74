/** A module lowered for a machine: what stands where in its memory, and the bytes of headers, globals and code. */
import { INSTRUCTIONS } from '../../binary/opcodes.ts'
import type { Limits } from '../../limits.ts'
import type { CallGraph } from '../../metering/callGraph.ts'
import type { Reach } from '../../metering/reach.ts'
import type { Schedule } from '../../metering/schedule.ts'
import type { StackRule } from '../../metering/stackHeight.ts'
import type { ValidatedModule } from '../../validate/validateModule.ts'
import { HEADER, HEADER_BYTES, NOT_LOWERED } from './layout.ts'
import { BodyLowerer } from './lowerBody.ts'
import type { LoweringContext } from './lowerOperands.ts'

/** A machine's words are, whatever the host's: where both are the same, code is copied as it is. */
const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** The greatest stack budget, and more than it: sums of two stay below 2^32. */
const MOST_STACK = 2 ** 30

/** See {@link codeRoom}. */
const WORDS_OF_BYTE = 9
const WORDS_OF_FUNCTION = 16
/** Words of what lowering works with that a program keeps; a large function has up to a million, which are let go. */
const KEPT_WORDS = 16_384
/** Room for code that is made before there is any. */
const FIRST_CODE_BYTES = 4_096

export interface ModuleFacts {
  readonly validated: ValidatedModule
  readonly schedule: Schedule
  readonly limits: Limits
  readonly graph: CallGraph
  readonly reach: Reach
  readonly stack: StackRule
}

/**
 * Where everything stands is settled at once; a function is lowered when it is first called. Room is kept for the code of
 * all: most of it is never touched, so it is only addresses.
 */
export class LoweredModule {
  /** Where it begins, and ends: a multiple of 16, and the end of the room for code. */
  readonly start: number
  readonly end: number
  readonly headers: number
  readonly globals: readonly number[]
  /** A table is its length and then its elements, four bytes each; and how many it has room for. */
  readonly tables: readonly number[]
  readonly tableRoom: readonly number[]
  readonly code: number
  /** Where the record is in each function's frame. */
  readonly records: Int32Array
  readonly #context: LoweringContext
  #lowerer: BodyLowerer | null = null
  /** Bytes from `start` on: headers, what is zero, and the code that there is. */
  #bytes: Uint8Array
  #length: number
  /**
   * Functions in the order in which they were lowered, and the positions in words where the code of each begins and ends.
   */
  readonly #order: number[] = []
  readonly #begins: number[] = []
  readonly #ends: number[] = []
  /** Functions that are lowered. */
  #count = 0
  /** Per function, its place in that order, and one more; 0 before it is lowered. */
  readonly #ranks: Int32Array
  /** Positions in words of instructions in the code, and their offsets in the module: pairs, ascending. */
  #places = new Int32Array(512)
  #placed = 0

  /**
   * @param start a multiple of 16
   * @param tableRoom elements each table may come to have
   * @param foreignGlobals 1 for a global that lies in another machine
   */
  constructor(facts: ModuleFacts, start: number, tableRoom: readonly number[], foreignGlobals: Uint8Array) {
    const { validated, schedule, limits, reach, stack } = facts
    const { module, functions } = validated
    const count = module.bodies.length
    this.start = start
    this.headers = start
    const firstGlobal = start + count * HEADER_BYTES
    const globals = module.globalTypes.map((_, i) => firstGlobal + i * 8)
    let at = firstGlobal + globals.length * 8
    const tables = tableRoom.map((room) => {
      const table = at
      at += (room + 1) * 4
      return table
    })
    this.globals = globals
    this.tables = tables
    this.tableRoom = tableRoom
    this.code = Math.ceil(at / 16) * 16
    this.end = this.code + codeRoom(facts)
    this.records = new Int32Array(count)
    this.#ranks = new Int32Array(count)
    const typeNumbers = numbersOfTypes(validated)
    this.#context = {
      ...{ module, schedule, facts: functions, headers: start, globals, tables, foreignGlobals, typeNumbers },
      ...{ counted: stack.counted, reachesHost: reach.host, indirectHost: reach.indirectHost },
    }
    this.#length = this.code - start
    this.#bytes = new Uint8Array(this.#length + FIRST_CODE_BYTES)
    const header = new DataView(this.#bytes.buffer)
    const mostStack = Math.min(limits.stackBytes, MOST_STACK) + 1
    for (let f = 0; f < count; f++) {
      const base = f * HEADER_BYTES
      header.setUint32(base + HEADER.frame, NOT_LOWERED, true)
      header.setUint32(base + HEADER.stack, Math.min(stack.charge[f]!, mostStack), true)
      header.setUint32(base + HEADER.type, typeNumbers[module.functionTypes[module.importedFunctions + f]!]!, true)
    }
  }

  /** Its bytes from `start` on, with the code of all functions that are lowered. */
  get image(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Whether the rule of the stack counts a function. */
  isCounted(f: number): boolean {
    return this.#context.counted[f] === 1
  }

  /** Lowers a function that is not. */
  lower(f: number): void {
    if (this.#ranks[f] !== 0) return
    this.#lowerer ??= new BodyLowerer(this.#context)
    const begin = (this.#length - (this.code - this.start)) / 4
    const entry = this.code + begin * 4
    const body = this.#lowerer.lower(f, entry)
    const { words, length, places, placed } = this.#lowerer.emitter
    if (entry + length * 4 > this.end)
      throw new Error(`function ${f} of a contract took more code than its bytes allow`)
    this.#makeRoom(length * 4, placed)
    const view = new DataView(this.#bytes.buffer)
    if (LITTLE_ENDIAN) new Int32Array(this.#bytes.buffer, this.#length, length).set(words.subarray(0, length))
    else for (let i = 0; i < length; i++) view.setInt32(this.#length + i * 4, words[i]!, true)
    for (let i = 0; i < placed; i += 2) {
      this.#places[this.#placed + i] = begin + places[i]!
      this.#places[this.#placed + i + 1] = places[i + 1]!
    }
    const header = f * HEADER_BYTES
    view.setUint32(header + HEADER.entry, entry, true)
    view.setUint32(header + HEADER.firstLocal, body.firstLocal, true)
    view.setUint32(header + HEADER.record, body.record, true)
    view.setBigInt64(header + HEADER.fuel, BigInt(body.charge), true)
    view.setUint32(header + HEADER.frame, body.frameBytes, true)
    // Only from here on it counts as lowered: a fault of the host before it, such as no memory, leaves nothing behind.
    const rank = this.#count
    this.#order[rank] = f
    this.#begins[rank] = begin
    this.#ends[rank] = begin + length
    this.records[f] = body.record
    this.#ranks[f] = rank + 1
    this.#placed += placed
    this.#length += length * 4
    this.#count = rank + 1
    if (words.length > KEPT_WORDS) this.#lowerer = null
  }

  /** Lowers all functions that are not. */
  lowerAll(): void {
    for (let f = 0; f < this.#ranks.length; f++) this.lower(f)
  }

  /** Copies a lowered function, its header and its code, to a machine. */
  copyFunction(f: number, machine: Uint8Array): void {
    const rank = this.#ranks[f]! - 1
    const begin = this.code - this.start + this.#begins[rank]! * 4
    const end = this.code - this.start + this.#ends[rank]! * 4
    machine.set(this.#bytes.subarray(begin, end), this.start + begin)
    const header = f * HEADER_BYTES
    machine.set(this.#bytes.subarray(header, header + HEADER_BYTES), this.headers + header)
  }

  /** The function whose code is at an address, and the offset in the module of the instruction there. */
  placeAt(address: number): { readonly f: number; readonly offset: number } {
    const position = (address - this.code) / 4
    const f = this.#order[lastUpTo(this.#begins, this.#count, 1, position)]!
    const offset = this.#places[lastUpTo(this.#places, this.#placed / 2, 2, position) * 2 + 1]!
    return { f, offset }
  }

  /** For more bytes, and for more of {@link #places}. */
  #makeRoom(bytes: number, places: number): void {
    if (this.#placed + places > this.#places.length) {
      const wider = new Int32Array(2 * (this.#placed + places))
      wider.set(this.#places)
      this.#places = wider
    }
    if (this.#length + bytes > this.#bytes.length) {
      const wider = new Uint8Array(Math.min(2 * (this.#length + bytes), this.end - this.start))
      wider.set(this.#bytes)
      this.#bytes = wider
    }
  }
}

/**
 * Bytes that the code of all functions can take. A byte of a body comes to {@link WORDS_OF_BYTE} words at most: no way of
 * lowering writes more than `br_if` (two bytes, 15 words where values must be moved) and a target of a br_table (one byte,
 * two words and a piece of code of seven). An operand is put in a slot once, which counts with the bytes that made it.
 * A charge that one word cannot hold takes an instruction of two words for each 2^32 of it.
 */
function codeRoom({ validated, schedule, limits }: ModuleFacts): number {
  const { classes, data } = schedule
  const { branchTableTargets, params } = limits
  const single = INSTRUCTIONS.reduce(
    (most, instruction) => Math.max(most, classes[instruction?.cost ?? 'structure']),
    0,
  )
  const dearest = single + Math.max(data.branchTableTarget * branchTableTargets, data.indirectParameter * params)
  let words = 0
  for (const { byteLength, code } of validated.module.bodies) {
    words += WORDS_OF_BYTE * byteLength + WORDS_OF_FUNCTION + 2 * Math.ceil((code.count * dearest) / 2 ** 32)
  }
  return words * 4
}

/** Place of the last entry that is not above a value, of entries that ascend, every `stride` numbers. */
function lastUpTo(list: ArrayLike<number>, count: number, stride: number, value: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (list[middle * stride]! <= value) low = middle
    else high = middle - 1
  }
  return low
}

export function stackBudget({ stackBytes }: Limits): number {
  return Math.min(stackBytes, MOST_STACK)
}

/** Equal types get one number. */
function numbersOfTypes({ module }: ValidatedModule): number[] {
  const numbers = new Map<string, number>()
  return module.types.map(({ params, results }, i) => {
    const text = `${params} ${results}`
    const known = numbers.get(text)
    if (known !== undefined) return known
    numbers.set(text, i)
    return i
  })
}
