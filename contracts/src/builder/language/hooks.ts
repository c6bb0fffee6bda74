/**
 * Where the rules of this folder stand in the compiler: before one of its methods, with every type known, generics
 * included. They act while a `Session` is open for the program that is compiled; without one the compiler is untouched.
 */

import {
  type Class,
  type Compiler,
  type Diagnostic,
  type Element,
  type ExpressionRef,
  type FunctionInstance,
  internals,
  type Node,
  numberOf,
  type Program,
  type Property,
  type Range,
  type Replacement,
  type Type,
} from '../internals.ts'
import { isPart } from '../sources.ts'

const { ReportMode, ElementKind, Constraints, CommonFlags, LocalFlags, NodeKind } = internals

const SWALLOW = ReportMode.Swallow
export const CONVERT = numberOf(Constraints, 'ConvImplicit')
export const UNCHANGED = numberOf(Constraints, 'None')
export const ELEMENT = {
  global: numberOf(ElementKind, 'Global'),
  local: numberOf(ElementKind, 'Local'),
  class: numberOf(ElementKind, 'Class'),
  function: numberOf(ElementKind, 'FunctionPrototype'),
  index: numberOf(ElementKind, 'IndexSignature'),
  property: numberOf(ElementKind, 'Property'),
  propertyPrototype: numberOf(ElementKind, 'PropertyPrototype'),
}
const INSTANCE = numberOf(CommonFlags, 'Instance')
const INITIALIZED = numberOf(LocalFlags, 'Initialized')
const WRAPPED = numberOf(LocalFlags, 'Wrapped')
const NON_NULL = numberOf(LocalFlags, 'NonNull')
const COMPILED = numberOf(NodeKind, 'Compiled')

export interface Finding {
  readonly range: Range
  readonly message: string
  /** The text to write instead. */
  readonly hint: string
}

/** One compilation. */
export class Session {
  readonly #findings = new Map<string, Finding>()
  /** The author's expression whose call is being compiled: where to report what is found inside the library. */
  place: Node | null = null
  /** The operation that is being made, when its numbers are checked; null where they wrap. */
  checked: Node | null = null
  /** The author's functions that take numbers for places in memory, by their names within the compiler. */
  readonly usesAddresses = new Set<string>()
  /** Constants that say whether a loop gives memory back. */
  readonly loops: string[] = []
  /** Where texts of failures are in the module. */
  readonly texts = new Map<string, number>()
  #names = 0
  /** Of what the compiler finds in a library: from where the author's code asked for that. */
  readonly #asked = new Map<string, Range>()

