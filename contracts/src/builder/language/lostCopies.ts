/**
 * Writes to copies of values in storage that are in variables: of structs, bytes and arrays of fixed length. What is
 * certainly not read again is lost, by whatever way the copy came into the variable: at its declaration or later, out of
 * another variable, a choice, a method that gives what it has from storage, or as an argument.
 */

import { returnsIn } from '../astNodes.ts'
import type { Binary, Call, Class, FunctionPrototype, Node, PropertyAccess } from '../internals.ts'
import { classOf, ELEMENT, elementOf, type Hook, isAuthors, memberOf, propertyOf } from './hooks.ts'
import {
  ASSIGN,
  asElement,
  asIdentifier,
  asProperty,
  bare,
  ELEMENT_OF,
  KIND,
  TRANSPARENT,
  textOfNode,
} from './nodes.ts'
import { placeOf } from './places.ts'
import { SDK } from './sdkNames.ts'
import { FunctionVariables, type Variable } from './variables.ts'

/** A method that the build gives to every struct. */
const STRUCT_MARK = '__read'

/** Whether objects of the expression's class are copied out of storage: structs, bytes, arrays of fixed length. */
export function isCopied(hook: Hook, node: Node): boolean {
  const of = classOf(hook, node)
  return of !== null && isCopiedClass(of)
}

function isCopiedClass(of: Class): boolean {
  return hasElements(of) || isStruct(of)
}

export function hasElements({ prototype: { internalName } }: Class): boolean {
  return internalName === SDK.bytes || internalName === SDK.fixedArray
}

function isStruct(of: Class): boolean {
  return isAuthors(of.prototype.declaration) && of.getMember(STRUCT_MARK) !== null
}

/**
 * Refuses writes to variables that are given a value of storage by this expression, when nothing reads what is written:
 * neither the variable nor another one of the same object is read in that member afterwards, and none is used as a whole.
 */
export function refuseLostCopies(hook: Hook, value: Node): void {
  const { declaration } = hook.compiler.currentFlow.sourceFunction.prototype
  const of = classOf(hook, value)
  const source = of !== null && isCopiedClass(of) ? storageSource(hook, declaration, value) : null
  // Of a variable that has its value from storage the writes were judged where it got that.
  if (source === null || source.isVariables) return
  const variables = variablesOf(declaration)
  for (const variable of variables.givenBy(value)) {
    for (const { name, member, target, isPart } of lostIn(hook, of, declaration, variable)) {
      const from = textOfNode(source.node)
      const to = `${from}${member === ELEMENT_OF ? '[…]' : `.${member}`}`
      const itself = source.isPlace ? `write to ${to} itself` : 'write to storage itself'
      const back = source.isPlace ? `: ${from} = ${variable.name}` : ''
      hook.session.report(
        target,
        `${name} is ${isPart ? 'part of ' : ''}a copy of ${from}, and nothing reads the write to it here`,
        `${itself}, or write the copy back${back}`,
      )
    }
  }
}

/**
 * Refuses `grow(this.p)` where the function writes to a member of its parameter and then drops it: what it has is a copy.
 */
export function refuseLostArguments(hook: Hook, { name, declaration }: FunctionPrototype, args: readonly Node[]): void {
  const { body, signature } = declaration
  if (!body || signature === undefined || !isAuthors(declaration)) return
  const caller = hook.compiler.currentFlow.sourceFunction.prototype.declaration
  for (const [i, arg] of args.entries()) {
    const parameter = signature.parameters[i]
    const source = parameter === undefined ? null : storageSource(hook, caller, arg)
    if (parameter === undefined || source === null || source.isVariables) continue
    const [lost] = lostArgument(hook, classOf(hook, arg), declaration, i)
    if (lost === undefined) continue
    const from = textOfNode(source.node)
    hook.session.report(
      arg,
      `${name} gets a copy of ${from}, and nothing reads the ${lost.member === ELEMENT_OF ? 'element' : lost.member} that it writes to it`,
      'let it return the copy, and write that back',
    )
  }
}

/** Writes of a function to its parameter that nothing reads then. */
function lostArgument(hook: Hook, of: Class | null, declaration: Node, index: number): readonly LostWrite[] {
  const { signature } = declaration as FunctionPrototype['declaration']
  const name = signature?.parameters[index]?.name
  const variable = name === undefined ? null : variablesOf(declaration).parameter(name.text)
  return variable === null ? [] : lostIn(hook, of, declaration, variable)
}

