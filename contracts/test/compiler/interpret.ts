/** Runs a program by what its source says, with BigInt. Knows nothing of the build, the SDK or WebAssembly. */

import { arithmetic, builtin, compares, fitting, Panic } from './operations.ts'
import type { Expression, Place, Program, Statement } from './program.ts'
import { isWide, wrap } from './types.ts'

export type Outcome =
  /** The values that were put. */
  | { readonly kind: 'success'; readonly values: readonly bigint[] }
  | { readonly kind: 'revert'; readonly reason: string }

/** The storage that lasts from call to call, by name; of mappings by `name[key]`. Missing is zero. */
export type Storage = Map<string, bigint>

/** Steps of one call; more is a program of no use. */
const STEP_LIMIT = 200_000

export class TooLong extends Error {}

/** The jump with which a statement ends early. */
type Jump = 'break' | 'continue' | { readonly value: bigint } | null

type Scope = Map<string, bigint>

/** One call. Changes `storage` only when it succeeds. */
export function interpret(program: Program, input: readonly bigint[], storage: Storage): Outcome {
  const call = new Call(program, new Map(storage))
  const scope: Scope = new Map(program.parameters.map(({ name }, i) => [name, input[i] as bigint]))
  try {
    call.run(program.body, scope)
  } catch (error) {
    if (error instanceof Panic) return { kind: 'revert', reason: error.message }
    throw error
  }
  for (const [name, value] of call.storage) storage.set(name, value)
  return { kind: 'success', values: call.values }
}

class Call {
  readonly values: bigint[] = []
  readonly storage: Storage
  readonly #program: Program
  readonly #globals: Scope
  readonly #fields: Scope
  readonly #arrays: Map<string, bigint[]>
  #steps = 0

