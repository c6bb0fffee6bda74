/**
 * Conditions that are known when compiling. `(x = 1) && f()` is compiled to `f()`: the left side's value is known, and its
 * assignment goes with it. A condition that does something is never taken as known.
 */

import type { Compiler, ExpressionRef, Method } from './internals.ts'
import { internals as as } from './internals.ts'

const { SideEffects } = as
const DOES = ['Branches', 'Calls', 'WritesLocal', 'WritesGlobal', 'WritesMemory']
  .map((name) => SideEffects[name] as number)
  .reduce((all, one) => all | one)
/** ConditionKind.Unknown. */
const UNKNOWN = 0

/** For `Compiler#evaluateCondition(expr)`. */
export function evaluateWithoutEffects(original: Method): Method {
  return function (this: Compiler, expr: ExpressionRef) {
    return as.getSideEffects(expr, this.module.ref) & DOES ? UNKNOWN : original.call(this, expr)
  }
}
