/**
 * Where the author asks for integers that wrap: in `unchecked(expression)`, and in a block or function that begins with the
 * statement `'unchecked'`. And the counters of loops, which cannot overflow.
 */

import { walk } from '../astNodes.ts'
import type { AstNode, SourceRange } from '../compiler.ts'
import type { Binary, Call, Node, Range, Unary } from '../internals.ts'
import { internals, numberOf } from '../internals.ts'
import { asCall, asIdentifier, assignedIn, bare, INCREMENTS, KIND } from './nodes.ts'

const { NodeKind, LiteralKind, Token } = internals
const BLOCK = numberOf(NodeKind, 'Block')
const STATEMENT = numberOf(NodeKind, 'Expression')
const FOR = numberOf(NodeKind, 'For')
const STRING = numberOf(LiteralKind, 'String')
/** The comparison that keeps a counter from its end, by the operator that moves it. */
const BOUNDS = new Map([
  [numberOf(Token, 'Plus_Plus'), numberOf(Token, 'LessThan')],
  [numberOf(Token, 'Minus_Minus'), numberOf(Token, 'GreaterThan')],
])

/** The word, as a builtin function and as a statement of text. */
export const UNCHECKED = 'unchecked'

interface Marks {
  readonly unchecked: readonly SourceRange[]
  /** By the place of `i++` in `for (...; i < n; i++)`: `n`. */
  readonly bounds: ReadonlyMap<number, Node>
}

const marks = new WeakMap<object, Marks>()

/** Whether the expression stands where integers wrap. */
export function isUnchecked({ range }: Node): boolean {
  return marksOf(range).unchecked.some(({ start, end }) => start <= range.start && range.end <= end)
}

/**
 * Of the step of a loop whose variable is only changed by it: the value that the variable was less than (or greater, for
 * `i--`) before it. One of the same type, it keeps the step from overflowing.
 */
export function boundOf({ range }: Node): Node | null {
  return marksOf(range).bounds.get(range.start) ?? null
}

/** The text of a statement that is a text and nothing else; null for others. */
export function textStatement(node: AstNode): string | null {
  if (node.kind !== STATEMENT) return null
  const { expression } = node as AstNode & { expression: AstNode & { literalKind?: number; value?: unknown } }
  if (expression.kind !== KIND.literal || expression.literalKind !== STRING) return null
  return expression.value as string
}

/** The statements of a block; null for another node. */
export function statementsIn(node: AstNode): readonly AstNode[] | null {
  return node.kind === BLOCK ? (node as AstNode & { statements: readonly AstNode[] }).statements : null
}

function marksOf({ source }: Range): Marks {
  const known = marks.get(source)
  if (known !== undefined) return known
  const unchecked: SourceRange[] = []
  const bounds = new Map<number, Node>()
  for (const statement of (source as typeof source & { statements: readonly AstNode[] }).statements) {
    walk(statement, (node) => {
      if (isUncheckedCall(node as Node)) unchecked.push(node.range)
      const [first] = statementsIn(node) ?? []
      if (first !== undefined && textStatement(first) === UNCHECKED) unchecked.push(node.range)
      const bound = node.kind === FOR ? stepOf(node) : null
      if (bound !== null) bounds.set(bound.step.range.start, bound.bound)
    })
  }
  const found = { unchecked, bounds }
  marks.set(source, found)
  return found
}

/** `unchecked(expression)`. */
export function isUncheckedCall(node: Node): boolean {
  const call = asCall(node) as Call | null
  return call !== null && call.args.length === 1 && asIdentifier(call.expression)?.text === UNCHECKED
}

function stepOf(node: AstNode): { readonly step: Node; readonly bound: Node } | null {
  const { condition, incrementor, body } = node as AstNode & Record<'condition' | 'incrementor' | 'body', Node | null>
  if (condition?.kind !== KIND.binary || incrementor === null || body === null) return null
  if (incrementor.kind !== KIND.unaryPostfix && incrementor.kind !== KIND.unaryPrefix) return null
  const { operator, operand } = incrementor as Unary
  const { operator: comparison, left, right } = condition as Binary
  const name = asIdentifier(bare(operand))?.text
  if (!INCREMENTS.includes(operator) || BOUNDS.get(operator) !== comparison) return null
  if (name === undefined || asIdentifier(bare(left))?.text !== name) return null
  return assignedIn(body).has(name) || assignedIn(condition).has(name) ? null : { step: incrementor, bound: right }
}