  get findings(): readonly Finding[] {
    return [...this.#findings.values()]
  }

  /** The author's expression whose compilation found this; null for what no author's asked for. */
  placeOf(diagnostic: Diagnostic): Range | null {
    return this.#asked.get(keyOf(diagnostic)) ?? null
  }

  /** To be told of everything that the compiler finds, as it finds it. */
  noticed(diagnostic: Diagnostic): void {
    const key = keyOf(diagnostic)
    if (this.place !== null && !this.#asked.has(key)) this.#asked.set(key, this.place.range)
  }

  get hasFindings(): boolean {
    return this.#findings.size > 0
  }

  /** Notes what is wrong; generic code is compiled once for each type, and loops twice, but told of once. */
  report(at: Node, message: string, hint: string): void {
    const { range } = isAuthors(at) ? at : (this.place ?? at)
    this.#findings.set(`${range.source.normalizedPath}:${range.start}:${range.end}`, { range, message, hint })
  }

  /** The name of a constant for the next loop. */
  nextLoop(prefix: string): string {
    const name = `${prefix}${this.loops.length}`
    this.loops.push(name)
    return name
  }

  /** A name for a variable that no author can write. */
  freshName(): string {
    return `~once${this.#names++}`
  }
}

/** The compiler hands out copies of what it finds. */
function keyOf({ code, message, range }: Diagnostic): string {
  return `${code} ${range?.source.normalizedPath} ${range?.start} ${message}`
}

const sessions = new WeakMap<Program, Session>()

export function openSession(program: Program, session: Session): void {
  sessions.set(program, session)
  const { diagnostics } = program
  const push = diagnostics.push.bind(diagnostics)
  diagnostics.push = (...found) => {
    for (const diagnostic of found) session.noticed(diagnostic)
    return push(...found)
  }
}

export function isAuthors(node: Node): boolean {
  const { isLibrary, normalizedPath } = node.range.source
  return !isLibrary || isPart(normalizedPath)
}

export interface Hook {
  readonly compiler: Compiler
  readonly session: Session
}

type MethodName = {
  [K in keyof Compiler]: Compiler[K] extends (...args: never[]) => unknown ? K : never
}[keyof Compiler]

type Method<K extends MethodName> = Extract<Compiler[K], (...args: never[]) => unknown>

/** A rule that stands before a method of the compiler and is given the method to go on with. */
export function around<K extends MethodName>(
  name: K,
  rule: (hook: Hook, original: Method<K>, ...args: Parameters<Method<K>>) => ReturnType<Method<K>>,
): Replacement {
  return {
    owner: 'Compiler',
    methods: [name],
    replace: (original) =>
      function (this: Compiler, ...args: Parameters<Method<K>>): ReturnType<Method<K>> {
        const session = sessions.get(this.program)
        if (session === undefined) return original.apply(this, args)
        const goOn = ((...more: Parameters<Method<K>>) => original.apply(this, more)) as unknown as Method<K>
        return rule({ compiler: this, session }, goOn, ...args)
      },
  }
}

/** The static type of an expression; null when it has none, which the compiler itself then says. */
export function typeOf({ compiler }: Hook, node: Node, context: Type = internals.Type.auto): Type | null {
  return node.kind === COMPILED
    ? null
    : compiler.resolver.resolveExpression(node, compiler.currentFlow, context, SWALLOW)
}

export function classOf(hook: Hook, node: Node): Class | null {
  return typeOf(hook, node)?.getClass() ?? null
}

/** The element that an expression names: a variable, a property, an index signature and so on. */
export function elementOf({ compiler }: Hook, node: Node): Element | null {
  if (node.kind === COMPILED) return null
  const element = compiler.resolver.lookupExpression(node, compiler.currentFlow, internals.Type.auto, SWALLOW)
  if (element === null || element.kind !== ELEMENT.propertyPrototype) return element
  return compiler.resolver.resolveProperty(element, SWALLOW)
}

/** The property of an object that an expression names. */
export function instanceProperty(hook: Hook, node: Node): Property | null {
  const element = elementOf(hook, node)
  return element !== null && element.kind === ELEMENT.property && element.is(INSTANCE) ? (element as Property) : null
}

/** A member of a class or of one it extends. */
export function memberOf(of: Class, name: string): Element | null {
  for (let c: Class | null = of; c !== null; c = c.base) {
    const member = c.getMember(name)
    if (member !== null) return member
  }
  return null
}

/** The getter and setter of a member that is a property. */
export function propertyOf({ compiler }: Hook, of: Class, name: string): Property | null {
  const member = memberOf(of, name)
  if (member === null || member.kind !== ELEMENT.propertyPrototype) return null
  return compiler.resolver.resolveProperty(member)
}

/** A call of a method by name, on an object that is compiled already. */
export function callMethod(
  { compiler }: Hook,
  of: Class,
  name: string,
  args: readonly Node[],
  self: ExpressionRef,
  at: Node,
): ExpressionRef {
  const member = memberOf(of, name)
  const method = member === null ? null : compiler.resolver.resolveFunction(member, null)
  if (method === null) throw new Error(`${of.internalName} has no method ${name}`)
  return compiler.compileCallDirect(method, args, at, self)
}

/** A function of the SDK by its name within the compiler. */
export function sdkFunction({ compiler }: Hook, name: string): FunctionInstance {
  const element = compiler.program.elementsByName.get(name)
  const instance = element === undefined ? null : compiler.resolver.resolveFunction(element, null)
  if (instance === null) throw new Error(`the SDK has no ${name}`)
  return instance
}

export interface Kept {
  /** Sets the variable. */
  readonly set: ExpressionRef
  /** Reads the variable, as often as wanted. */
  readonly node: Node
}

/** A variable that holds the value of a compiled expression, so that it is evaluated once. */
export function keep({ compiler, session }: Hook, value: ExpressionRef, type: Type, range: Range): Kept {
  const { currentFlow: flow, module } = compiler
  const name = session.freshName()
  const { index } = flow.addScopedLocal(name, type)
  flow.setLocalFlag(index, INITIALIZED)
  if (flow.isNonnull(value, type)) flow.setLocalFlag(index, NON_NULL)
  if (!flow.canOverflow(value, type)) flow.setLocalFlag(index, WRAPPED)
  const set = module.local_set(index, value, type.isManaged)
  return { set, node: internals.Node.createIdentifierExpression(name, range) }
}

/** First the variables, then the result, whose type the compiler has noted. */
export function inOrder({ compiler }: Hook, sets: readonly ExpressionRef[], result: ExpressionRef): ExpressionRef {
  if (sets.length === 0) return result
  return compiler.module.block(null, [...sets, result], internals.getExpressionType(result))
}
