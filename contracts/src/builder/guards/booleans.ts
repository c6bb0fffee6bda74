/**
 * A bool is 0 or 1 wherever one comes into being, so that storing its low byte, or `&` of two of them, loses nothing.
 *
 * The compiler takes anything but zero for true, and forgets about it: `<bool>x` is x itself, and so is `a && x`, where a
 * bool is wanted. Then 256 stored in a field is false, `<bool>2 & <bool>1` is false, and an u8 sum of 256 makes true.
 */

import type { AstNode } from '../compiler.ts'
import type { Compiler, ExpressionRef, Method, Type } from '../internals.ts'
import { internals as as } from '../internals.ts'

const { Token, TypeKind, DiagnosticCode } = as

interface BinaryNode extends AstNode {
  readonly operator: number
}

interface UnaryNode extends BinaryNode {
  readonly operand: AstNode & { readonly isNumericLiteral: boolean }
}

/** For `Compiler#convertExpression(expr, fromType, toType, explicit, reportNode)`. */
export function convertToTruth(original: Method): Method {
  return function (this: Compiler, expr: ExpressionRef, from: Type, to: Type, ...rest: unknown[]) {
    const narrows = to.kind === TypeKind.Bool && from.kind !== TypeKind.Bool && from.isIntegerValue
    if (!narrows || from.isLongIntegerValue) return original.call(this, expr, from, to, ...rest)
    const value = original.call(this, this.ensureSmallIntegerWrap(expr, from), from, to, ...rest)
    return this.ensureSmallIntegerWrap(value, to)
  }
}

/** For `Compiler#makeAnd`, `makeOr` and `makeXor(left, right, type)`. */
export function bitwiseOfTruths(original: Method): Method {
  return function (this: Compiler, left: ExpressionRef, right: ExpressionRef, type: Type) {
    if (type.kind !== TypeKind.Bool) return original.call(this, left, right, type)
    return original.call(this, this.ensureSmallIntegerWrap(left, type), this.ensureSmallIntegerWrap(right, type), type)
  }
}

/** Compilers that met arithmetic on bools in the expression they are at. */
const arithmeticOnTruths = new WeakSet<Compiler>()

/** For `Compiler#makeAdd` and the like, `(left, right, type, ...)`. */
export function noteArithmetic(original: Method): Method {
  return function (this: Compiler, left: ExpressionRef, right: ExpressionRef, type: Type, ...rest: unknown[]) {
    if (type.kind === TypeKind.Bool) arithmeticOnTruths.add(this)
    return original.call(this, left, right, type, ...rest)
  }
}

/**
 * For `Compiler#compileBinaryExpression(expression, contextualType, constraints)`. Arithmetic on bools is refused, as
 * in TypeScript.
 */
export function binaryOfTruths(original: Method): Method {
  return function (this: Compiler, node: BinaryNode, ...rest: unknown[]) {
    const expr: ExpressionRef = original.call(this, node, ...rest)
    if (arithmeticOnTruths.delete(this)) refuse(this, node)
    const isLogical = node.operator === Token['Ampersand_Ampersand'] || node.operator === Token['Bar_Bar']
    if (!isLogical || this.currentType !== as.Type.bool) return expr
    const truth = this.ensureSmallIntegerWrap(expr, as.Type.bool)
    if (truth !== expr) keepAlternatives(this, expr, truth)
    return truth
  }
}

/**
 * For `Compiler#compileUnaryPrefixExpression` and `compileUnaryPostfixExpression(expression, contextualType, constraints)`.
 */
export function unaryOfTruth(original: Method): Method {
  const arithmetic = [Token['Minus'], Token['Plus_Plus'], Token['Minus_Minus']]
  return function (this: Compiler, node: UnaryNode, contextualType: Type, ...rest: unknown[]) {
    // The minus of `-1` is part of the number.
    if (arithmetic.includes(node.operator) && !node.operand.isNumericLiteral) {
      const { resolver, currentFlow } = this
      const type = resolver.resolveExpression(
        node.operand,
        currentFlow,
        contextualType.exceptVoid,
        as.ReportMode.Swallow,
      )
      if (type?.kind === TypeKind.Bool) refuse(this, node)
    }
    return original.call(this, node, contextualType, ...rest)
  }
}

function refuse(compiler: Compiler, node: BinaryNode): void {
  const code = DiagnosticCode['The_0_operator_cannot_be_applied_to_type_1'] as number
  compiler.error(code, node.range, as.operatorTokenToString(node.operator), 'bool')
}

/**
 * The compiler keeps its knowledge of locals, for a condition that holds and for one that does not, by the condition's
 * number.
 */
function keepAlternatives(compiler: Compiler, from: ExpressionRef, to: ExpressionRef): void {
  const flow = compiler.currentFlow
  const whenTrue = flow.trueFlows?.get(from)
  const whenFalse = flow.falseFlows?.get(from)
  if (whenTrue !== undefined) flow.noteThen(to, whenTrue)
  if (whenFalse !== undefined) flow.noteElse(to, whenFalse)
}
