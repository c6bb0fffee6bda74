/** Functions are lowered when they are first called, each machine getting them then; nobody can tell from an outcome. */
import { expect, it, vi } from 'vitest'
import { watToWasm } from '../../../testing/wat.ts'
import { compile } from '../../compile.ts'
import { ENGINE_NAMES } from '../engine.ts'
import { idlePool } from '../idlePool.ts'
import type { InterpreterInstance } from './instance.ts'
import type { InterpreterProgram } from './program.ts'

const compiled = (text: string): InterpreterProgram =>
  compile(watToWasm(text), { engine: 'interpreter' }) as InterpreterProgram
const present = ({ loaded, program }: InterpreterInstance): boolean[] =>
  program.decoded.bodies.map((_, f) => loaded.hasCode(f))

it('a machine gets a function when it is called there, and a new one all that were lowered before', () => {
  const program = compiled(`(module (type $t (func (result i32))) (table funcref (elem $b))
    (func (export "a") (result i32) (i32.const 1)) (func $b (result i32) (i32.const 2)) (func $c (result i32) (i32.const 3))
    (func (export "direct") (result i32) (call $c)) (func (export "tail") (result i32) (return_call $c))
    (func (export "table") (result i32) (call_indirect (type $t) (i32.const 0))))`)
  const run = (instance: InterpreterInstance, name: string): unknown => {
    instance.setFuel(10n ** 9n)
    return instance.invoke(name, [])
  }
  const first = program.instantiate()
  expect(present(first)).toEqual([false, false, false, false, false, false])
  expect(run(first, 'table')).toMatchObject({ kind: 'return', values: [2] })
  expect(present(first)).toEqual([false, true, false, false, false, true])
  const second = program.instantiate()
  expect(present(second)).toEqual([false, true, false, false, false, true])
  expect(run(second, 'tail')).toMatchObject({ kind: 'return', values: [3] })
  expect(present(second)).toEqual([false, true, true, false, true, true])
  expect(run(first, 'direct')).toMatchObject({ kind: 'return', values: [3] })
  expect(present(first)).toEqual([false, true, true, true, false, true])
})

it('what a first call is fused with happens once, and every amount of fuel ends it as elsewhere', () => {
  // The moves before the call: doing them twice would put c in b.
  const bytes = watToWasm(`(module (import "e" "f" (func $host)) (func $leaf (call $host))
    (func $weigh (param i64) (result i64) (local i64 i64) (i64.add (local.get 0) (i64.const 1)))
    (func (export "run") (param $a i32) (param $b i32) (param $c i32) (result i32)
      (local.set $b (local.get $a)) (local.set $a (local.get $c)) (call $leaf)
      (drop (call $weigh (i64.const 5)))
      (i32.add (i32.mul (local.get $b) (i32.const 10)) (local.get $a))))`)
  // A program of its own for each, so that each call is a first one. Places of a trap for fuel are an engine's own.
  const outcomes = ENGINE_NAMES.map((engine) =>
    Array.from({ length: 20 }, (_, i) => {
      let calls = 0
      const f = { type: { params: [], results: [] }, call: () => void calls++ }
      const outcome = compile(bytes, { engine })
        .instantiate({ fuel: BigInt(i) * 2_000n, imports: { e: { f } } })
        .invoke('run', [1, 2, 3])
      return [outcome.kind === 'trap' ? outcome.trap.code : outcome, outcome.fuelUsed, calls]
    }),
  )
  expect(outcomes[0]!.at(-1)).toMatchObject([{ kind: 'return', values: [13] }, 35_500n, 1])
  expect(outcomes[0]![0]).toEqual(['out-of-gas', 0n, 0])
  for (const other of outcomes) expect(other).toEqual(outcomes[0])
})

it('what one instance lowers leaves the bytes of another that is idle as they were counted', () => {
  const program = compiled(`(module (func $large ${'(drop (i64.mul (i64.const 3) (i64.const 4)))'.repeat(2_000)})
    (func (export "large") (call $large)) (func (export "small")))`)
  const [idle, other] = [program.instantiate({ fuel: 10n ** 9n }), program.instantiate({ fuel: 10n ** 9n })]
  const before = idlePool.bytes
  idle.invoke('small', [])
  idle.release()
  other.invoke('large', [])
  program.forget()
  expect(idlePool.bytes).toBe(before)
})

it('a function that the host failed to lower is lowered the next time as if nothing had been', () => {
  const text = `(module (func $seven (result i32) (i32.const 7)) (func $none (result i32) (unreachable))
    (func (export "direct") (result i32) (call $seven)) (func (export "tail") (result i32) (return_call $seven))
    (func (export "trap") (result i32) (call $none)))`
  const names = ['direct', 'tail', 'trap']
  const outcomes = (program: InterpreterProgram): unknown[] =>
    names.map((name) => program.instantiate({ fuel: 10n ** 9n }).invoke(name, []))
  const failed = compiled(text)
  for (const name of names) {
    const full = new RangeError('no memory')
    // The fuel of a function is among the last that is written of it.
    vi.spyOn(DataView.prototype, 'setBigInt64').mockImplementationOnce(() => {
      throw full
    })
    expect(() => failed.instantiate({ fuel: 10n ** 9n }).invoke(name, [])).toThrow(full)
    vi.restoreAllMocks()
  }
  expect(outcomes(failed)).toEqual(outcomes(compiled(text)))
})

it('no body takes more code than its bytes are given room for', () => {
  const sixteen = 'i64 '.repeat(16)
  const values = '(i64.const 0)'.repeat(16)
  const many = (count: number, text: string): string => text.repeat(count)
  const bodies = [
    `(param i32) (result ${sixteen}) (block (result ${sixteen}) (i32.const 7) ${values} ${many(500, '(br_if 0 (local.get 0))')} (br 0))`,
    `(param i32) (result i32) (block (result i32) (i32.const 7) (i32.const 8) ${many(500, '(br_if 0 (i32.const 1))')} (br 0))`,
    `(param i32) ${many(40, '(block ')} (br_table ${many(500, '0 1 2 3 ')} 0 (local.get 0)) ${many(40, ')')}`,
    `(param i32) (result i32) ${many(20, '(block (result i32) (i32.const 1) ')} (i32.const 5)
      (br_table ${Array.from({ length: 20 }, (_, i) => i).join(' ')} (local.get 0)) ${many(20, ' (br 0))')}`,
    `(result i32) (i32.const 0) ${many(500, '(memory.grow)')}`,
    `${many(500, '(loop)')} ${many(500, '(if (i32.const 0) (then) (else))')}`,
    `(local i64) ${many(500, '(global.set $g (i64.popcnt (global.get $g)))')}`,
    many(100, `call $many ${many(15, 'i64.mul ')} drop `),
    `(param i64) (local.get 0) ${many(500, '(local.tee 0)')} (drop) ${many(500, '(local.get 0) ')} (call $none) ${many(500, '(drop) ')}`,
  ]
  const program = compiled(`(module (memory 0 9) (global $g (mut i64) (i64.const 0)) (func $none)
    (func $many (result ${sixteen}) ${values}) ${bodies.map((body) => `(func ${body})`).join('\n')})`)
  const { lowered } = program
  lowered.lowerAll()
  expect(lowered.start + lowered.image.length).toBeLessThanOrEqual(lowered.end)
})
