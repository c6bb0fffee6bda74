/**
 * The deterministic call stack: a rule about the module, never about the machine (docs/protocol/vm.md, "The stack", which
 * has the argument why real use never exceeds it).
 *
 * A frame of function f weighs w(f) bytes: every value that a compiler may keep in the frame has a slot of its own, also
 * values of what it may put into f in place of calls. A function is *counted* when it may be on the stack any number of
 * times: it is in a cycle of direct calls, or its address is taken (`ref.func` or an element segment), or it makes a
 * tail call. All others are *plain*.
 *
 *   charge(f) = w(f) + max(0, charge(g) for every plain g that f calls directly)
 *
 * The depth starts at 0 when the host enters an instance. Entering a counted function adds its charge to the depth,
 * and traps with `stack-exhausted` when the sum is above the budget; entering a plain function adds nothing, except
 * when the host enters it (an export or the start function), which adds its charge and checks it likewise. Returning
 * restores the depth of the caller. A tail call to a counted function first restores the depth its caller was entered
 * with. (Only counted functions make tail calls, so that depth is always known.)
 *
 * Why it is so: docs/rationale/vm.md.
 */
import { functionTypeOf, type Module, WORDS } from '../binary/module.ts'
import { OP } from '../binary/opcodes.ts'
import type { ValidatedModule } from '../validate/validateModule.ts'
import type { CallGraph } from './callGraph.ts'
import { type BodyValues, bodyValues } from './frameValues.ts'
import { spreadToCallers } from './reach.ts'

const { call_indirect: CALL_INDIRECT, return_call_indirect: RETURN_CALL_INDIRECT } = OP

/** The parts of every frame: return address, frame pointer, instance, counters, what the baseline compiler adds. Bytes. */
export const FRAME_BYTES = 192
/** A value that is in the frame whatever the compiler does: parameter, local, operand, result. */
export const SLOT_BYTES = 8
/** A value that an instruction makes: one that is kept longer than the code says takes two instructions. */
export const VALUE_BYTES = 4
/** Slots for a parameter: its own, the caller's, and the same for what tells types with floats apart. */
export const PARAM_SLOTS = 4
export const RESULT_SLOTS = 3

/** A plain function with more code than this, in bytes by the shortest encoding, is never put in place of a call. */
export const SMALL_PLAIN_BYTES = 500
/** A counted function that makes more values than this, with what is put in place of its calls, is never. */
export const SMALL_COUNTED_VALUES = 32
/** A small function that calls itself is in the place of so many calls at most. */
const SELF_COPIES = 60
/** In itself it is so many times more. */
const SELF_COPIES_IN_ITSELF = 4
/** Targets of a call through a table that may be put in its place, twice where a stand-in has two ways to them. */
const INDIRECT_COPIES = 8
/** Values of a stand-in. */
const STAND_IN_VALUES = 8
/** Bytes that keeping functions out may add: so many times the module, and so many. */
const LONGER_TIMES = 4
const LONGER_BYTES = 65_536
/** All values that come in place of calls: so many and a part of the body's bytes, or a multiple of these. */
const MOST_INLINED_VALUES = 6_000
const INLINED_PER_BYTE = 32
const LEAST_INLINED_VALUES = 100

export interface StackRule {
  /** Per function defined in the module, in bytes. */
  readonly charge: Float64Array
  /** Per function defined in the module: 1 when it is counted. */
  readonly counted: Uint8Array
  /** Per function defined in the module: 1 when a compiler may put it in place of a call. */
  readonly small: Uint8Array
}

export function stackRule(validated: ValidatedModule, graph: CallGraph): StackRule {
  const { module } = validated
  const counted = countedFunctions(validated, graph)
  const weights = frameWeights(validated, graph, counted)
  const charge = weights.bytes
  for (const i of graph.calleesFirst) {
    let deepest = 0
    for (const callee of graph.callees[i]!) {
      const g = callee - module.importedFunctions
      if (g >= 0 && counted[g] === 0) deepest = Math.max(deepest, charge[g]!)
    }
    charge[i]! += deepest
  }
  return { charge, counted, small: weights.small }
}

function countedFunctions({ module, addressTaken }: ValidatedModule, graph: CallGraph): Uint8Array {
  const counted = new Uint8Array(module.bodies.length)
  for (let i = 0; i < counted.length; i++) {
    const taken = addressTaken[module.importedFunctions + i] === 1
    counted[i] = taken || graph.inCycle[i] === 1 || graph.tailCalls[i] === 1 ? 1 : 0
  }
  return counted
}

