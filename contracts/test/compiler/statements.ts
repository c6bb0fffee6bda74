/** Random statements. */

import { assignable, assignment, expression, literal, reread, target, test } from './expressions.ts'
import type { Expression, Statement } from './program.ts'
import type { Scope } from './scope.ts'
import { INTEGERS, isWide, type ValueType } from './types.ts'

/** Depth of expressions in a statement, and of statements in statements. */
const EXPRESSION_DEPTH = 4
const NESTING = 3

/** `result` is what the function gives, null in the contract's function, which gives what was put. */
export interface Around {
  readonly result: ValueType | null
  readonly nesting: number
}

/** Up to `count` statements; none after one that never goes on. */
export function block(scope: Scope, around: Around, count: number): Statement[] {
  const outer = scope.locals
  scope.locals = [...outer]
  const body: Statement[] = []
  for (let i = 0; i < count && scope.budget > 0; i++) {
    const made = statement(scope, around)
    body.push(made)
    if (made.kind === 'break' || made.kind === 'continue' || made.kind === 'return') break
  }
  scope.locals = outer
  return body
}

function statement(scope: Scope, around: Around): Statement {
  const { random } = scope
  const mayNest = around.nesting < NESTING
  switch (random.below(17)) {
    case 0:
    case 1:
    case 2:
      return declaration(scope)
    case 3:
    case 4:
    case 5:
    case 6:
      return change(scope)
    case 7:
    case 8:
      return around.result === null ? put(scope) : change(scope)
    case 9:
    case 10:
      return mayNest ? branch(scope, around) : change(scope)
    case 11:
    case 12:
      return mayNest && scope.loops < 2 ? loop(scope, around) : change(scope)
    case 13:
      return mayNest ? choose(scope, around) : change(scope)
    case 14:
      return mayNest ? { kind: 'block', body: block(scope, inner(around), 3) } : change(scope)
    default:
      return jump(scope, around) ?? change(scope)
  }
}

function put(scope: Scope): Statement {
  const value = scope.chance(25)
    ? reread(scope, scope.random.pick(['i64', 'u64'] as const))
    : expression(scope, scope.type(), EXPRESSION_DEPTH)
  return { kind: 'put', value }
}

function inner({ result, nesting }: Around): Around {
  return { result, nesting: nesting + 1 }
}

function declaration(scope: Scope): Statement {
  const type = scope.type()
  const annotated = scope.chance(60)
  const value = annotated ? assignable(scope, type, EXPRESSION_DEPTH) : expression(scope, type, EXPRESSION_DEPTH)
  const constant = scope.chance(30)
  const name = scope.name('v')
  scope.locals.push({ name, type, constant })
  return { kind: 'declare', name, type, value, constant, annotated }
}

function change(scope: Scope): Statement {
  if (scope.inContract && scope.structs.length > 0 && scope.chance(20)) {
    const { name, fields } = scope.random.pick(scope.structs)
    const values = fields.map((type) => assignable(scope, type, 2))
    return { kind: 'do', expression: { kind: 'replace', type: fields[0] as ValueType, struct: name, values } }
  }
  for (let tries = 0; tries < 4; tries++) {
    const place = target(scope, scope.type())
    if (place === null) continue
    const { type } = place
    if (type !== 'bool' && !isWide(type) && scope.chance(15)) {
      const op = scope.random.pick(['++', '--'] as const)
      return { kind: 'do', expression: { kind: 'step', type, target: place, op, prefix: scope.chance(50) } }
    }
    return { kind: 'do', expression: assignment(scope, place, EXPRESSION_DEPTH) }
  }
  return declaration(scope)
}

function branch(scope: Scope, around: Around): Statement {
  return {
    kind: 'if',
    test: test(scope, EXPRESSION_DEPTH - 1),
    whenTrue: block(scope, inner(around), 3),
    whenFalse: scope.chance(40) ? block(scope, inner(around), 3) : null,
  }
}

function loop(scope: Scope, around: Around): Statement {
  const form = scope.random.pick(['while', 'do', 'for', 'for', 'forever'] as const)
  const counter = scope.name('n')
  const counterType = scope.random.pick(INTEGERS)
  const outer = scope.locals
  scope.locals = [...outer, { name: counter, type: counterType, constant: true }]
  scope.loops++
  scope.breakable++
  const hasSecond = form === 'for' && scope.chance(50)
  const type = scope.native()
  const name = scope.name('m')
  const initial = hasSecond ? expression(scope, type, 1) : null
  if (hasSecond) scope.locals.push({ name, type, constant: false })
  const condition = scope.chance(60) ? test(scope, 2) : null
  const step = hasSecond ? assignment(scope, { kind: 'variable', type, name }, 2) : null
  const body = block(scope, inner(around), 4)
  scope.loops--
  scope.breakable--
  scope.locals = outer
  const second = initial === null || step === null ? null : { name, type, initial, step }
  return { kind: 'loop', form, counter, counterType, rounds: 1 + scope.random.below(4), test: condition, second, body }
}

function choose(scope: Scope, around: Around): Statement {
  const type = scope.random.pick(INTEGERS)
  const on = expression(scope, type, 2)
  const count = 1 + scope.random.below(3)
  const usual = scope.random.below(count + 1)
  scope.breakable++
  const cases = Array.from({ length: count + 1 }, (_, i) => {
    const label: Expression | null = i === usual ? null : scope.chance(50) ? small(scope, type) : literal(scope, type)
    const body: Statement[] = [{ kind: 'block', body: block(scope, inner(around), 3) }]
    if (scope.chance(70)) body.push({ kind: 'break' })
    return { label, body }
  })
  scope.breakable--
  return { kind: 'switch', on, cases: scope.chance(80) ? cases : cases.filter(({ label }) => label !== null) }
}

function small(scope: Scope, type: ValueType): Expression {
  return { kind: 'literal', type, raw: BigInt(scope.random.below(3)), bare: false }
}

function jump(scope: Scope, around: Around): Statement | null {
  if (around.nesting === 0) return null
  const kinds: ('break' | 'continue' | 'return')[] = ['return']
  if (scope.breakable > 0) kinds.push('break', 'break')
  if (scope.loops > 0) kinds.push('continue', 'continue')
  const kind = scope.random.pick(kinds)
  if (kind !== 'return') return { kind }
  return { kind, value: around.result === null ? null : assignable(scope, around.result, EXPRESSION_DEPTH - 1) }
}
