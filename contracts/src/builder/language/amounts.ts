/**
 * Amounts that native integers cannot hold. `u256(1000 * 10 ** 18)` is made of its exact value, a constant that does
 * not fit its type is refused, and a signed number that becomes unsigned is checked when it runs.
 */

import {
  type Binary,
  constantOf,
  type ExpressionRef,
  internals,
  type Node,
  type Replacement,
  type Type,
} from '../internals.ts'
import { type Exact, exactValue, rangeOf, SHIFT_LEFT, WIDENING } from './constants.ts'
import { around, type Hook, isAuthors, sdkFunction, UNCHANGED } from './hooks.ts'
import { bare, KIND, textOfNode } from './nodes.ts'
import { AMOUNTS } from './sdkNames.ts'

const { Type: Types } = internals
const MAX_U256 = 2n ** 256n - 1n
const MIN_I256 = -(2n ** 255n)
const MAX_I256 = 2n ** 255n - 1n
/** ExpressionRunnerFlags.Default. */
const DEFAULT_RUN = 0

export const AMOUNT_RULES: readonly Replacement[] = [
  around('compileCallDirect', (hook, original, instance, args, at, ...rest) => {
    const name = instance.prototype.internalName
    if (!isAuthors(at)) return original(instance, args, at, ...rest)
    const [value] = args
    const isSigned = (AMOUNTS.signed as readonly string[]).includes(name)
    if (
      value !== undefined &&
      args.length === 1 &&
      (isSigned || (AMOUNTS.unsigned as readonly string[]).includes(name))
    ) {
      const made =
        fold(hook, value, isSigned, at) ?? (isSigned ? signedArgument(hook, value) : unsignedArgument(hook, value))
      return typeof made === 'number' ? made : original(instance, [made], at, ...rest)
    }
    if (!(AMOUNTS.constructors as readonly string[]).includes(name)) return original(instance, args, at, ...rest)
    return original(
      instance,
      args.map((limb) => limbArgument(hook, limb)),
      at,
      ...rest,
    )
  }),
  around('compileBinaryExpression', (hook, original, node, type, constraints) => {
    const result = original(node, type, constraints)
    if (WIDENING.includes(node.operator) && isAuthors(node)) {
      const computed = hook.compiler.currentType
      const exact = computed.isIntegerValue && !computed.isBooleanValue ? exactValue(hook, node) : null
      if (exact !== null) judge(hook, node, exact, computed)
      hook.compiler.currentType = computed
    }
    return result
  }),
]

/** A shift may reach the sign bit, but not lose bits. */
function judge(hook: Hook, at: Binary, { value, isLiteral }: Exact, type: Type): void {
  const [min, top] = rangeOf(type)
  const max = at.operator === SHIFT_LEFT ? 2n ** BigInt(type.size) - 1n : top
  if (value >= min && value <= max) return
  const text = textOfNode(at)
  const range = `${type} (${min} to ${max})`
  hook.session.report(at, `${text} is ${value}, which does not fit ${range}`, insteadOf(at, text, isLiteral))
}

function insteadOf({ left, operator, right }: Binary, text: string, isLiteral: boolean): string {
  if (isLiteral) return `a U256 holds it: u256(${text})`
  const sign = text.slice(left.range.end - left.range.start, right.range.start - left.range.start).trim()
  const second = operator === SHIFT_LEFT ? textOfNode(right) : `u256(${textOfNode(right)})`
  return `compute it in U256: u256(${textOfNode(left)}) ${sign} ${second}`
}

