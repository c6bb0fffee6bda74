/** What constant integer expressions are exactly, whatever the width of the type they are computed in. */

import { walk } from '../astNodes.ts'
import { ELEMENT, elementOf, type Hook, typeOf } from './hooks.ts'
import {
  type Binary,
  type Constant,
  type Element,
  internals,
  type Node,
  numberOf,
  type Type,
  type Unary,
} from './internals.ts'
import { bare, KIND } from './nodes.ts'

const { Token, LiteralKind, CommonFlags, DecoratorFlags, ConstantValueKind } = internals
const token = (name: string) => numberOf(Token, name)
const INTEGER_LITERAL = numberOf(LiteralKind, 'Integer')
const INLINED = numberOf(CommonFlags, 'Inlined')
const CONST = numberOf(CommonFlags, 'Const')
const BUILTIN = numberOf(DecoratorFlags, 'Builtin')
const INTEGER_VALUE = numberOf(ConstantValueKind, 'Integer')

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

/** The exact value of an expression of literals and constants; null for any other. */
export function exactValue(hook: Hook, node: Node): Exact | null {
  const inner = bare(node)
  switch (inner.kind) {
    case KIND.literal: {
      if ((inner as Node & { literalKind: number }).literalKind !== INTEGER_LITERAL) return null
      const { start, end, source } = inner.range
      return { value: BigInt(source.text.slice(start, end).replaceAll('_', '')), isLiteral: true }
    }
    case KIND.unaryPrefix: {
      const { operator, operand } = inner as Unary
      const exact = operator === MINUS || operator === PLUS ? exactValue(hook, operand) : null
      return exact === null ? null : { ...exact, value: operator === MINUS ? -exact.value : exact.value }
    }
    case KIND.binary: {
      const { operator, left, right } = inner as Binary
      const operation = OPERATIONS.get(operator)
      const a = operation === undefined ? null : exactValue(hook, left)
      const b = a === null ? null : exactValue(hook, right)
      const value = operation === undefined || a === null || b === null ? null : operation(a.value, b.value)
      return value === null ? null : { value, isLiteral: a?.isLiteral === true && b?.isLiteral === true }
    }
    case KIND.assertion:
      return converted(hook, inner)
    case KIND.identifier:
    case KIND.propertyAccess:
      return namedConstant(hook, inner)
    default:
      return null
  }
}

/** `<u64>x` and `x as u64`, of a value that the type can hold. */
function converted(hook: Hook, node: Node): Exact | null {
  const type = typeOf(hook, node)
  const exact = type?.isIntegerValue ? exactValue(hook, (node as Node & { expression: Node }).expression) : null
  return type && exact !== null && fits(exact.value, type) ? { ...exact, isLiteral: false } : null
}

function namedConstant(hook: Hook, node: Node): Exact | null {
  const element = elementOf(hook, node)
  if (element === null || !isVariable(element) || element.hasDecorator(BUILTIN)) return null
  const { constantValueKind, constantIntegerValue, initializerNode, type } = element as Constant
  if (element.is(INLINED)) {
    if (constantValueKind !== INTEGER_VALUE || !type.isIntegerValue) return null
    const bits = (BigInt(constantIntegerValue.high) << 32n) | BigInt(constantIntegerValue.low >>> 0)
    const value = type.isSignedIntegerValue ? BigInt.asIntN(type.size, bits) : BigInt.asUintN(type.size, bits)
    return { value, isLiteral: false }
  }
  if (element.kind !== ELEMENT.global || !element.is(CONST) || initializerNode === null) return null
  // Names within it would be those of another scope.
  const exact = isOfLiterals(initializerNode) ? exactValue(hook, initializerNode) : null
  return exact !== null && type.isIntegerValue && fits(exact.value, type) ? { ...exact, isLiteral: false } : null
}

function isOfLiterals(node: Node): boolean {
  let named = false
  walk(node, ({ kind }) => {
    if (kind === KIND.identifier) named = true
  })
  return !named
}

function isVariable({ kind }: Element): boolean {
  return kind === ELEMENT.global || kind === ELEMENT.local || kind === ELEMENT.enumValue
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
