/**
 * Assignments as Solidity makes them: the right side is evaluated first, then what is needed to find the target, once,
 * then, for `+=` and its kin, the target's old value is read. AssemblyScript evaluates a target twice, reads the old value
 * before the right side, and writes members of a struct in storage to a copy of it.
 */

import { walk } from '../astNodes.ts'
import type { Binary, Class, Property, Type, Typed, Unary } from '../internals.ts'
import {
  type Element,
  type ExpressionRef,
  type FunctionInstance,
  internals,
  type Node,
  numberOf,
  type Replacement,
} from '../internals.ts'
import {
  around,
  CONVERT,
  callMethod,
  classOf,
  ELEMENT,
  elementOf,
  type Hook,
  inOrder,
  isAuthors,
  keep,
  typeOf,
  UNCHANGED,
} from './hooks.ts'
import { refuseLostWrite } from './lostWrites.ts'
import {
  ASSIGN,
  asElement,
  asIdentifier,
  asProperty,
  assignedIn,
  bare,
  COMPOUND,
  INCREMENTS,
  KIND,
  partsOf,
} from './nodes.ts'
import { FINDERS, isHandle, type Place, placeOfTarget } from './places.ts'
import { SDK } from './sdkNames.ts'

const { CommonFlags, FlowFlags, LiteralKind, OperatorKind, Type: Types } = internals
const INSTANCE = numberOf(CommonFlags, 'Instance')
const CONSTANT = numberOf(CommonFlags, 'Const')
const UNCHECKED = numberOf(FlowFlags, 'UncheckedContext')
const INDEXED_GET = numberOf(OperatorKind, 'IndexedGet')
const INDEXED_SET = numberOf(OperatorKind, 'IndexedSet')

/** A target whose parts are in variables. */
interface Prepared {
  readonly sets: readonly ExpressionRef[]
  readonly node: Node
}

export const ASSIGNMENT_RULES: readonly Replacement[] = [
  around('compileAssignment', (hook, original, target, value, type) => {
    return (
      (isAuthors(target) ? assign(hook, original, bare(target), value, type) : null) ?? original(target, value, type)
    )
  }),
  around('compileBinaryExpression', (hook, original, node, type, constraints) => {
    const ours = COMPOUND.includes(node.operator) && isAuthors(node)
    const made = ours ? compound(hook, node, (n) => original(n, type, constraints)) : null
    return made ?? original(node, type, constraints)
  }),
  around('compileUnaryPostfixExpression', (hook, original, node, type, constraints) => {
    const make = internals.Node.createUnaryPostfixExpression
    return increment(hook, node, make, (n) => original(n, type, constraints)) ?? original(node, type, constraints)
  }),
  around('compileUnaryPrefixExpression', (hook, original, node, type, constraints) => {
    const make = internals.Node.createUnaryPrefixExpression
    return increment(hook, node, make, (n) => original(n, type, constraints)) ?? original(node, type, constraints)
  }),
]

/** A plain assignment; null when the compiler's own order is right. */
function assign(
  hook: Hook,
  original: (target: Node, value: Node, type: Type) => ExpressionRef,
  target: Node,
  value: Node,
  type: Type,
): ExpressionRef | null {
  const place = placeOfTarget(hook, target)
  if (place === null) refuseLostWrite(hook, target)
  if (place === null && !canInterfere(hook, partsOf(target), value)) return null
  const valueType = typeOfTarget(hook, target)
  if (valueType === null) return null
  const { compiler } = hook
  const compiled = compiler.compileExpression(value, valueType, CONVERT)
  const kept = keep(hook, compiled, compiler.currentType, value.range)
  const prepared = place === null ? { sets: [], node: target } : prepare(hook, target, place)
  const result = original(prepared.node, kept.node, type)
  return inOrder(hook, [kept.set, ...prepared.sets], result)
}