interface Source {
  /** The expression that gives the copy. */
  readonly node: Node
  /** Whether it is a place in storage, and not a function that gives what it has from one. */
  readonly isPlace: boolean
  /** Whether a variable comes between. */
  readonly isVariables: boolean
}

/** The part of an expression that gives a copy of a value in storage; null when none does for certain. */
function storageSource(hook: Hook, within: Node, expression: Node, seen: Set<Node> = new Set()): Source | null {
  const node = bare(expression)
  if (seen.has(node)) return null
  seen.add(node)
  const below = (inner: Node) => storageSource(hook, within, inner, seen)
  if (placeOf(hook, node) !== null) return { node, isPlace: true, isVariables: false }
  switch (node.kind) {
    case KIND.assertion:
      return below((node as Node & { expression: Node }).expression)
    case KIND.ternary: {
      const { ifThen, ifElse } = node as Node & { ifThen: Node; ifElse: Node }
      return below(ifThen) ?? below(ifElse)
    }
    case KIND.binary:
      return (node as Binary).operator === ASSIGN ? below((node as Binary).right) : null
    case KIND.identifier:
      for (const value of variablesOf(within).variableOf(node)?.values ?? []) {
        const source = below(value)
        if (source !== null) return { ...source, isVariables: true }
      }
      return null
    case KIND.call: {
      const { expression: callee, args } = node as Call
      if (TRANSPARENT.includes(asIdentifier(bare(callee))?.text ?? ''))
        return args[0] === undefined ? null : below(args[0])
      const method = asProperty(bare(callee))
      if (method === null || bare(method.expression).kind !== KIND.this) return null
      return givesStorage(hook, method, seen) ? { node, isPlace: false, isVariables: false } : null
    }
    default:
      return null
  }
}

/** Whether a method of this object gives what it has from storage, in one of its returns at least. */
function givesStorage(hook: Hook, { expression, property }: PropertyAccess, seen: Set<Node>): boolean {
  const of = classOf(hook, expression)
  const method = of === null ? null : memberOf(of, property.text)
  if (method === null || method.kind !== ELEMENT.function || !isAuthors(method.declaration)) return false
  const { declaration } = method as FunctionPrototype
  if (declaration.body === null || seen.has(declaration)) return false
  seen.add(declaration)
  return [...returnsIn(declaration.body)].some((statement) => {
    const { value } = statement as Node & { value: Node | null }
    return value !== null && storageSource(hook, declaration, value, seen) !== null
  })
}

const known = new WeakMap<Node, FunctionVariables>()

function variablesOf(declaration: Node): FunctionVariables {
  const variables = known.get(declaration) ?? new FunctionVariables(declaration)
  known.set(declaration, variables)
  return variables
}

interface LostWrite {
  readonly name: string
  readonly member: string
  /** With all that are written to: several by a call, which is of use when one of them is read. */
  readonly members: readonly string[]
  readonly target: Node
  readonly node: Node
  readonly isPart: boolean
}

/** Functions whose parameters are being judged: one that calls itself reads what it hands on. */
const judged = new Set<Node>()
/** So many that hand a parameter on to each other are looked at. */
const MOST_JUDGED = 6
/** Findings about their parameters until all are judged: each is judged once, however often it is called. */
const found = new Map<Variable, readonly LostWrite[]>()

/** Writes to a variable, or to one that is given its object, that nothing reads. */
function lostIn(hook: Hook, of: Class | null, declaration: Node, variable: Variable): readonly LostWrite[] {
  if (of === null || judged.has(declaration) || judged.size === MOST_JUDGED) return []
  const before = found.get(variable)
  if (before !== undefined) return before
  judged.add(declaration)
  try {
    const lost = new Judgement(hook, of, variablesOf(declaration), variable).lost()
    found.set(variable, lost)
    return lost
  } finally {
    judged.delete(declaration)
    if (judged.size === 0) found.clear()
  }
}

/** Of the variables that may have one object. */
class Judgement {
  readonly #hook: Hook
  readonly #of: Class
  readonly #variables: FunctionVariables
  readonly #holders: ReadonlySet<Variable>
  readonly #all: readonly Variable[]
  readonly #writes: LostWrite[] = []
  /** Parts of the object that variables have, whose uses are noted already. */
  readonly #parts = new Map<Variable, Set<string>>()
  /** Null for the object as a whole. */
  readonly #reads: { readonly member: string | null; readonly node: Node }[] = []

  constructor(hook: Hook, of: Class, variables: FunctionVariables, variable: Variable) {
    this.#hook = hook
    this.#of = of
    this.#variables = variables
    const { holders, all } = sameObject(variables, variable)
    this.#holders = holders
    this.#all = [...all]
  }

