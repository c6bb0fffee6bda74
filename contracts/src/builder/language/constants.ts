/** The exact values of constant integer expressions, whatever the width of the type they are computed in. */

import { walk } from '../astNodes.ts'
import { type Binary, type Constant, internals, type Node, numberOf, type Type, type Unary } from '../internals.ts'
import { ELEMENT, elementOf, type Hook } from './hooks.ts'
import { bare, KIND } from './nodes.ts'

const { Token, LiteralKind, CommonFlags } = internals
const token = (name: string) => numberOf(Token, name)
const INTEGER_LITERAL = numberOf(LiteralKind, 'Integer')
const CONST = numberOf(CommonFlags, 'Const')
/** A static field that is readonly. */
const FIXED = numberOf(CommonFlags, 'Static') | numberOf(CommonFlags, 'Readonly')

/** Beyond this a power or a shift is out of range of every type; it is not computed. */
const MAX_EXPONENT = 512n

export interface Exact {
  readonly value: bigint
  /** Whether it is made of literals only, which have the type that the place asks for. */
  readonly isLiteral: boolean
}

type Operation = (a: bigint, b: bigint) => bigint | null

const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [token('Plus'), (a, b) => a + b],
  [token('Minus'), (a, b) => a - b],
  [token('Asterisk'), (a, b) => a * b],
  [token('Slash'), (a, b) => (b === 0n ? null : a / b)],
  [token('Percent'), (a, b) => (b === 0n ? null : a % b)],
  [token('Asterisk_Asterisk'), (a, b) => (b < 0n || b > MAX_EXPONENT ? null : a ** b)],
  [token('LessThan_LessThan'), (a, b) => (b < 0n || b > MAX_EXPONENT ? null : a << b)],
  [token('GreaterThan_GreaterThan'), (a, b) => (b < 0n || b > MAX_EXPONENT ? null : a >> b)],
])

export const SHIFT_LEFT = token('LessThan_LessThan')
/** Operations whose result can be out of the range of both their operands. */
export const WIDENING: readonly number[] = [
  token('Plus'),
  token('Minus'),
  token('Asterisk'),
  token('Asterisk_Asterisk'),
  SHIFT_LEFT,
]
const MINUS = token('Minus')
const PLUS = token('Plus')

/**
 * The exact value of an expression of literals and named constants; null for any other. A cast is none, as it asks for
 * the arithmetic of its type, which wraps; with `throughCasts` it is what it would be without.
 */
export function exactValue(hook: Hook, node: Node, throughCasts = false): Exact | null {
  const inner = bare(node)
  const below = (child: Node) => exactValue(hook, child, throughCasts)
  switch (inner.kind) {
    case KIND.assertion: {
      const exact = throughCasts ? below((inner as Node & { expression: Node }).expression) : null
      return exact === null ? null : { ...exact, isLiteral: false }
    }
    case KIND.literal: {
      if ((inner as Node & { literalKind: number }).literalKind !== INTEGER_LITERAL) return null
      const { start, end, source } = inner.range
      return { value: BigInt(source.text.slice(start, end).replaceAll('_', '')), isLiteral: true }
    }
    case KIND.unaryPrefix: {
      const { operator, operand } = inner as Unary
      const exact = operator === MINUS || operator === PLUS ? below(operand) : null
      return exact === null ? null : { ...exact, value: operator === MINUS ? -exact.value : exact.value }
    }
    case KIND.binary: {
      const { operator, left, right } = inner as Binary
      const operation = OPERATIONS.get(operator)
      const a = operation === undefined ? null : below(left)
      const b = a === null ? null : below(right)
      const value = operation === undefined || a === null || b === null ? null : operation(a.value, b.value)
      return value === null ? null : { value, isLiteral: a?.isLiteral === true && b?.isLiteral === true }
    }
    case KIND.identifier:
    case KIND.propertyAccess:
      return namedConstant(hook, inner)
    default:
      return null
  }
}

/** A constant of a module or a class, by what it is declared with. */
function namedConstant(hook: Hook, node: Node): Exact | null {
  const element = elementOf(hook, node)
  if (element === null || element.kind !== ELEMENT.global) return null
  if (!element.is(CONST) && !element.is(FIXED)) return null
  const { initializerNode, type } = element as Constant
  // Names within it would be those of another scope.
  if (initializerNode === null || !type.isIntegerValue || !isOfLiterals(initializerNode)) return null
  const exact = exactValue(hook, initializerNode)
  return exact !== null && fits(exact.value, type) ? { ...exact, isLiteral: false } : null
}

function isOfLiterals(node: Node): boolean {
  let named = false
  walk(node, ({ kind }) => {
    if (kind === KIND.identifier) named = true
  })
  return !named
}

/** The least and the greatest value of an integer type. */
export function rangeOf(type: Type): readonly [bigint, bigint] {
  const bits = BigInt(type.size)
  return type.isSignedIntegerValue ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n]
}

function fits(value: bigint, type: Type): boolean {
  const [min, max] = rangeOf(type)
  return value >= min && value <= max
}