/** `+=` and its kin; null when the compiler's own order is right. */
function compound(hook: Hook, node: Binary, original: (node: Binary) => ExpressionRef): ExpressionRef | null {
  const target = bare(node.left)
  const parts = partsOf(target)
  const place = placeOfTarget(hook, target)
  if (place === null) refuseLostWrite(hook, target)
  const isLate = changesTarget(hook, target, node.right)
  const isTwice = place !== null || isStoredItem(hook, target) || parts.some((part) => !isSteady(hook, part, new Set()))
  if (!isLate && !isTwice) return null
  const targetType = typeOf(hook, target)
  if (targetType === null) return null
  const { compiler } = hook
  const sets: ExpressionRef[] = []
  let right = node.right
  if (isLate || canInterfere(hook, parts, right)) {
    const overload = targetType
      .getClassOrWrapper(compiler.program)
      ?.lookupOverload(OperatorKind.fromBinaryToken(node.operator))
    const context = overload ? operandType(overload) : targetType
    const compiled = compiler.compileExpression(right, context, overload ? CONVERT : UNCHANGED)
    const kept = keep(hook, compiled, compiler.currentType, right.range)
    sets.push(kept.set)
    right = kept.node
  }
  const prepared = prepare(hook, target, place)
  const rewritten = internals.Node.createBinaryExpression(node.operator, prepared.node, right, node.range)
  return inOrder(hook, [...sets, ...prepared.sets], original(rewritten))
}

/** `++` and `--`; null when the compiler's own way is right. */
function increment(
  hook: Hook,
  node: Unary,
  make: (operator: number, operand: Node, range: Node['range']) => Unary,
  original: (node: Unary) => ExpressionRef,
): ExpressionRef | null {
  if (!INCREMENTS.includes(node.operator) || !isAuthors(node)) return null
  const target = bare(node.operand)
  const place = placeOfTarget(hook, target)
  if (place === null) refuseLostWrite(hook, target)
  const isTwice = partsOf(target).some((part) => !isSteady(hook, part, new Set()))
  if (place === null && !isTwice && !isStoredItem(hook, target)) return null
  const prepared = prepare(hook, target, place)
  return inOrder(hook, prepared.sets, original(make(node.operator, prepared.node, node.range)))
}

/** Evaluates the parts of a target into variables. */
function prepare(hook: Hook, target: Node, place: Place | null): Prepared {
  const { compiler } = hook
  const { range } = target
  const property = asProperty(target)
  if (property !== null) {
    const object = keepObject(hook, property.expression, place)
    const node = internals.Node.createPropertyAccessExpression(object.node, property.property, range)
    return { sets: object.sets, node }
  }
  const element = asElement(target)
  if (element === null) return { sets: [], node: target }
  if (place === null && isStoredItem(hook, target))
    return storedItem(hook, element.expression, element.elementExpression, range)
  const getter = place?.stored ?? classOf(hook, element.expression)
  const object = keepObject(hook, element.expression, place)
  const sets = [...object.sets]
  let index = element.elementExpression
  const indexType = getter?.lookupOverload(INDEXED_GET, compiler.currentFlow.is(UNCHECKED))?.signature.parameterTypes[0]
  if (indexType !== undefined && !isSteady(hook, index, new Set())) {
    const kept = keep(hook, compiler.compileExpression(index, indexType, CONVERT), compiler.currentType, index.range)
    sets.push(kept.set)
    index = kept.node
  }
  return { sets, node: internals.Node.createElementAccessExpression(object.node, index, range) }
}

function keepObject(hook: Hook, object: Node, place: Place | null): Prepared {
  if (place !== null) {
    const kept = keep(hook, place.compile(), place.stored.type, object.range)
    return { sets: [kept.set], node: kept.node }
  }
  const type = isSteady(hook, object, new Set()) ? null : typeOf(hook, object)
  if (type === null) return { sets: [], node: object }
  const kept = keep(hook, hook.compiler.compileExpression(object, type), hook.compiler.currentType, object.range)
  return { sets: [kept.set], node: kept.node }
}

/** The value of a key or an index, by the slot it is in: the slot is computed once. */
function storedItem(hook: Hook, container: Node, key: Node, range: Node['range']): Prepared {
  const { compiler } = hook
  const of = classOf(hook, container) as Class
  const valueType = of.typeArguments?.at(-1) as Type
  const prototype = compiler.program.elementsByName.get(SDK.storedValue) as Element
  const stored = compiler.resolver.resolveClass(prototype, [valueType]) as Class
  const finder = FINDERS[of.prototype.internalName]?.['get'] as string
  const self = compiler.compileExpression(container, of.type, CONVERT)
  const kept = keep(hook, callMethod(hook, of, finder, [key], self, key), stored.type, range)
  const value = internals.Node.createIdentifierExpression('value', range)
  return { sets: [kept.set], node: internals.Node.createPropertyAccessExpression(kept.node, value, range) }
}

