/**
 * The deterministic call stack: a rule about the module, never about the machine.
 *
 * A frame of function f weighs w(f) = 64 + 8 x (parameters + declared locals + greatest operand height) bytes. A
 * function is *counted* when it may be on the stack any number of times: it is in a cycle of direct calls, or its
 * address is taken (`ref.func` or an element segment), or it makes a tail call. All others are *plain*.
 *
 *   charge(f) = w(f) + max(0, charge(g) for every plain g that f calls directly)
 *
 * The depth starts at 0 when the host enters an instance. Entering a counted function adds its charge to the depth,
 * and traps with `stack-exhausted` when the sum is above the budget; entering a plain function adds nothing, except
 * when the host enters it (an export or the start function), which adds its charge and checks it likewise. Returning
 * restores the depth of the caller. A tail call to a counted function first restores the depth its caller was entered
 * with. (Only counted functions make tail calls, so that depth is always known.)
 *
 * Real use never exceeds the depth: cut a call stack before every counted frame. Each piece is one counted frame (or
 * the one the host entered) followed by a chain of plain frames, each called directly by the one before it; the sum of
 * their weights is at most the charge of the first, by induction along the chain. After a tail call the piece holds
 * the new function alone: counted, it has its own charge; plain, it is among the callees its caller's charge allows
 * for.
 */

import { functionTypeOf } from '../binary/module.ts'
import type { ValidatedModule } from '../validate/validateModule.ts'
import type { CallGraph } from './callGraph.ts'

export const FRAME_BYTES = 64
export const VALUE_BYTES = 8

export interface StackRule {
  /** Per function defined in the module, in bytes. */
  readonly charge: Float64Array
  /** Per function defined in the module: 1 when it is counted. */
  readonly counted: Uint8Array
}

export function stackRule({ module, functions, addressTaken }: ValidatedModule, graph: CallGraph): StackRule {
  const count = module.bodies.length
  const charge = new Float64Array(count)
  const counted = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const taken = addressTaken[module.importedFunctions + i] === 1
    counted[i] = taken || graph.inCycle[i] === 1 || graph.tailCalls[i] === 1 ? 1 : 0
  }
  for (const i of graph.calleesFirst) {
    let deepest = 0
    for (const callee of graph.callees[i]!) {
      const g = callee - module.importedFunctions
      if (g >= 0 && counted[g] === 0) deepest = Math.max(deepest, charge[g]!)
    }
    const { params } = functionTypeOf(module, module.importedFunctions + i)
    const values = params.length + module.bodies[i]!.locals.length + functions[i]!.maxHeight
    charge[i] = FRAME_BYTES + VALUE_BYTES * values + deepest
  }
  return { charge, counted }
}