/** A constant amount as the argument or, beyond 64 bits, the whole value; null when it is no constant. */
function fold(hook: Hook, argument: Node, isSigned: boolean, at: Node): Node | ExpressionRef | null {
  const exact = exactValue(hook, argument)
  if (exact === null) return null
  const { value } = exact
  if (value < 0n && !isSigned) refuseNegative(hook, argument)
  // Computed in the types of the constants in it, where what does not fit has been refused.
  if (!exact.isLiteral) return null
  if (value > (isSigned ? MAX_I256 : MAX_U256) || value < MIN_I256) {
    const type = isSigned ? 'I256' : 'U256'
    hook.session.report(argument, `${textOfNode(argument)} does not fit ${type}`, `the largest is ${type}.MAX`)
  }
  if (isSigned && BigInt.asIntN(64, value) === value) return constant(hook, value, Types.i64, argument)
  if (!isSigned && BigInt.asUintN(64, value) === value) return constant(hook, value, Types.u64, argument)
  const limbs = [0n, 64n, 128n, 192n].map((shift) => constant(hook, value >> shift, Types.u64, argument))
  const make = isSigned ? AMOUNTS.signedOfLimbs : AMOUNTS.unsignedOfLimbs
  return hook.compiler.compileCallDirect(sdkFunction(hook, make), limbs, at)
}

/** The lowest 64 bits of a value, as a constant of the code. */
function constant({ compiler }: Hook, value: bigint, type: Type, at: Node): Node {
  const half = (part: bigint) => Number(BigInt.asIntN(32, part))
  const expression = compiler.module.i64(half(value), half(value >> 32n))
  return internals.Node.createCompiledExpression(expression, type, at.range)
}

function refuseNegative(hook: Hook, at: Node): void {
  const hint = 'write U256.MAX for all ones, or i256(…) for a signed number'
  hook.session.report(at, `a U256 cannot be ${textOfNode(at)}`, hint)
}

/** The argument of u256(...), checked at run time when its type has a sign. */
function unsignedArgument(hook: Hook, argument: Node): Node {
  const { compiler } = hook
  const value = compiler.compileExpression(argument, Types.u64, UNCHANGED)
  const type = compiler.currentType
  if (!type.isIntegerValue || !type.isSignedIntegerValue) return compiledAs(hook, value, type, Types.u64, argument)
  const wide = compiledAs(hook, value, type, Types.i64, argument)
  const checked = compiler.compileCallDirect(sdkFunction(hook, AMOUNTS.nonNegative), [wide], argument)
  return internals.Node.createCompiledExpression(checked, Types.u64, argument.range)
}

/** The argument of i256(...), or the whole value when it is made of a u64, whose highest bit is no sign. */
function signedArgument(hook: Hook, argument: Node): Node | ExpressionRef {
  const { compiler } = hook
  const value = compiler.compileExpression(argument, Types.i64, UNCHANGED)
  const type = compiler.currentType
  if (!type.isIntegerValue || type.isSignedIntegerValue || type.size < 64) {
    return compiledAs(hook, value, type, Types.i64, argument)
  }
  const wide = compiledAs(hook, value, type, Types.u64, argument)
  return compiler.compileCallDirect(sdkFunction(hook, AMOUNTS.signedOfUnsigned), [wide], argument)
}

/** A limb of `new U256(...)`: a literal is a limb as it is, below zero it is none. */
function limbArgument(hook: Hook, argument: Node): Node {
  const exact = exactValue(hook, argument)
  if (exact !== null && exact.value < 0n) refuseNegative(hook, argument)
  return exact === null && bare(argument).kind !== KIND.literal ? unsignedArgument(hook, argument) : argument
}

function compiledAs(hook: Hook, value: ExpressionRef, from: Type, to: Type, at: Node): Node {
  const converted = hook.compiler.convertExpression(value, from, to, false, at)
  refuseInexact(hook, converted, to, at)
  return internals.Node.createCompiledExpression(converted, to, at.range)
}

/** Elsewhere a cast asks for arithmetic that wraps. Of a constant amount nothing may be lost, so there it is refused. */
function refuseInexact(hook: Hook, converted: ExpressionRef, type: Type, at: Node): void {
  const exact = exactValue(hook, at) === null ? exactValue(hook, at, true) : null
  if (exact === null) return
  // A constant that panics has no value.
  const known = constantOf(hook.compiler.module.runExpression(converted, DEFAULT_RUN))
  const value = known === null || type.isSignedIntegerValue ? known : BigInt.asUintN(64, known)
  if (value === exact.value) return
  const instead =
    value === null ? 'which the types it is cast to do not hold' : `and ${value} in the types it is cast to`
  hook.session.report(at, `${textOfNode(at)} is ${exact.value}, ${instead}`, 'leave the casts out')
}