  constructor(program: Program, storage: Storage) {
    this.#program = program
    this.storage = storage
    this.#globals = new Map(program.globals.map(({ name, type, initial }) => [name, wrap(type, initial)]))
    this.#fields = new Map(
      program.objects.flatMap((object) =>
        object.fields.map((f) => [`${object.name}.${f.name}`, wrap(f.type, f.initial)] as const),
      ),
    )
    this.#arrays = new Map(program.arrays.map((a) => [a.name, a.values.map((value) => wrap(a.type, value))]))
  }

  run(body: readonly Statement[], scope: Scope): Jump {
    for (const statement of body) {
      const jump = this.#statement(statement, scope)
      if (jump !== null) return jump
    }
    return null
  }

  #statement(statement: Statement, scope: Scope): Jump {
    this.#step()
    switch (statement.kind) {
      case 'declare':
        scope.set(statement.name, this.#value(statement.value, scope))
        return null
      case 'do':
        this.#value(statement.expression, scope)
        return null
      case 'put': {
        const value = this.#value(statement.value, scope)
        this.values.push(isWide(statement.value.type) ? wrap('U256', value) : wrap('u64', value))
        return null
      }
      case 'if':
        if (this.#isTrue(statement.test, scope)) return this.run(statement.whenTrue, scope)
        return statement.whenFalse === null ? null : this.run(statement.whenFalse, scope)
      case 'loop':
        return this.#loop(statement, scope)
      case 'switch':
        return this.#switch(statement, scope)
      case 'block':
        return this.run(statement.body, scope)
      case 'return':
        return { value: statement.value === null ? 0n : this.#value(statement.value, scope) }
      default:
        return statement.kind
    }
  }

  #loop(statement: Statement & { kind: 'loop' }, scope: Scope): Jump {
    const { form, counter, rounds, test, second, body } = statement
    const count = () => scope.get(counter) as bigint
    const next = () => scope.set(counter, count() + 1n)
    const more = () => count() < BigInt(rounds) && (test === null || this.#isTrue(test, scope))
    scope.set(counter, 0n)
    if (second !== null) scope.set(second.name, this.#value(second.initial, scope))
    for (let first = true; ; first = false) {
      this.#step()
      if (form === 'forever') {
        const ended = count() >= BigInt(rounds)
        next()
        if (ended) return null
      } else if (!(form === 'do' && first) && !more()) return null
      if (form === 'while' || form === 'do') next()
      const jump = this.run(body, scope)
      if (jump === 'break') return null
      if (jump !== null && jump !== 'continue') return jump
      if (form === 'for') {
        next()
        if (second !== null) this.#value(second.step, scope)
      }
    }
  }

  #switch(statement: Statement & { kind: 'switch' }, scope: Scope): Jump {
    const { on, cases } = statement
    const value = this.#value(on, scope)
    let start = cases.findIndex(({ label }) => label !== null && this.#value(label, scope) === value)
    if (start < 0) start = cases.findIndex(({ label }) => label === null)
    if (start < 0) return null
    for (const { body } of cases.slice(start)) {
      const jump = this.run(body, scope)
      if (jump === 'break') return null
      if (jump !== null) return jump
    }
    return null
  }

  #isTrue(expression: Expression, scope: Scope): boolean {
    return this.#value(expression, scope) !== 0n
  }

  #value(expression: Expression, scope: Scope): bigint {
    this.#step()
    const of = (inner: Expression) => this.#value(inner, scope)
    switch (expression.kind) {
      case 'literal':
        return wrap(expression.type, expression.raw)
      case 'unary':
        return unary(expression.type, expression.op, of(expression.operand), this.#program.isChecked)
      case 'binary': {
        const left = of(expression.left)
        return arithmetic(expression.type, expression.op, left, of(expression.right), this.#program.isChecked)
      }
      case 'compare': {
        const left = of(expression.left)
        return compares(expression.op, left, of(expression.right)) ? 1n : 0n
      }
      case 'logic': {
        const left = of(expression.left)
        const goesOn = (left !== 0n) === (expression.op === '&&')
        return wrap(expression.type, goesOn ? of(expression.right) : left)
      }
      case 'choice':
        return of(this.#isTrue(expression.test, scope) ? expression.whenTrue : expression.whenFalse)
      case 'cast':
      case 'enlarge':
        return wrap(expression.type, of(expression.operand))
      case 'assign': {
        const { target, op, value, type } = expression
        // The right side first, then the target, then what it holds.
        const right = of(value)
        const key = this.#key(target, scope)
        const result =
          op === null ? right : arithmetic(type, op, this.#read(target, key, scope), right, this.#program.isChecked)
        return this.#write(target, key, result, scope)
      }
      case 'step': {
        const { target, op, prefix, type } = expression
        const key = this.#key(target, scope)
        const before = this.#read(target, key, scope)
        const after = this.#write(
          target,
          key,
          fitting(type, op === '++' ? before + 1n : before - 1n, this.#program.isChecked),
          scope,
        )
        return prefix ? after : before
      }
      case 'call':
        return this.#call(expression.name, expression.args.map(of))
      case 'replace': {
        const values = expression.values.map(of)
        for (const [i, value] of values.entries()) this.storage.set(`${expression.struct}.f${i}`, value)
        return 0n
      }
      case 'builtin':
        return builtin(expression.type, expression.name, expression.args.map(of))
      default:
        return this.#read(expression, this.#key(expression, scope), scope)
    }
  }

  #call(name: string, args: readonly bigint[]): bigint {
    const callee = this.#program.functions.find((f) => f.name === name)
    if (callee === undefined) throw new Error(`no function ${name}`)
    const jump = this.run(callee.body, new Map(callee.parameters.map((p, i) => [p.name, args[i] as bigint])))
    if (jump === null || typeof jump === 'string') throw new Error(`${name} ends without a value`)
    return jump.value
  }

  /** Index or key of a place, evaluated once, before anything is read or written. */
  #key(place: Place, scope: Scope): bigint {
    if (place.kind === 'element') return this.#value(place.index, scope)
    return place.kind === 'mapped' ? this.#value(place.key, scope) : 0n
  }

  #read(place: Place, key: bigint, scope: Scope): bigint {
    switch (place.kind) {
      case 'variable':
        return (scope.get(place.name) ?? this.#globals.get(place.name)) as bigint
      case 'field':
        return this.#fields.get(`${place.object}.${place.name}`) as bigint
      case 'element':
        return this.#array(place.array, key)[Number(key)] as bigint
      case 'stored':
        return this.storage.get(place.name) ?? 0n
      case 'mapped':
        return this.storage.get(`${place.name}[${key}]`) ?? 0n
    }
  }

  #write(place: Place, key: bigint, value: bigint, scope: Scope): bigint {
    switch (place.kind) {
      case 'variable':
        if (scope.has(place.name)) scope.set(place.name, value)
        else this.#globals.set(place.name, value)
        return value
      case 'field':
        this.#fields.set(`${place.object}.${place.name}`, value)
        return value
      case 'element':
        this.#array(place.array, key)[Number(key)] = value
        return value
      case 'stored':
        this.storage.set(place.name, value)
        return value
      case 'mapped':
        this.storage.set(`${place.name}[${key}]`, value)
        return value
    }
  }

  #array(name: string, index: bigint): bigint[] {
    const array = this.#arrays.get(name) as bigint[]
    if (index < 0n || index >= BigInt(array.length)) throw new Panic('array index out of bounds (panic 0x32)')
    return array
  }

  #step(): void {
    if (++this.#steps > STEP_LIMIT) throw new TooLong('the program takes too many steps')
  }
}

function unary(type: Expression['type'], op: string, value: bigint, isChecked: boolean): bigint {
  if (op === '!') return value === 0n ? 1n : 0n
  if (op === '+') return value
  if (op === '-') return type === 'U256' ? wrap(type, -value) : fitting(type, -value, isChecked)
  return wrap(type, ~value)
}