  lost(): readonly LostWrite[] {
    for (const one of this.#all) {
      if (!this.#isKnown(one, this.#holders.has(one), null)) return []
    }
    const lost = this.#writes.filter(({ members, node }) => !members.some((one) => this.#isReadAfter(node, one)))
    // Of each member the first.
    return lost.filter(({ member }, i) => lost.findIndex((other) => other.member === member) === i)
  }

  #isReadAfter(write: Node, member: string): boolean {
    return this.#reads.some(
      (read) =>
        (read.member === null || read.member === member) && this.#variables.mayFollow(write, read.node, this.#all),
    )
  }

  /**
   * Notes what is written and read. False where the object goes out of sight: it may be read there, whenever that is.
   * @param part the member of the object that the variable has, when it has no more
   */
  #isKnown(variable: Variable, isHolder: boolean, part: string | null): boolean {
    if (part !== null) {
      const parts = this.#parts.get(variable) ?? new Set()
      if (parts.has(part)) return true
      this.#parts.set(variable, parts.add(part))
    }
    return variable.uses.every((use): boolean => {
      switch (use.kind) {
        case 'write':
          return this.#write(variable, isHolder, part, [part ?? use.member], use.target, use.node)
        case 'method':
          if (part !== null || use.name !== 'set' || !hasElements(this.#of)) return false
          return this.#write(variable, isHolder, part, [ELEMENT_OF], use.target, use.node)
        case 'argument': {
          const lost = part === null ? lostAtCall(this.#hook, this.#of, use.call, use.index) : []
          const members = lost.flatMap((write) => write.members)
          return lost.length > 0 && this.#write(variable, isHolder, part, members, use.node, use.node)
        }
        case 'read':
          if (part === null && !isPlain(this.#hook, this.#of, use.member)) return false
          return part === null && isLength(this.#of, use.member) ? true : this.#read(part ?? use.member, use.node)
        case 'alias':
          if (use.member === null) return part === null || this.#isKnown(use.variable, isHolder, part)
          if (part === null && !isPlain(this.#hook, this.#of, use.member)) return false
          // A number that a member has is read; of an object, what is done with that counts.
          if (!use.variable.uses.some(({ kind }) => kind === 'write')) this.#read(part ?? use.member, use.node)
          return this.#isKnown(use.variable, isHolder, part ?? use.member)
        case 'saved':
          return this.#read(part, use.node) && isStorage(this.#hook, use.target)
        case 'returned':
          return this.#read(part, use.node)
        default:
          return false
      }
    })
  }

  #write(
    { name }: Variable,
    isHolder: boolean,
    part: string | null,
    members: readonly string[],
    target: Node,
    node: Node,
  ): true {
    if (isHolder) this.#writes.push({ name, member: members[0]!, members, target, node, isPart: part !== null })
    return true
  }

  #read(member: string | null, node: Node): true {
    this.#reads.push({ member, node })
    return true
  }
}

/** The number of elements, which no write changes. */
function isLength(of: Class, member: string): boolean {
  return hasElements(of) && member === 'length'
}

/** Variables that may be of the object: those that it comes to, and all that those may share it with. */
function sameObject(variables: FunctionVariables, first: Variable): { holders: Set<Variable>; all: Set<Variable> } {
  const holders = new Set([first])
  for (const one of holders) for (const other of variables.givenTo(one)) holders.add(other)
  const all = new Set(holders)
  for (const one of all) {
    for (const other of [...variables.givenTo(one), ...variables.givenFrom(one)]) all.add(other)
  }
  return { holders, all }
}

/** Whether a member of a value is no more than that: a method, or a getter, may read them all. */
function isPlain(hook: Hook, of: Class, member: string): boolean {
  if (member === ELEMENT_OF) return true
  return hasElements(of) ? member === 'length' : propertyOf(hook, of, member)?.isField === true
}

/** Whether a value that is written to the target is copied there. */
function isStorage(hook: Hook, target: Node): boolean {
  if (placeOf(hook, target) !== null) return true
  const access = asProperty(target)
  const object = access?.expression ?? asElement(target)?.expression
  return object !== undefined && placeOf(hook, object) !== null
}

function lostAtCall(hook: Hook, of: Class, call: Node, index: number): readonly LostWrite[] {
  const called = elementOf(hook, (call as Call).expression)
  if (called === null || called.kind !== ELEMENT.function || !isAuthors(called.declaration)) return []
  return lostArgument(hook, of, called.declaration, index)
}
