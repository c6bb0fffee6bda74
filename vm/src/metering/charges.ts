/**
 * Where fuel is charged, and how much.
 *
 * The definition (docs/protocol/vm.md): the fuel an execution uses is the sum of the costs of the instructions it
 * executes, plus the entry cost of every function entered, plus costs by size. {@link instructionCost} is the first of
 * the three. The reference engine charges it at every instruction (engine/reference/lower.ts), and is the oracle of
 * every engine that merges charges.
 */

import { type FunctionBody, type Module, WORDS } from '../binary/module.ts'
import { INSTRUCTIONS, OP } from '../binary/opcodes.ts'
import type { Schedule } from './schedule.ts'

const { br_table: BR_TABLE, call_indirect: CALL_INDIRECT, return_call_indirect: RETURN_CALL_INDIRECT } = OP

/** The cost of the instruction at `words[i]` before any cost by a size known only at run time. */
export function instructionCost(module: Module, schedule: Schedule, op: number, a: number, b: number): number {
  const cost = schedule.classes[INSTRUCTIONS[op]!.cost]
  if (op === BR_TABLE) return cost + b * schedule.data.branchTableTarget
  if (op === CALL_INDIRECT || op === RETURN_CALL_INDIRECT)
    return cost + module.types[a]!.params.length * schedule.data.indirectParameter
  return cost
}

/**
 * By op, {@link instructionCost} of the instructions whose cost depends on nothing else; -1 for the others. For loops over
 * modules that are met for the first time, in which a look-up by name for each instruction is slow.
 */
export function plainCosts({ classes }: Schedule): Float64Array {
  return Float64Array.from(INSTRUCTIONS, (info) => {
    if (info === undefined) return -1
    const { op, cost } = info
    return op === BR_TABLE || op === CALL_INDIRECT || op === RETURN_CALL_INDIRECT ? -1 : classes[cost]
  })
}

/**
 * Index of the imported function that is called before every `memory.grow`; -1 where the schedule has none, the module
 * does not import it under its type, or the memory cannot grow.
 */
export function growthImportOf({ imports, types, memories }: Module, { growthImport }: Schedule): number {
  if (growthImport === null || memories.every(({ min, max }) => min === max)) return -1
  let index = 0
  for (const { module, name, description } of imports) {
    if (description.kind !== 'function') continue
    if (module === growthImport.module && name === growthImport.name) {
      const { params, results } = types[description.typeIndex]!
      return params.length === 1 && params[0] === 'i32' && results.length === 0 ? index : -1
    }
    index++
  }
  return -1
}

/** Cost of each instruction of a body. */
export function instructionCosts(module: Module, schedule: Schedule, body: FunctionBody): Float64Array {
  const { words, count } = body.code
  const costs = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const at = i * WORDS
    costs[i] = instructionCost(module, schedule, words[at]!, words[at + 2]!, words[at + 3]!)
  }
  return costs
}

/** Cost of entering a function, for every caller: its declared locals are set to zero. */
export function entryCost(schedule: Schedule, body: FunctionBody): number {
  return body.locals.length * schedule.data.local
}

/** The cost by a size that only the execution knows; charged before the work, on top of the instruction's cost. */
export function perUnitCost(schedule: Schedule, op: number): number {
  switch (op) {
    case 0x40: // memory.grow, per page added
      return schedule.data.memoryPage
    case 0xe8: // memory.init
    case 0xea: // memory.copy
    case 0xeb: // memory.fill
      return schedule.data.memoryByte
    case 0xec: // table.init
    case 0xee: // table.copy
    case 0xef: // table.grow, per element added
    case 0xf1: // table.fill
      return schedule.data.tableElement
    default:
      return 0
  }
}

/** Costs by size above it are charged where the work is done, so that they are checked before. */
const MOST_FIXED_COST = 100_000

/**
 * The cost of a bulk instruction by its size, where that is told by a constant just before it and is small: then it is
 * a cost as any other. -1 where it is not.
 */
export function fixedSizeCost(words: Int32Array, position: number, perUnit: number): number {
  const op = words[position * WORDS]!
  // The cost of growing depends on whether it succeeds.
  if (
    position === 0 ||
    op === 0x40 /* memory.grow */ ||
    op === 0xef /* table.grow */ ||
    words[(position - 1) * WORDS] !== 0x41 /* i32.const */
  )
    return -1
  const cost = (words[(position - 1) * WORDS + 2]! >>> 0) * perUnit
  return cost <= MOST_FIXED_COST ? cost : -1
}