/**
 * Weights without callees. Counted functions that are not small are to be kept out of other functions by an engine, which
 * may make them longer for that. Where this would make a module much longer, nothing is kept out of anything, and every
 * function that calls is taken for full of what it calls.
 */
function frameWeights(
  { module, functions, addressTaken }: ValidatedModule,
  graph: CallGraph,
  counted: Uint8Array,
): { bytes: Float64Array; small: Uint8Array } {
  const imported = module.importedFunctions
  const count = module.bodies.length
  const bytes = new Float64Array(count)
  const small = new Uint8Array(count)
  /** Values that a copy of a small function brings to where it is called, with the copies in it; 0 for others. */
  const copied = new Float64Array(count)
  const made = module.bodies.map((body, i) => bodyValues(body, functions[i]!))
  const own = (i: number): number => ownValues(module, made[i]!, i)

  const reachesTable = graph.indirectCalls.slice()
  spreadToCallers(reachesTable, graph, imported)
  let indirect = 0
  const inPlaceOfCalls = (i: number): number => {
    const { words } = module.bodies[i]!.code
    let sum = 0
    for (const position of functions[i]!.calls) {
      const op = words[position * WORDS]!
      if (op === CALL_INDIRECT || op === RETURN_CALL_INDIRECT) sum += indirect
      else {
        const callee = words[position * WORDS + 2]! - imported
        if (callee >= 0 && callee !== i) sum += copied[callee]!
      }
    }
    return sum
  }
  const most = (i: number): number => {
    const { byteLength } = module.bodies[i]!
    return Math.min(MOST_INLINED_VALUES + (byteLength >> 1), LEAST_INLINED_VALUES + INLINED_PER_BYTE * byteLength)
  }
  const copy = (i: number): void => {
    const each = own(i) + inPlaceOfCalls(i)
    const cyclic = graph.inCycle[i] === 1
    if (counted[i] === 0) small[i] = made[i]!.bytes <= SMALL_PLAIN_BYTES ? 1 : 0
    else if (graph.inWideCycle[i] === 0 && (addressTaken[imported + i] === 0 || reachesTable[i] === 0)) {
      small[i] = each <= SMALL_COUNTED_VALUES ? 1 : 0
    }
    if (small[i] === 1) copied[i] = Math.min(cyclic ? each * SELF_COPIES : each, most(i))
  }
  // The target of a call through a table makes none itself, so these are known without the others.
  for (const i of graph.calleesFirst) if (reachesTable[i] === 0) copy(i)
  let largest = 0
  for (let i = 0; i < count; i++) {
    if (small[i] === 1 && addressTaken[imported + i] === 1) largest = Math.max(largest, copied[i]!)
  }
  indirect = INDIRECT_COPIES * (largest + STAND_IN_VALUES)
  let keptOut = 0
  for (const i of graph.calleesFirst) {
    if (reachesTable[i] === 1) copy(i)
    if (counted[i] === 1 && small[i] === 0) keptOut++
  }
  const full = keptOut * SMALL_PLAIN_BYTES > LONGER_TIMES * module.bytes.length + LONGER_BYTES
  if (full) small.fill(1)
  for (let i = 0; i < count; i++) {
    const { params, results } = functionTypeOf(module, imported + i)
    const { locals } = module.bodies[i]!
    const slots = PARAM_SLOTS * params.length + RESULT_SLOTS * results.length + locals.length + functions[i]!.maxHeight
    let inlined = full && functions[i]!.calls.length > 0 ? most(i) : inPlaceOfCalls(i)
    if (small[i] === 1 && graph.inCycle[i] === 1) inlined += SELF_COPIES_IN_ITSELF * (own(i) + inlined)
    bytes[i] = FRAME_BYTES + SLOT_BYTES * slots + VALUE_BYTES * (made[i]!.values + Math.min(inlined, most(i)))
  }
  return { bytes, small }
}

/** Values of a function that is put in place of a call: its parameters are the caller's, locals never set are constants. */
function ownValues(module: Module, { values, sets }: BodyValues, i: number): number {
  const { params } = functionTypeOf(module, module.importedFunctions + i)
  return values + Math.min(sets, params.length + module.bodies[i]!.locals.length)
}
