/** Random expressions of a given type. */

import type { Arithmetic, Builtin, Comparison, Expression, Place } from './program.ts'
import type { Scope } from './scope.ts'
import { bitsOf, fits, INTEGERS, type Integer, isSigned, isWide, type Native, type ValueType, widens } from './types.ts'

const COMPARISONS: readonly Comparison[] = ['==', '!=', '<', '<=', '>', '>=']
const WRAPPING: readonly Arithmetic[] = ['+', '-', '*', '&', '|', '^', '+', '-', '&']
const SHIFTS: readonly Arithmetic[] = ['<<', '>>', '>>>']
const SIGNS: readonly (readonly [of: Integer, as: Integer])[] = [
  ['i32', 'u32'],
  ['i32', 'u32'],
  ['u32', 'i32'],
  ['isize', 'u32'],
  ['i16', 'u16'],
  ['u8', 'i8'],
]
const WORDS: readonly Integer[] = ['i32', 'u32', 'i64', 'u64', 'isize', 'usize']

export function expression(scope: Scope, type: ValueType, depth: number): Expression {
  if (depth <= 0 || --scope.budget <= 0) return leaf(scope, type)
  if (isWide(type)) return wide(scope, type, depth)
  return type === 'bool' ? truth(scope, depth) : integer(scope, type, depth)
}

/** An expression for a place where only truth is asked for: of a bool, or of any number. */
export function test(scope: Scope, depth: number): Expression {
  const { random } = scope
  if (depth > 0 && scope.chance(30)) {
    const op = random.pick(['&&', '||'] as const)
    const left = (scope.chance(20) ? known(scope) : null) ?? test(scope, depth - 1)
    return { kind: 'logic', type: 'bool', op, left, right: test(scope, depth - 1) }
  }
  return expression(scope, scope.chance(70) ? 'bool' : scope.native(), depth)
}

/** An assignment whose value a compiler knows. */
function known(scope: Scope): Expression | null {
  const place = target(scope, scope.native())
  if (place === null) return null
  const { type } = place
  const raw = BigInt(scope.random.below(2))
  return { kind: 'assign', type, target: place, op: null, value: { kind: 'literal', type, raw, bare: false } }
}

/** Where the language converts to `type` by itself: there it may be of a smaller type. */
export function assignable(scope: Scope, type: ValueType, depth: number): Expression {
  if (isWide(type) || type === 'bool' || !scope.chance(25)) return expression(scope, type, depth)
  const from = scope.native()
  if (!widens(from, type) || from === type) return expression(scope, type, depth)
  return { kind: 'cast', type, operand: expression(scope, from, depth), style: 'none' }
}

export function literal(scope: Scope, type: ValueType, bare = false): Expression {
  const bits = bitsOf(type)
  for (;;) {
    const raw = scope.number(isWide(type) ? bits : Math.min(64, bits + (scope.chance(20) ? 4 : 0)))
    // A written number must fit 64 bits; a number that a wide type parses must fit the type.
    if (isWide(type) || bare ? fits(type, raw) : fits(raw < 0n ? 'i64' : 'u64', raw)) {
      return { kind: 'literal', type, raw, bare }
    }
  }
}

/** A place to assign to; null when there is none of the type. */
export function target(scope: Scope, type: ValueType): Place | null {
  const places = scope.places(type, (...where) => index(scope, ...where), true)
  return places.length === 0 ? null : scope.random.pick(places)
}

function leaf(scope: Scope, type: ValueType): Expression {
  const places = scope.places(type, (...where) => index(scope, ...where), false)
  if (places.length > 0 && !scope.chance(20)) return scope.random.pick(places)
  if (!isWide(type) && scope.chance(60)) {
    const from = scope.native()
    const others = scope.places(from, (...where) => index(scope, ...where), false)
    if (others.length > 0) return { kind: 'cast', type, operand: scope.random.pick(others), style: 'as' }
  }
  return literal(scope, type)
}

/** The same bits as a number of the other sign, widened: an i32 as u32 as u64. */
export function reread(scope: Scope, type: Integer): Expression {
  const [of, as] = scope.random.pick(SIGNS)
  const places = scope.places(of, (...where) => index(scope, ...where), false)
  const inMemory = places.filter(({ kind }) => kind === 'field' || kind === 'element')
  const from = inMemory.length > 0 ? inMemory : places
  const operand = from.length === 0 ? literal(scope, of) : scope.random.pick(from)
  return { kind: 'cast', type, operand: { kind: 'cast', type: as, operand, style: '<>' }, style: '<>' }
}

