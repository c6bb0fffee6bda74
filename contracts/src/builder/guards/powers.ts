/**
 * The type of `a ** b`. The compiler calls a function of i32 or i64, and takes its type for the result's: of u32 and
 * u64 that is the wrong sign. `<u64>(a ** b)` of 2^31 and more is extended with ones, `a ** b > c` compares signed numbers.
 */

import type { Compiler, ExpressionRef, Method, Type } from '../internals.ts'

/** For `Compiler#makePow(left, right, type, reportNode)`. */
export function powerOfType(original: Method): Method {
  return function (this: Compiler, left: ExpressionRef, right: ExpressionRef, type: Type, ...rest: unknown[]) {
    const expr: ExpressionRef = original.call(this, left, right, type, ...rest)
    this.currentType = type
    return expr
  }
}
