/**
 * The variables of a function, by its text: where each is given a value, written to in a member, read, handed on to another
 * variable, or let out of sight. Types are not asked for here.
 */

import { internals, type Node, numberOf } from '../internals.ts'
import {
  ASSIGN,
  asElement,
  asIdentifier,
  asProperty,
  COMPOUND,
  INCREMENTS,
  KIND,
  memberName,
  TRANSPARENT,
} from './nodes.ts'

const { NodeKind, CommonFlags } = internals
const kind = (name: string) => numberOf(NodeKind, name)
const BLOCK = kind('Block')
const FOR = kind('For')
const FOR_OF = kind('ForOf')
const IF = kind('If')
const RETURN = kind('Return')
const THROW = kind('Throw')
const SWITCH = kind('Switch')
const SWITCH_CASE = kind('SwitchCase')
const BREAK = kind('Break')
const CONTINUE = kind('Continue')
const TYPES: readonly number[] = [kind('NamedType'), kind('TypeName')]
const STATEMENT = kind('Expression')
const FUNCTION_DECLARATION = kind('FunctionDeclaration')
const LOOPS: readonly number[] = [FOR, FOR_OF, kind('While'), kind('Do')]
/** Nodes in which `let` and `const` end. */
const SCOPES: readonly number[] = [BLOCK, FOR, FOR_OF, SWITCH_CASE, FUNCTION_DECLARATION]
const SCOPED = numberOf(CommonFlags, 'Let') | numberOf(CommonFlags, 'Const')

/** The fate of an object that a variable, or a member of it, gives. */
export type Use =
  /** A member of it, however deep, gets another value, in this statement. */
  | { readonly kind: 'write'; readonly member: string; readonly node: Node; readonly target: Node }
  | { readonly kind: 'read'; readonly member: string; readonly node: Node }
  /** A method that is called, or a getter. */
  | { readonly kind: 'method'; readonly name: string; readonly node: Node; readonly target: Node }
  /** Another variable is given the object; `member`: or what the object has there. */
  | { readonly kind: 'alias'; readonly variable: Variable; readonly member: string | null; readonly node: Node }
  /** Written to the target as a whole: a copy where that is in storage. */
  | { readonly kind: 'saved'; readonly target: Node; readonly node: Node }
  | { readonly kind: 'returned'; readonly node: Node }
  | { readonly kind: 'argument'; readonly call: Node; readonly index: number; readonly node: Node }
  /** Anything else: what is done with it there, nobody knows. */
  | { readonly kind: 'unknown'; readonly node: Node }

export interface Variable {
  readonly name: string
  readonly declaration: Node
  /** The expressions that it is given, one after the other. */
  readonly values: Node[]
  readonly uses: Use[]
}

/** The variables of a function. */
export class FunctionVariables {
  readonly #parents = new Map<Node, Node>()
  readonly #scopes = new Map<Node, Map<string, Variable>>()
  readonly #givenFrom = new Map<Variable, Variable[]>()
  /** Every `break` and `continue`. */
  readonly #jumps: Node[] = []
  readonly #root: Node

  /** @param root the function's declaration */
  constructor(root: Node) {
    this.#root = root
    const names: Node[] = []
    this.#visit(root, root, names)
    for (const name of names) this.#note(name)
    for (const one of this.all) {
      for (const other of this.givenTo(one)) this.#givenFrom.set(other, [...this.givenFrom(other), one])
    }
  }

  /** The variables that are given a variable's object, as it is. */
  givenTo({ uses }: Variable): readonly Variable[] {
    return uses.flatMap((use) => (use.kind === 'alias' && use.member === null ? [use.variable] : []))
  }

  /** The variables whose objects a variable is given. */
  givenFrom(variable: Variable): readonly Variable[] {
    return this.#givenFrom.get(variable) ?? []
  }