/** An index inside an array, now and then outside; without effects, since it may be looked at twice. */
function index(scope: Scope, type: 'i32' | 'u8', bound: number, mayMiss: boolean): Expression {
  const small: Expression = { kind: 'literal', type, raw: BigInt(scope.random.below(bound)), bare: false }
  const local = scope.locals.filter((l) => !isWide(l.type))
  if (scope.chance(60) || local.length === 0) return small
  const chosen = scope.random.pick(local)
  const operand: Expression = { kind: 'variable', type: chosen.type, name: chosen.name }
  const left: Expression = { kind: 'cast', type, operand, style: '<>' }
  if (!mayMiss || !scope.chance(5)) {
    return {
      kind: 'binary',
      type,
      op: '&',
      left,
      right: { kind: 'literal', type, raw: BigInt(bound - 1), bare: false },
    }
  }
  return left
}

function integer(scope: Scope, type: Integer, depth: number): Expression {
  const { random } = scope
  const next = () => expression(scope, type, depth - 1)
  switch (random.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return { kind: 'binary', type, op: random.pick(WRAPPING), left: next(), right: operandAfter(scope, type, depth) }
    case 4:
      return { kind: 'binary', type, op: random.pick(SHIFTS), left: next(), right: operandAfter(scope, type, depth) }
    case 5:
      return {
        kind: 'binary',
        type,
        op: random.pick(['/', '%'] as const),
        left: next(),
        right: divisor(scope, type, depth),
      }
    case 6:
      return random.below(3) > 0 ? mixed(scope, type, depth) : power(type, next(), random.below(6))
    case 7:
      return { kind: 'unary', type, op: random.pick(['-', '~', '+'] as const), operand: notLiteral(next()) }
    case 8:
    case 9:
    case 10: {
      if (scope.chance(20)) return reread(scope, type)
      const style = random.pick(['<>', 'as'] as const)
      return { kind: 'cast', type, operand: expression(scope, scope.native(), depth - 1), style }
    }
    case 11:
      return choice(scope, type, depth)
    case 12: {
      const op = random.pick(['&&', '||'] as const)
      return { kind: 'logic', type, op, left: next(), right: next() }
    }
    case 13:
      return effect(scope, type, depth)
    case 14:
      return builtin(scope, type, depth)
    default:
      return call(scope, type, depth) ?? leaf(scope, type)
  }
}

/** The right side, after a left side of `type`: there a number without a cast is of that type. */
function operandAfter(scope: Scope, type: Native, depth: number): Expression {
  return scope.chance(15) ? literal(scope, type, true) : expression(scope, type, depth - 1)
}

/** Of a smaller type and of `type`: the language takes the larger. */
function mixed(scope: Scope, type: Integer, depth: number): Expression {
  const op = scope.random.pick(WRAPPING)
  const other = scope.random.pick(INTEGERS)
  const small: Expression = {
    kind: 'cast',
    type,
    operand: notLiteral(expression(scope, other, depth - 1)),
    style: 'none',
  }
  const own = notLiteral(expression(scope, type, depth - 1))
  if (bitsOf(other) < bitsOf(type) && scope.chance(50)) return { kind: 'binary', type, op, left: small, right: own }
  if (bitsOf(other) > bitsOf(type)) return { kind: 'binary', type, op, left: own, right: own }
  return { kind: 'binary', type, op, left: own, right: small }
}

/** Mostly from 1 to 15: a division by zero ends the call. */
function divisor(scope: Scope, type: Integer, depth: number): Expression {
  const left = expression(scope, type, depth - 1)
  if (scope.chance(15)) return left
  const masked: Expression = {
    kind: 'binary',
    type,
    op: '&',
    left,
    right: { kind: 'literal', type, raw: 14n, bare: false },
  }
  return { kind: 'binary', type, op: '|', left: masked, right: { kind: 'literal', type, raw: 1n, bare: false } }
}

function power(type: Integer, left: Expression, exponent: number): Expression {
  return {
    kind: 'binary',
    type,
    op: '**',
    left,
    right: { kind: 'literal', type, raw: BigInt(exponent), bare: false },
  }
}

/** A minus or the like before a bare number would be part of the number. */
function notLiteral(operand: Expression): Expression {
  return operand.kind === 'literal' ? { ...operand, bare: false } : operand
}

function isConstant(of: Expression): boolean {
  switch (of.kind) {
    case 'literal':
      return true
    case 'unary':
    case 'cast':
      return isConstant(of.operand)
    case 'binary':
      return isConstant(of.left) && isConstant(of.right)
    default:
      return false
  }
}

function choice(scope: Scope, type: ValueType, depth: number): Expression {
  return {
    kind: 'choice',
    type,
    test: test(scope, depth - 1),
    whenTrue: expression(scope, type, depth - 1),
    whenFalse: expression(scope, type, depth - 1),
  }
}

/** An expression that also does something. */
function effect(scope: Scope, type: ValueType, depth: number): Expression {
  const place = target(scope, type)
  if (place === null) return leaf(scope, type)
  if (type !== 'bool' && !isWide(type) && scope.chance(40)) {
    return { kind: 'step', type, target: place, op: scope.random.pick(['++', '--'] as const), prefix: scope.chance(50) }
  }
  return assignment(scope, place, depth)
}

