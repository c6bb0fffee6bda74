/**
 * Writes that change a copy nobody sees again. In AssemblyScript a struct read from storage, as one given by a function, is
 * an object in memory; writing to a member of it compiles and is forgotten.
 */

import { walk } from '../astNodes.ts'
import type { Binary, Call, Class, Element, FunctionPrototype, Node, Property, Replacement } from '../internals.ts'
import { around, classOf, ELEMENT, elementOf, type Hook, isAuthors, memberOf } from './hooks.ts'
import { hasElements, isCopied, refuseLostArguments, refuseLostCopies } from './lostCopies.ts'
import { asCall, asElement, asIdentifier, asProperty, bare, KIND, TRANSPARENT, targetOf, textOfNode } from './nodes.ts'
import { placeOf } from './places.ts'

export const LOST_WRITE_RULES: readonly Replacement[] = [
  around('compileCallExpression', (hook, original, call, type, constraints) => {
    if (isAuthors(call)) refuseLostMethod(hook, call)
    return original(call, type, constraints)
  }),
  around('compileCallDirect', (hook, original, instance, args, at, ...rest) => {
    if (isAuthors(at)) refuseLostArguments(hook, instance.prototype, args)
    return original(instance, args, at, ...rest)
  }),
  around('compileVariableStatement', (hook, original, statement) => {
    if (isAuthors(statement)) {
      const { declarations } = statement as Node & { declarations: readonly (Node & { initializer: Node | null })[] }
      for (const { initializer } of declarations) if (initializer !== null) refuseLostCopies(hook, initializer)
    }
    return original(statement)
  }),
  around('compileAssignment', (hook, original, target, value, type) => {
    if (isAuthors(target) && bare(target).kind === KIND.identifier) refuseLostCopies(hook, value)
    return original(target, value, type)
  }),
]

/** Refuses a write to a member of an object that nothing else can hold. */
export function refuseLostWrite(hook: Hook, target: Node): void {
  const object = asProperty(target)?.expression ?? asElement(target)?.expression
  if (object === undefined || !isCopied(hook, object)) return
  const source = copySource(hook, object)
  if (source === null) return
  hook.session.report(
    target,
    `${textOfNode(source)} gives a copy, so a write to ${textOfNode(target)} is lost`,
    'write to storage itself (this.items[id].member = …), or put the copy in a variable, change it there and write it back',
  )
}

/** The part of an expression that gives a new object each time; null when it may be one that is held elsewhere. */
function copySource(hook: Hook, expression: Node): Node | null {
  const node = bare(expression)
  if (placeOf(hook, node) !== null) return node
  switch (node.kind) {
    case KIND.new:
      return node
    case KIND.call: {
      const { expression: callee, args } = node as Call
      const [only] = args
      const name = asIdentifier(bare(callee))?.text ?? ''
      return TRANSPARENT.includes(name) && only !== undefined ? copySource(hook, only) : node
    }
    case KIND.assertion:
      return copySource(hook, (node as Node & { expression: Node }).expression)
    case KIND.ternary: {
      const { ifThen, ifElse } = node as Node & { ifThen: Node; ifElse: Node }
      return copySource(hook, ifThen) ?? copySource(hook, ifElse)
    }
    case KIND.binary:
      return copySource(hook, (node as Binary).left) ?? copySource(hook, (node as Binary).right)
    case KIND.propertyAccess: {
      const property = elementOf(hook, node)
      if (property?.kind === ELEMENT.property && !(property as Property).isField) return node
      const { expression: outer } = node as Node & { expression: Node }
      return isCopied(hook, outer) ? copySource(hook, outer) : null
    }
    default:
      return null
  }
}

/** Refuses `this.p.change()` where the method writes to the members of its object, which is a copy. */
function refuseLostMethod(hook: Hook, call: Call): void {
  const callee = asProperty(bare(call.expression))
  if (callee === null || !isCopied(hook, callee.expression) || placeOf(hook, callee.expression) === null) return
  const of = classOf(hook, callee.expression)
  const method = of === null ? null : memberOf(of, callee.property.text)
  if (of === null || method === null) return
  const isSetter = hasElements(of) && callee.property.text === 'set'
  if (!isSetter && !writesToThis(of, method, new Set())) return
  const object = textOfNode(callee.expression)
  hook.session.report(
    call,
    `${callee.property.text} changes a copy of ${object}, which is lost`,
    `put ${object} in a variable, call it there and write the variable back`,
  )
}

/** Whether a method assigns to a member of its object, by itself or through another method. */
function writesToThis(of: Class, method: Element, seen: Set<Element>): boolean {
  if (method.kind !== ELEMENT.function || seen.has(method) || !isAuthors(method.declaration)) return false
  seen.add(method)
  const { body } = (method as FunctionPrototype).declaration
  let found = false
  if (body === null) return false
  walk(body, (inner) => {
    const target = targetOf(inner as Node)
    if (target !== null && rootOf(target)?.kind === KIND.this) found = true
    const callee = asProperty(bare(asCall(inner as Node)?.expression ?? (inner as Node)))
    if (callee === null || inner.kind !== KIND.call || bare(callee.expression).kind !== KIND.this) return
    const called = memberOf(of, callee.property.text)
    if (called !== null && writesToThis(of, called, seen)) found = true
  })
  return found
}

/** The node that a chain of members and indexes starts from, when it has at least one link. */
function rootOf(target: Node): Node | null {
  let node = bare(target)
  if (asProperty(node) === null && asElement(node) === null) return null
  for (let link = asProperty(node) ?? asElement(node); link !== null; link = asProperty(node) ?? asElement(node)) {
    node = bare(link.expression)
  }
  return node
}