  get all(): readonly Variable[] {
    return [...this.#scopes.values()].flatMap((scope) => [...scope.values()])
  }

  parameter(name: string): Variable | null {
    return this.#scopes.get(this.#root)?.get(name) ?? null
  }

  /** The variables that are given the value of an expression. */
  givenBy(value: Node): readonly Variable[] {
    return this.all.filter(({ values }) => values.includes(value))
  }

  /** The variable that a name means where it stands. */
  variableOf(name: Node): Variable | null {
    const text = asIdentifier(name)?.text
    if (text === undefined) return null
    for (let at: Node | undefined = name; at !== undefined; at = this.#parents.get(at)) {
      const found = this.#scopes.get(at)?.get(text)
      if (found !== undefined) return found
    }
    return null
  }

  /**
   * Whether what happens at `later` may come after `node`: it stands below it, up to where the function is left, or in the
   * target of an assignment that it is on the right side of, or a loop comes to it again, unless that loop begins with new
   * variables.
   */
  mayFollow(node: Node, later: Node, variables: readonly Variable[]): boolean {
    let reached = node.range.end
    const isIn = (end: number) => later.range.start >= reached && later.range.start < end
    let child = node
    for (let at = this.#parents.get(node); at !== undefined; child = at, at = this.#parents.get(at)) {
      if (assignsTo(at, child)?.some((target) => within(target, later))) return true
      if (at.kind === IF) {
        if ((at as Node & { condition: Node }).condition === child) continue
        if (isIn(child.range.end)) return true
        reached = at.range.end
      } else if (LOOPS.includes(at.kind)) {
        if (within(at, later) && variables.some(({ declaration }) => !isOfRound(at!, declaration))) return true
      } else if (at.kind === BLOCK || at.kind === SWITCH_CASE) {
        const { statements } = at as Node & { statements: readonly Node[] }
        const next = statements.slice(statements.indexOf(child) + 1)
        const last = next.find((statement) => statement.kind === RETURN || statement.kind === THROW)
        if (last !== undefined && !this.#jumpsOut(at, child, last)) return isIn(last.range.end)
      }
    }
    return isIn(this.#root.range.end)
  }

  /** Whether a block may be left by `break` or `continue` from one of its statements on, before another. */
  #jumpsOut(block: Node, from: Node, before: Node): boolean {
    return this.#jumps.some((jump) => {
      if (jump.range.start < from.range.start || jump.range.start >= before.range.start) return false
      if ((jump as Node & { label: Node | null }).label !== null) return true
      let at = this.#parents.get(jump)
      while (at !== undefined && !LOOPS.includes(at.kind) && !(at.kind === SWITCH && jump.kind === BREAK)) {
        at = this.#parents.get(at)
      }
      return at === undefined || !within(block, at)
    })
  }

