/** Questions about expressions of the compiler's syntax tree. */

import { walk } from '../astNodes.ts'
import type { PropertyAccess, Unary } from '../internals.ts'
import {
  type Binary,
  type Call,
  type ElementAccess,
  type Identifier,
  internals,
  type Node,
  numberOf,
} from '../internals.ts'

const { NodeKind, Token } = internals
const kind = (name: string) => numberOf(NodeKind, name)
const token = (name: string) => numberOf(Token, name)

export const KIND = {
  assertion: kind('Assertion'),
  binary: kind('Binary'),
  call: kind('Call'),
  comma: kind('Comma'),
  elementAccess: kind('ElementAccess'),
  false: kind('False'),
  identifier: kind('Identifier'),
  literal: kind('Literal'),
  new: kind('New'),
  null: kind('Null'),
  omitted: kind('Omitted'),
  parenthesized: kind('Parenthesized'),
  propertyAccess: kind('PropertyAccess'),
  super: kind('Super'),
  ternary: kind('Ternary'),
  this: kind('This'),
  true: kind('True'),
  unaryPostfix: kind('UnaryPostfix'),
  unaryPrefix: kind('UnaryPrefix'),
  variableDeclaration: kind('VariableDeclaration'),
  parameter: kind('Parameter'),
  function: kind('Function'),
} as const

export const ASSIGN = token('Equals')
export const INCREMENTS: readonly number[] = [token('Plus_Plus'), token('Minus_Minus')]
export const COMPOUND: readonly number[] = [
  'Plus_Equals',
  'Minus_Equals',
  'Asterisk_Equals',
  'Asterisk_Asterisk_Equals',
  'Slash_Equals',
  'Percent_Equals',
  'LessThan_LessThan_Equals',
  'GreaterThan_GreaterThan_Equals',
  'GreaterThan_GreaterThan_GreaterThan_Equals',
  'Ampersand_Equals',
  'Bar_Equals',
  'Caret_Equals',
].map(token)

/** The expression without the brackets around it. */
export function bare(node: Node): Node {
  let inner = node
  while (inner.kind === KIND.parenthesized) inner = (inner as Node & { expression: Node }).expression
  return inner
}

export function asProperty(node: Node): PropertyAccess | null {
  return node.kind === KIND.propertyAccess ? (node as PropertyAccess) : null
}

export function asElement(node: Node): ElementAccess | null {
  return node.kind === KIND.elementAccess ? (node as ElementAccess) : null
}

export function asCall(node: Node): Call | null {
  return node.kind === KIND.call ? (node as Call) : null
}

export function asIdentifier(node: Node): Identifier | null {
  return node.kind === KIND.identifier ? (node as Identifier) : null
}

const MAX_QUOTED = 100

/** The text as it was compiled, on one line, for a message. */
export function textOfNode(node: Node): string {
  const text = node.range.source.text.slice(node.range.start, node.range.end).replace(/\s*\n\s*/g, ' ')
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text
}

/** The node that an assignment, plain or compound, or an increment writes to; null for any other node. */
export function targetOf(node: Node): Node | null {
  if (node.kind === KIND.binary) {
    const { operator, left } = node as Binary
    return operator === ASSIGN || COMPOUND.includes(operator) ? bare(left) : null
  }
  if (node.kind === KIND.unaryPostfix || node.kind === KIND.unaryPrefix) {
    const { operator, operand } = node as Unary
    return INCREMENTS.includes(operator) ? bare(operand) : null
  }
  return null
}

/** The parts of a target that are evaluated to find it: its object, its index. */
export function partsOf(target: Node): readonly Node[] {
  const element = asElement(target)
  if (element !== null) return [element.expression, element.elementExpression]
  const property = asProperty(target)
  return property === null ? [] : [property.expression]
}

/** Names of the variables that an expression assigns to. */
export function assignedIn(node: Node): ReadonlySet<string> {
  const names = new Set<string>()
  walk(node, (inner) => {
    const target = targetOf(inner as Node)
    const name = target === null ? null : asIdentifier(target)
    if (name !== null) names.add(name.text)
  })
  return names
}

/** Stands for the name of a member where an element is meant. */
export const ELEMENT_OF = '[]'

export function memberName(access: PropertyAccess | ElementAccess): string {
  return asProperty(access)?.property.text ?? ELEMENT_OF
}

/** Functions of the compiler that give the object they are given. */
export const TRANSPARENT: readonly string[] = ['unchecked', 'changetype']
