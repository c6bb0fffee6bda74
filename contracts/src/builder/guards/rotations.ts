/**
 * `rotl` and `rotr` of i8 and i16 shift copies of the sign in: `rotl<i8>(-128, 1)` is -1 and not 1. They are refused; of the
 * unsigned types they are right.
 */

import type { AstNode } from '../compiler.ts'
import type { Compiler, ExpressionRef, Method } from '../internals.ts'
import { internals as as } from '../internals.ts'

const { TypeKind, DiagnosticCode } = as
const ROTATIONS = new Map([
  ['~lib/builtins/rotl', 'rotl'],
  ['~lib/builtins/rotr', 'rotr'],
])

/** For `Compiler#compileCallExpressionBuiltin(prototype, expression, contextualType)`. */
export function refuseRotations(original: Method): Method {
  return function (this: Compiler, prototype: { readonly internalName: string }, node: AstNode, ...rest: unknown[]) {
    const expr: ExpressionRef = original.call(this, prototype, node, ...rest)
    const name = ROTATIONS.get(prototype.internalName)
    if (name === undefined || (this.currentType.kind !== TypeKind.I8 && this.currentType.kind !== TypeKind.I16))
      return expr
    const code = DiagnosticCode['Operation_0_cannot_be_applied_to_type_1'] as number
    this.error(code, node.range, name, this.currentType.toString())
    return this.module.unreachable()
  }
}