/** Whether a target is a value of a mapping, or of an array in storage one that has a slot of its own. */
function isStoredItem(hook: Hook, target: Node): boolean {
  const element = asElement(target)
  const of = element === null ? null : classOf(hook, element.expression)
  if (of?.prototype.internalName === SDK.mapping) return true
  const value = of?.prototype.internalName === SDK.storageArray ? of.typeArguments?.[0]?.getClass() : null
  return !!value && !value.prototype.internalName.startsWith(SDK.fixedBytes)
}

/** The type a value must have to be assigned; null when the compiler refuses the assignment. */
function typeOfTarget(hook: Hook, target: Node): Type | null {
  const element = elementOf(hook, target)
  if (element?.kind === ELEMENT.property)
    return (element as Property).setterInstance?.signature.parameterTypes[0] ?? null
  if (element?.kind === ELEMENT.index) {
    const setter = (element.parent as Class).lookupOverload(INDEXED_SET, hook.compiler.currentFlow.is(UNCHECKED))
    return setter?.signature.parameterTypes[1] ?? null
  }
  return element?.kind === ELEMENT.global ? (element as Typed).type : null
}

function operandType(overload: FunctionInstance): Type {
  return overload.signature.parameterTypes[overload.is(INSTANCE) ? 0 : 1] ?? Types.auto
}

/** Whether the right side could change what the compiler has read of the target by then. */
function changesTarget(hook: Hook, target: Node, right: Node): boolean {
  const name = asIdentifier(target)
  const isLocal = name !== null && elementOf(hook, target)?.kind === ELEMENT.local
  return isLocal ? assignedIn(right).has(name.text) : !isSimple(hook, right)
}

/** Whether it matters in which order the parts of a target and the value are evaluated. */
function canInterfere(hook: Hook, parts: readonly Node[], value: Node): boolean {
  if (parts.length === 0) return false
  const assigned = assignedIn(value)
  if (parts.every((part) => isSteady(hook, part, assigned))) return false
  return !isSimple(hook, value) || parts.some((part) => [...assignedIn(part)].some((name) => names(value, name)))
}

/** Whether an expression gives the same at any time and does nothing, as long as the variables named are left alone. */
function isSteady(hook: Hook, expression: Node, assigned: ReadonlySet<string>): boolean {
  const node = bare(expression)
  const name = asIdentifier(node)
  if (name !== null) return !assigned.has(name.text) && isUnchanging(hook, node)
  if (asProperty(node) !== null) return asProperty(node)?.expression.kind === KIND.this && isHandle(hook, node)
  return isPlain(node)
}

const STEADY: readonly number[] = [KIND.this, KIND.super, KIND.true, KIND.false, KIND.null]
const PLAIN_LITERALS = ['Integer', 'Float', 'String'].map((name) => numberOf(LiteralKind, name))

function isPlain(node: Node): boolean {
  if (node.kind !== KIND.literal) return STEADY.includes(node.kind)
  return PLAIN_LITERALS.includes((node as Node & { literalKind: number }).literalKind)
}

/** Whether an expression is made of variables, literals and operators only. */
function isSimple(hook: Hook, expression: Node): boolean {
  const node = bare(expression)
  if (asIdentifier(node) !== null) return isUnchanging(hook, node)
  switch (node.kind) {
    case KIND.binary: {
      const { operator, left, right } = node as Binary
      return !isAssignment(operator) && isSimple(hook, left) && isSimple(hook, right)
    }
    case KIND.unaryPrefix: {
      const { operator, operand } = node as Unary
      return !INCREMENTS.includes(operator) && isSimple(hook, operand)
    }
    case KIND.assertion:
      return isSimple(hook, (node as Node & { expression: Node }).expression)
    default:
      return isPlain(node)
  }
}

function isAssignment(operator: number): boolean {
  return operator === ASSIGN || COMPOUND.includes(operator)
}

/** A local variable, or a global one that is constant. */
function isUnchanging(hook: Hook, node: Node): boolean {
  const element = elementOf(hook, node)
  if (element === null || element.kind !== ELEMENT.global) return true
  return element.is(CONSTANT)
}

function names(node: Node, name: string): boolean {
  let found = false
  walk(node, (inner) => {
    if (asIdentifier(inner as Node)?.text === name) found = true
  })
  return found
}
