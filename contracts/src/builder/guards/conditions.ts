/**
 * Conditions that are known when compiling. `(x = 1) && f()` is compiled to `f()`: the left side's value is known, and its
 * assignment goes with it. A condition that does something is never taken as known.
 */

import type { Compiler, ExpressionRef, Method } from '../internals.ts'
import { internals as as } from '../internals.ts'

const { ExpressionId } = as
/** ConditionKind.Unknown. */
const UNKNOWN = 0

/** For `Compiler#evaluateCondition(expr)`. */
export function evaluateWithoutEffects(original: Method): Method {
  return function (this: Compiler, expr: ExpressionRef) {
    const known: number = original.call(this, expr)
    return known !== UNKNOWN && mayAct(expr) ? UNKNOWN : known
  }
}

/**
 * Whether evaluating an expression may do anything. Binaryen's own answer, `getSideEffects`, ends the process when a
 * function that is called is still being compiled.
 */
function mayAct(expr: ExpressionRef): boolean {
  switch (as.getExpressionId(expr)) {
    case ExpressionId['Const']:
    case ExpressionId['LocalGet']:
    case ExpressionId['GlobalGet']:
    case ExpressionId['Nop']:
      return false
    case ExpressionId['Load']:
      return mayAct(as.getLoadPtr(expr))
    case ExpressionId['Drop']:
      return mayAct(as.getDropValue(expr))
    case ExpressionId['Unary']:
      return mayAct(as.getUnaryValue(expr))
    case ExpressionId['Binary']:
      return mayAct(as.getBinaryLeft(expr)) || mayAct(as.getBinaryRight(expr))
    case ExpressionId['Select']:
      return [as.getSelectThen(expr), as.getSelectElse(expr), as.getSelectCondition(expr)].some(mayAct)
    case ExpressionId['If']: {
      const otherwise = as.getIfFalse(expr)
      return [as.getIfCondition(expr), as.getIfTrue(expr)].some(mayAct) || (otherwise !== 0 && mayAct(otherwise))
    }
    case ExpressionId['Block']: {
      const children = Array.from({ length: as.getBlockChildCount(expr) }, (_, i) => as.getBlockChildAt(expr, i))
      return children.some(mayAct)
    }
    default:
      return true
  }
}
