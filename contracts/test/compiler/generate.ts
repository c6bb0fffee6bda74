/** A random program from a seed. */

import { assignable, literal } from './expressions.ts'
import type { Program, ProgramFunction, Statement } from './program.ts'
import { Scope } from './scope.ts'
import { block } from './statements.ts'
import { bitsOf, isWide, type ValueType, wrap } from './types.ts'

/** Expressions of a program, so that it stays small and quick to compile. */
const BUDGET = 30
const FUNCTION_BUDGET = 10
const INPUTS = 3

export function generate(seed: number): Program {
  const scope = new Scope(seed)
  const { random } = scope
  const initial = (type: ValueType) => wrap(type, scope.number(bitsOf(type)))
  for (let i = random.below(3); i > 0; i--) {
    const type = scope.type()
    scope.globals.push({ name: scope.name('g'), type, initial: initial(type) })
  }
  if (scope.chance(60)) {
    const fields = Array.from({ length: 1 + random.below(4) }, (_, i) => {
      const type = scope.type()
      return { name: `f${i}`, type, initial: initial(type) }
    })
    scope.objects.push({ name: scope.name('o'), fields })
  }
  for (let i = random.below(3); i > 0; i--) scope.functions.push(helper(scope))
  for (let i = random.below(3); i > 0; i--) {
    const type = scope.native()
    const values = Array.from({ length: random.pick([2, 4]) }, () => initial(type))
    scope.arrays.push({ name: scope.name('a'), type, isStatic: scope.chance(50), values })
  }
  for (let i = random.below(3); i > 0; i--) {
    scope.stored.push({ name: scope.name('s'), type: storable(scope) })
  }
  if (scope.chance(25)) {
    const fields = Array.from({ length: 1 + random.below(4) }, () => storable(scope))
    scope.structs.push({ name: scope.name('r'), fields })
  }
  if (scope.chance(25)) {
    scope.mappings.push({ name: scope.name('k'), type: storable(scope) })
  }
  const parameters = Array.from({ length: 1 + random.below(4) }, () => ({
    name: scope.name('p'),
    type: storable(scope),
  }))
  scope.locals = parameters.map((p) => ({ ...p, constant: false }))
  scope.inContract = true
  scope.budget = BUDGET
  const body = block(scope, { result: null, nesting: 0 }, 7)
  const { globals, objects, arrays, stored, structs, mappings, functions } = scope
  const shown = [...globals, ...stored].map(
    ({ name, type }): Statement => ({
      kind: 'put',
      value: stored.some((s) => s.name === name) ? { kind: 'stored', type, name } : { kind: 'variable', type, name },
    }),
  )
  for (const { name, fields } of structs) {
    for (const [i, type] of fields.entries())
      shown.push({ kind: 'put', value: { kind: 'stored', type, name: `${name}.f${i}` } })
  }
  for (const { name, type } of parameters) shown.push({ kind: 'put', value: { kind: 'variable', type, name } })
  const inputs = Array.from({ length: INPUTS }, () => parameters.map(({ type }) => initial(type)))
  return {
    seed,
    // Most wrap: one that panics early tests little.
    isChecked: seed % 4 === 0,
    parameters,
    functions,
    globals,
    objects,
    arrays,
    stored,
    structs,
    mappings,
    body: [...body, ...shown],
    inputs,
  }
}

/** A type that has a place in storage and calls: one whose size depends on the machine has none. */
function storable(scope: Scope): ValueType {
  for (;;) {
    const type = scope.type()
    if (type !== 'isize' && type !== 'usize') return type
  }
}

/** A function beside the contract. */
function helper(scope: Scope): ProgramFunction {
  const parameters = Array.from({ length: 1 + scope.random.below(3) }, () => ({
    name: scope.name('p'),
    type: scope.type(),
  }))
  const result = scope.type()
  scope.locals = parameters.map((p) => ({ ...p, constant: false }))
  scope.budget = FUNCTION_BUDGET
  const body = block(scope, { result, nesting: 0 }, 4)
  // Variables that the statements declared are gone with their block.
  const value = isWide(result) && scope.chance(20) ? literal(scope, result) : assignable(scope, result, 3)
  scope.locals = []
  return {
    name: scope.name('h'),
    parameters,
    result,
    body: [...body, { kind: 'return', value }],
    inlined: scope.chance(30),
  }
}
