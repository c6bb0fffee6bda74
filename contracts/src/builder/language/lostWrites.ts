/**
 * Writes that change a copy nobody sees again. In AssemblyScript a struct read from storage, as one given by a function, is
 * an object in memory; writing to a member of it compiles and is forgotten.
 */

import { walk } from '../astNodes.ts'
import type {
  Binary,
  Call,
  Class,
  Element,
  ElementAccess,
  FunctionPrototype,
  Identifier,
  Node,
  Property,
  PropertyAccess,
  Replacement,
} from '../internals.ts'
import { around, classOf, ELEMENT, elementOf, type Hook, isAuthors, memberOf, propertyOf } from './hooks.ts'
import { asCall, asElement, asIdentifier, asProperty, bare, KIND, targetOf, textOfNode } from './nodes.ts'
import { placeOf } from './places.ts'
import { SDK } from './sdkNames.ts'

/** A method that the build gives to every struct. */
const STRUCT_MARK = '__read'
/** Functions of the compiler that give the object they are given. */
const TRANSPARENT = ['unchecked', 'changetype']

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
      const { declarations } = statement as Node & { declarations: readonly Declaration[] }
      for (const declaration of declarations) refuseLostCopy(hook, declaration)
    }
    return original(statement)
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

/** Whether objects of the expression's class are copied out of storage: structs, bytes, arrays of fixed length. */
function isCopied(hook: Hook, node: Node): boolean {
  const of = classOf(hook, node)
  return of !== null && (hasElements(of) || isStruct(of))
}

function hasElements({ prototype: { internalName } }: Class): boolean {
  return internalName === SDK.bytes || internalName === SDK.fixedArray
}

function isStruct(of: Class): boolean {
  return isAuthors(of.prototype.declaration) && of.getMember(STRUCT_MARK) !== null
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

interface Declaration extends Node {
  readonly name: Identifier
  readonly initializer: Node | null
}

/**
 * Refuses a variable that is given a struct of storage and then written to, when nothing reads what was written: the
 * variable is neither read in that member nor used as a whole anywhere in the function.
 */
function refuseLostCopy(hook: Hook, { name, initializer }: Declaration): void {
  if (initializer === null || !isCopied(hook, initializer) || placeOf(hook, initializer) === null) return
  const { body } = hook.compiler.currentFlow.sourceFunction.prototype.declaration
  if (body === null || body === undefined) return
  for (const [member, at] of lostIn(hook, classOf(hook, initializer), useOf(body, name.text))) {
    const from = textOfNode(initializer)
    hook.session.report(
      at,
      `${name.text} is a copy of ${from}, and nothing reads the write to it here`,
      `write to ${from}${member === ELEMENT_OF ? '[…]' : `.${member}`} itself, or write the copy back: ${from} = ${name.text}`,
    )
  }
}

/**
 * Refuses `grow(this.p)` where the function writes to a member of its parameter and then drops it: what it has is a copy.
 */
function refuseLostArguments(hook: Hook, { name, declaration }: FunctionPrototype, args: readonly Node[]): void {
  const { body, signature } = declaration
  if (!body || signature === undefined || !isAuthors(declaration)) return
  for (const [i, arg] of args.entries()) {
    const parameter = signature.parameters[i]
    if (parameter === undefined || !isCopied(hook, arg) || placeOf(hook, arg) === null) continue
    const [lost] = lostIn(hook, classOf(hook, arg), useOf(declaration, parameter.name.text))
    if (lost === undefined) continue
    const from = textOfNode(arg)
    const [member] = lost
    hook.session.report(
      arg,
      `${name} gets a copy of ${from}, and nothing reads the ${member === ELEMENT_OF ? 'element' : member} that it writes to it`,
      'let it return the copy, and write that back',
    )
  }
}

/** Stands for the name of a member where an element is meant. */
const ELEMENT_OF = '[]'

interface Use {
  /** Members that are written to, with the first place. */
  readonly written: ReadonlyMap<string, Node>
  readonly read: ReadonlySet<string>
}

/** Members of bytes and arrays that read none of their elements. */
const READ_NOTHING = ['length', 'set']

/** Members that are written to and not read, with the first place. A method, or a getter, may read them all. */
function lostIn(hook: Hook, of: Class | null, use: Use | null): readonly [member: string, at: Node][] {
  if (of === null || use === null) return []
  const isPlain = (member: string) =>
    member === ELEMENT_OF ||
    (hasElements(of) ? READ_NOTHING.includes(member) : propertyOf(hook, of, member)?.isField === true)
  if (![...use.read].every(isPlain)) return []
  return [...use.written].filter(([member]) => !use.read.has(member))
}

/** How a function uses the members of a variable; null when the variable is used as a whole, or is declared twice. */
function useOf(body: Node, name: string): Use | null {
  const written = new Map<string, Node>()
  const read = new Set<string>()
  const members = new Map<Node, string>()
  const writes = new Set<Node>()
  let declarations = 0
  let whole = false
  walk(body, (inner) => {
    const node = inner as Node
    if (node.kind === KIND.variableDeclaration || node.kind === KIND.parameter) {
      const declared = (node as Declaration).name
      if (declared.text === name) declarations++
      members.set(declared, '')
      return
    }
    const target = targetOf(node)
    const changed = target === null ? null : memberOfVariable(target, name)
    if (changed !== null) {
      writes.add(changed)
      const member = memberName(changed)
      if (!written.has(member)) written.set(member, changed)
    }
    const named = asProperty(node)
    if (named !== null) members.set(named.property, '')
    const access = named ?? asElement(node)
    if (access !== null && isNamed(access.expression, name)) {
      members.set(bare(access.expression), memberName(access))
      if (!writes.has(access)) read.add(memberName(access))
    }
    if (asIdentifier(node)?.text === name && !members.has(node)) whole = true
  })
  return whole || declarations !== 1 ? null : { written, read }
}

function memberName(access: PropertyAccess | ElementAccess): string {
  return asProperty(access)?.property.text ?? ELEMENT_OF
}

/** `v.a` of a target `v.a`, `v.a.b` or `v.a[i]`, `v[i]` likewise; null for targets that are no part of the variable. */
function memberOfVariable(target: Node, name: string): PropertyAccess | ElementAccess | null {
  for (let link = asProperty(target) ?? asElement(target); link !== null; ) {
    const object = bare(link.expression)
    if (isNamed(object, name)) return link
    link = asProperty(object) ?? asElement(object)
  }
  return null
}

function isNamed(node: Node, name: string): boolean {
  return asIdentifier(bare(node))?.text === name
}