export function assignment(scope: Scope, place: Place, depth: number): Expression {
  const { type } = place
  if (type === 'bool' || scope.chance(50)) {
    return { kind: 'assign', type, target: place, op: null, value: assignable(scope, type, depth - 1) }
  }
  const op = scope.random.pick(isWide(type) ? WRAPPING : [...WRAPPING, ...SHIFTS])
  const value = assignable(scope, type, depth - 1)
  return { kind: 'assign', type, target: place, op, value }
}

function truth(scope: Scope, depth: number): Expression {
  const { random } = scope
  const next = () => expression(scope, 'bool', depth - 1)
  switch (random.below(11)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const type = scope.type()
      // Bools have no order.
      const op = random.pick(type === 'bool' ? COMPARISONS.slice(0, 2) : COMPARISONS)
      const right = isWide(type) ? expression(scope, type, depth - 1) : operandAfter(scope, type, depth)
      return { kind: 'compare', type: 'bool', op, left: expression(scope, type, depth - 1), right }
    }
    case 4:
      return { kind: 'unary', type: 'bool', op: '!', operand: expression(scope, scope.native(), depth - 1) }
    case 5:
      return { kind: 'binary', type: 'bool', op: random.pick(['&', '|', '^'] as const), left: next(), right: next() }
    case 6: {
      const op = random.pick(['&&', '||'] as const)
      return { kind: 'logic', type: 'bool', op, left: next(), right: next() }
    }
    case 7:
      return { kind: 'cast', type: 'bool', operand: expression(scope, random.pick(INTEGERS), depth - 1), style: '<>' }
    case 8:
      return choice(scope, 'bool', depth)
    case 9:
      return effect(scope, 'bool', depth)
    default:
      return call(scope, 'bool', depth) ?? leaf(scope, 'bool')
  }
}

function builtin(scope: Scope, type: Integer, depth: number): Expression {
  const names: Builtin[] = ['min', 'max', 'abs', 'select']
  const rotates = WORDS.includes(type) || type === 'u8' || type === 'u16'
  if (rotates) names.push('rotl', 'rotr')
  if (WORDS.includes(type)) names.push('clz', 'ctz', 'popcnt')
  const name = scope.random.pick(names)
  const args: Expression[] = [expression(scope, type, depth - 1)]
  if (name === 'select') args.push(expression(scope, type, depth - 1), test(scope, depth - 1))
  else if (name === 'min' || name === 'max' || name.startsWith('rot')) args.push(assignable(scope, type, depth - 1))
  return { kind: 'builtin', type, name, args }
}

function call(scope: Scope, type: ValueType, depth: number): Expression | null {
  const found = scope.functions.filter((f) => f.result === type)
  if (found.length === 0) return null
  const { name, parameters } = scope.random.pick(found)
  const args = parameters.map((p) => assignable(scope, p.type, depth - 1))
  return { kind: 'call', type, name, object: null, args }
}

function wide(scope: Scope, type: 'U256' | 'I256', depth: number): Expression {
  const { random } = scope
  const next = () => expression(scope, type, depth - 1)
  switch (random.below(9)) {
    case 0:
    case 1:
    case 2:
      return {
        kind: 'binary',
        type,
        op: random.pick(['+', '-', '*', '&', '|', '^', '/', '%'] as const),
        left: next(),
        right: next(),
      }
    case 3: {
      const left: Expression = {
        kind: 'cast',
        type: 'i32',
        operand: expression(scope, scope.native(), depth - 1),
        style: '<>',
      }
      const mask: Expression = { kind: 'literal', type: 'i32', raw: 511n, bare: false }
      const right: Expression = { kind: 'binary', type: 'i32', op: '&', left, right: mask }
      return { kind: 'binary', type, op: random.pick(['<<', '>>'] as const), left: next(), right }
    }
    case 4:
      if (type === 'I256' && scope.chance(50)) return { kind: 'unary', type, op: '-', operand: next() }
      return { kind: 'unary', type, op: '~', operand: next() }
    case 5: {
      const from = type === 'U256' ? 'u64' : 'i64'
      const of = scope.chance(50) ? random.pick(INTEGERS.filter((t) => isSigned(t) === isSigned(from))) : from
      const made = expression(scope, of, depth - 1)
      // A constant amount that its types cannot hold is refused.
      const operand = isConstant(made) ? { ...literal(scope, of, true), bare: false } : made
      return {
        kind: 'enlarge',
        type,
        operand: { kind: 'cast', type: from, operand, style: of === from ? '<>' : 'none' },
      }
    }
    case 6:
      return choice(scope, type, depth)
    case 7:
      return effect(scope, type, depth)
    default:
      return call(scope, type, depth) ?? leaf(scope, type)
  }
}
