/**
 * Where a struct or a byte string sits in storage. `this.p`, `this.m[key]`, `this.list[i]` and members of those that
 * are structs are places; the compiler would read the whole value there, a copy in memory. Reading or writing one member
 * of it goes to the member's slot instead, through a class that the build makes for each struct (`__Stored_P`): an object
 * of it is a pointer to the key of the first slot.
 */

import { PLACE_OF, STORED_CLASS } from '../generateRecord.ts'
import { type Class, type ExpressionRef, internals, type Node, numberOf, type Replacement } from '../internals.ts'
import {
  around,
  CONVERT,
  callMethod,
  classOf,
  elementOf,
  type Hook,
  instanceProperty,
  isAuthors,
  memberOf,
  propertyOf,
} from './hooks.ts'
import { asCall, asElement, asProperty, bare } from './nodes.ts'
import { SDK } from './sdkNames.ts'

const { OperatorKind, CommonFlags } = internals
const INDEXED_GET = numberOf(OperatorKind, 'IndexedGet')
const INDEXED_SET = numberOf(OperatorKind, 'IndexedSet')
const READONLY = numberOf(CommonFlags, 'Readonly')

export interface Place {
  /** Has the members, or the bytes, as they are in storage. */
  readonly stored: Class
  /** Code that gives the pointer. */
  compile(): ExpressionRef
}

export const PLACE_RULES: readonly Replacement[] = [
  around('compilePropertyAccessExpression', (hook, original, node, type, constraints) => {
    const place = isAuthors(node) ? placeOf(hook, node.expression) : null
    const getter = place === null ? null : (propertyOf(hook, place.stored, node.property.text)?.getterInstance ?? null)
    if (place === null || getter === null) return original(node, type, constraints)
    return hook.compiler.compileCallDirect(getter, [], node, place.compile())
  }),
  around('compileElementAccessExpression', (hook, original, node, type, constraints) => {
    const place = isAuthors(node) ? placeOf(hook, node.expression) : null
    const getter = place?.stored.lookupOverload(INDEXED_GET) ?? null
    if (place === null || getter === null) return original(node, type, constraints)
    return hook.compiler.compileCallDirect(getter, [node.elementExpression], node, place.compile())
  }),
]

/** The place that a target writes to, when it is a member or a byte of a value in storage. */
export function placeOfTarget(hook: Hook, target: Node): Place | null {
  const property = asProperty(target)
  if (property !== null) {
    const place = placeOf(hook, property.expression)
    if (place === null || propertyOf(hook, place.stored, property.property.text) === null) return null
    return instanceProperty(hook, property)?.is(READONLY) ? null : place
  }
  const element = asElement(target)
  const place = element === null ? null : placeOf(hook, element.expression)
  return place?.stored.lookupOverload(INDEXED_SET) ? place : null
}

/** The place of a struct or of bytes, or null for what is in memory. */
export function placeOf(hook: Hook, expression: Node): Place | null {
  const node = bare(expression)
  const compile = fieldPlace(hook, node) ?? itemPlace(hook, node)
  if (compile === null) return null
  const of = classOf(hook, node)
  const stored = of === null ? null : storedClass(hook, of)
  return stored === null ? null : { stored, compile }
}

/** A field of a contract, or a member of a struct that is itself in storage. */
function fieldPlace(hook: Hook, node: Node): Place['compile'] | null {
  const property = asProperty(node)
  if (property === null) return null
  const name = PLACE_OF + property.property.text
  const of = classOf(hook, property.expression)
  if (of === null) return null
  if (memberOf(of, name) !== null && instanceProperty(hook, property) !== null) {
    return () =>
      callMethod(hook, of, name, [], hook.compiler.compileExpression(property.expression, of.type, CONVERT), node)
  }
  const outer = placeOf(hook, property.expression)
  if (outer === null || memberOf(outer.stored, name) === null) return null
  return () => callMethod(hook, outer.stored, name, [], outer.compile(), node)
}

/** An item of a mapping or an array in storage: `m[key]`, `m.get(key)`, `list[i]`, `list.get(i)`, `list.grow()`. */
function itemPlace(hook: Hook, node: Node): Place['compile'] | null {
  const element = asElement(node)
  if (element !== null) return placeWithin(hook, element.expression, 'get', [element.elementExpression], node)
  const call = asCall(node)
  const method = call === null ? null : asProperty(bare(call.expression))
  if (call === null || method === null) return null
  return placeWithin(hook, method.expression, method.property.text, call.args, node)
}

function placeWithin(
  hook: Hook,
  container: Node,
  method: string,
  args: readonly Node[],
  at: Node,
): Place['compile'] | null {
  const of = classOf(hook, container)
  if (of?.prototype.internalName === SDK.fixedArray) {
    const outer = method === 'get' ? placeOf(hook, container) : null
    if (outer === null) return null
    return () => callMethod(hook, outer.stored, 'placeOf', args, outer.compile(), at)
  }
  const finder = FINDERS[of?.prototype.internalName ?? '']?.[method]
  if (of === null || finder === undefined) return null
  return () => callMethod(hook, of, finder, args, hook.compiler.compileExpression(container, of.type, CONVERT), at)
}

/** Methods that find the place of what another one reads. */
export const FINDERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [SDK.mapping]: { get: 'slotOf' },
  [SDK.storageArray]: { get: 'placeOf', grow: 'growPlace' },
}

/** The class whose objects are the places of values of a class; null for a class that cannot be in storage. */
function storedClass({ compiler }: Hook, of: Class): Class | null {
  const { internalName, name } = of.prototype
  if (internalName === SDK.fixedArray) {
    const prototype = compiler.program.elementsByName.get(SDK.storedFixedArray)
    return prototype === undefined ? null : compiler.resolver.resolveClass(prototype, of.typeArguments)
  }
  const storedName =
    internalName === SDK.bytes ? SDK.storedBytes : `${internalName.slice(0, -name.length)}${STORED_CLASS}${name}`
  const prototype = compiler.program.elementsByName.get(storedName)
  return prototype === undefined ? null : compiler.resolver.resolveClass(prototype, null)
}

/** Whether an expression names a field of storage that is a mapping or an array, which is found anew at no cost. */
export function isHandle(hook: Hook, node: Node): boolean {
  const name = classOf(hook, node)?.prototype.internalName
  return (name === SDK.mapping || name === SDK.storageArray) && elementOf(hook, node) !== null
}