  /** Notes who stands in whom, the declarations, and the names that are used. */
  #visit(node: Node, scope: Node, names: Node[]): void {
    const inner = SCOPES.includes(node.kind) ? node : scope
    if (node.kind === BREAK || node.kind === CONTINUE) this.#jumps.push(node)
    if (node.kind === KIND.variableDeclaration || node.kind === KIND.parameter) {
      const { name, initializer, flags } = node as Node & { name: Node; initializer: Node | null; flags?: number }
      const isVar = node.kind === KIND.variableDeclaration && ((flags ?? 0) & SCOPED) === 0
      const variable = { name: asIdentifier(name)?.text ?? '', declaration: node, values: [] as Node[], uses: [] }
      if (initializer !== null && initializer !== undefined) variable.values.push(initializer)
      const place = isVar ? this.#root : inner
      const declared = this.#scopes.get(place) ?? new Map<string, Variable>()
      declared.set(variable.name, variable)
      this.#scopes.set(place, declared)
    }
    const skipped = node.kind === KIND.propertyAccess ? 'property' : 'name'
    for (const [key, value] of Object.entries(node)) {
      if (key === 'range' || key === skipped || key === 'implicitFieldDeclaration') continue
      for (const child of Array.isArray(value) ? value : [value]) {
        if (!isNode(child) || TYPES.includes(child.kind)) continue
        this.#parents.set(child, node)
        if (child.kind === KIND.identifier) names.push(child)
        else this.#visit(child, inner, names)
      }
    }
  }

  #note(name: Node): void {
    const variable = this.variableOf(name)
    if (variable === null) return
    const parent = this.#parents.get(name)
    if (parent?.kind === KIND.binary) {
      const { operator, left, right } = parent as Node & { operator: number; left: Node; right: Node }
      if (operator === ASSIGN && left === name) {
        variable.values.push(right)
        return
      }
    }
    this.#follow(name, null, name, variable)
  }

  /** Notes the fate of the object that `node` gives: the variable's, or what that has as `member`. */
  #follow(node: Node, member: string | null, name: Node, { uses }: Variable): void {
    const parent = this.#parents.get(node)
    if (parent === undefined) return
    const plain: Use = member === null ? { kind: 'unknown', node: name } : { kind: 'read', member, node: name }
    const go = (on: Node, of: string | null = member) => this.#follow(on, of, name, { uses } as Variable)
    switch (parent.kind) {
      case KIND.parenthesized:
      case KIND.assertion:
        go(parent)
        return
      case KIND.ternary:
        // Its condition is no part of what it gives.
        if ((parent as Node & { condition: Node }).condition === node) break
        go(parent)
        return
      case KIND.propertyAccess:
      case KIND.elementAccess: {
        const { expression } = parent as Node & { expression: Node }
        // As an index it is no object.
        if (expression !== node) break
        const target = this.#targetAround(parent)
        const accessed = member ?? memberName(asProperty(parent) ?? asElement(parent)!)
        if (target !== null) {
          uses.push({ kind: 'write', member: accessed, node: target.assignment, target: target.node })
          // `while (p.left-- > 0)`: what the round before wrote is read by the next.
          if (this.#givesOldValue(target.assignment)) uses.push({ kind: 'read', member: accessed, node: name })
          return
        }
        const outer = this.#parents.get(parent)
        if (
          member === null &&
          outer?.kind === KIND.call &&
          (outer as Node & { expression: Node }).expression === parent
        ) {
          uses.push({ kind: 'method', name: accessed, node: outer, target: parent })
          return
        }
        go(parent, accessed)
        return
      }
      case KIND.variableDeclaration: {
        const given = this.#declared(parent)
        uses.push(given === null ? plain : { kind: 'alias', variable: given, member, node: name })
        return
      }
      case KIND.binary: {
        const { operator, left, right } = parent as Node & { operator: number; left: Node; right: Node }
        if (operator !== ASSIGN || right !== node) break
        const given = this.variableOf(left)
        if (given !== null) uses.push({ kind: 'alias', variable: given, member, node: name })
        else uses.push(member === null ? { kind: 'saved', target: left, node: parent } : plain)
        // The assignment gives the same object.
        const outer = this.#parents.get(parent)
        if (outer !== undefined && outer.kind !== STATEMENT) go(parent)
        return
      }
      case RETURN:
        uses.push(member === null ? { kind: 'returned', node: parent } : plain)
        return
      case KIND.call: {
        const { expression, args } = parent as Node & { expression: Node; args: readonly Node[] }
        if (TRANSPARENT.includes(asIdentifier(expression)?.text ?? '')) {
          go(parent)
          return
        }
        const index = args.indexOf(node)
        if (index >= 0 && member === null) {
          uses.push({ kind: 'argument', call: parent, index, node: parent })
          return
        }
        break
      }
    }
    uses.push(plain)
  }

  /** Whether an assignment reads what it changes, and something takes what it gives. */
  #givesOldValue(assignment: Node): boolean {
    if ((assignment as Node & { operator: number }).operator === ASSIGN) return false
    const parent = this.#parents.get(assignment)
    if (parent === undefined || parent.kind === STATEMENT) return false
    return parent.kind !== FOR || (parent as Node & { incrementor: Node | null }).incrementor !== assignment
  }

  #declared(declaration: Node): Variable | null {
    return this.all.find((variable) => variable.declaration === declaration) ?? null
  }

  /** The assignment or increment that writes to a link or to what hangs on it. */
  #targetAround(link: Node): { readonly assignment: Node; readonly node: Node } | null {
    let target = link
    for (let at = this.#parents.get(link); at !== undefined; at = this.#parents.get(at)) {
      if (at.kind === KIND.parenthesized || at.kind === KIND.assertion) {
        target = at
        continue
      }
      const isLink = asProperty(at)?.expression === target || asElement(at)?.expression === target
      if (isLink) {
        target = at
        continue
      }
      if (at.kind === KIND.binary) {
        const { operator, left } = at as Node & { operator: number; left: Node }
        return left === target && (operator === ASSIGN || COMPOUND.includes(operator))
          ? { assignment: at, node: target }
          : null
      }
      if (at.kind === KIND.unaryPostfix || at.kind === KIND.unaryPrefix) {
        return INCREMENTS.includes((at as Node & { operator: number }).operator)
          ? { assignment: at, node: target }
          : null
      }
      return null
    }
    return null
  }
}

function within(outer: Node, inner: Node): boolean {
  return outer.range.start <= inner.range.start && inner.range.end <= outer.range.end
}

/** The target of an assignment, which is found after its right side has run; null of what is no right side. */
function assignsTo(assignment: Node, child: Node): readonly Node[] | null {
  if (assignment.kind !== KIND.binary) return null
  const { operator, left, right } = assignment as Node & { operator: number; left: Node; right: Node }
  return right === child && (operator === ASSIGN || COMPOUND.includes(operator)) ? [left] : null
}

/** Whether each round of a loop has a new variable. What the head of a `for` begins with is one for all. */
function isOfRound(loop: Node, declaration: Node): boolean {
  const { initializer } = loop as Node & { initializer?: Node | null }
  return within(loop, declaration) && !(initializer && within(initializer, declaration))
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value && 'range' in value
}
