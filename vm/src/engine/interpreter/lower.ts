/** A module lowered for a machine: what stands where in its memory, and the bytes of headers, globals and code. */
import type { Limits } from '../../limits.ts'
import type { CallGraph } from '../../metering/callGraph.ts'
import type { Reach } from '../../metering/reach.ts'
import type { Schedule } from '../../metering/schedule.ts'
import type { StackRule } from '../../metering/stackHeight.ts'
import type { ValidatedModule } from '../../validate/validateModule.ts'
import { HEADER, HEADER_BYTES } from './layout.ts'
import { BodyLowerer } from './lowerBody.ts'
import { headerAddress } from './lowerOperands.ts'

/** The greatest stack budget, and more than it: sums of two stay below 2^32. */
const MOST_STACK = 2 ** 30

export interface ModuleFacts {
  readonly validated: ValidatedModule
  readonly schedule: Schedule
  readonly limits: Limits
  readonly graph: CallGraph
  readonly reach: Reach
  readonly stack: StackRule
}

export interface LoweredModule {
  /** Where it begins, and ends. */
  readonly start: number
  readonly end: number
  /** Its bytes from `start` on. */
  readonly image: Uint8Array
  readonly headers: number
  readonly globals: readonly number[]
  /** A table is its length and then its elements, four bytes each; and how many it has room for. */
  readonly tables: readonly number[]
  readonly tableRoom: readonly number[]
  readonly code: number
  /** Positions in words of instructions in the code, and their offsets in the module: pairs, ascending. */
  readonly places: Int32Array
  /** Where the code of each function begins, in words. */
  readonly entries: Int32Array
  /** Where the record is in each function's frame. */
  readonly records: Int32Array
}

/**
 * @param start a multiple of 16
 * @param tableRoom elements each table may come to have
 * @param foreignGlobals 1 for a global that lies in another machine
 */
export function lowerModule(
  { validated, schedule, limits, reach, stack }: ModuleFacts,
  start: number,
  tableRoom: readonly number[],
  foreignGlobals: Uint8Array,
): LoweredModule {
  const { module, functions } = validated
  const count = module.bodies.length
  const headers = start
  const firstGlobal = headers + count * HEADER_BYTES
  const globals = module.globalTypes.map((_, i) => firstGlobal + i * 8)
  let at = firstGlobal + globals.length * 8
  const tables = tableRoom.map((room) => {
    const table = at
    at += (room + 1) * 4
    return table
  })
  const code = Math.ceil(at / 16) * 16
  const typeNumbers = numbersOfTypes(validated)
  const { counted } = stack
  const lowerer = new BodyLowerer(
    {
      ...{ module, schedule, facts: functions, headers, globals, tables, foreignGlobals, typeNumbers, counted },
      ...{ reachesHost: reach.host, indirectHost: reach.indirectHost },
    },
    code,
  )
  const entries = new Int32Array(count)
  const records = new Int32Array(count)
  const header = new DataView(new ArrayBuffer(count * HEADER_BYTES))
  const mostStack = Math.min(limits.stackBytes, MOST_STACK) + 1
  for (let f = 0; f < count; f++) {
    const body = lowerer.lower(f)
    entries[f] = body.entry
    records[f] = body.record
    const base = headerAddress({ headers: 0 }, f)
    header.setUint32(base + HEADER.entry, code + body.entry * 4, true)
    header.setUint32(base + HEADER.frame, body.frameBytes, true)
    header.setUint32(base + HEADER.firstLocal, body.firstLocal, true)
    header.setUint32(base + HEADER.record, body.record, true)
    header.setBigInt64(base + HEADER.fuel, BigInt(body.charge), true)
    header.setUint32(base + HEADER.stack, Math.min(stack.charge[f]!, mostStack), true)
    header.setUint32(base + HEADER.type, typeNumbers[module.functionTypes[module.importedFunctions + f]!]!, true)
  }
  const { words, length, places, placed } = lowerer.emitter
  const image = new Uint8Array(code - start + length * 4)
  image.set(new Uint8Array(header.buffer))
  const view = new DataView(image.buffer, code - start)
  for (let i = 0; i < length; i++) view.setInt32(i * 4, words[i]!, true)
  return {
    ...{ start, end: start + image.length, image, headers, globals, tables, tableRoom, code, entries, records },
    places: places.slice(0, placed),
  }
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
