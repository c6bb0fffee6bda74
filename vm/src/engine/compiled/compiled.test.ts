/**
 * The compiled engine: the conformance suite of all engines, and what only this one has: pooling, running ahead, references.
 */
import { describe, expect, it } from 'vitest'
import { engineSuite, host, load, PLENTY, trapOf, valuesOf } from '../../../test/engineSuite.ts'
import { watToWasm } from '../../../testing/wat.ts'
import { type CompileOptions, compile } from '../../compile.ts'
import { INNER_TRAP_FRAMES } from '../../limits.ts'
import type { Instance, Program } from '../engine.ts'
import { HOST_FAULT } from './codeWriter.ts'
import { HostedModule } from './hostedModule.ts'
import { CompiledProgram } from './program.ts'
import { reasonOfTrap } from './store.ts'

const create = (bytes: Uint8Array, options?: CompileOptions): Program =>
  compile(bytes, { ...options, engine: 'compiled' })

engineSuite(create)

const COUNTER = `(import "e" "next" (func $next (result i32))) (memory (export "memory") 1) (data (i32.const 8) "abc")
  (global $calls (export "calls") (mut i32) (i32.const 5)) (global (export "wide") (mut i64) (i64.const -1))
  (func (export "run") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store (i32.const 8) (i32.const -1)) (i32.store (i32.const 65532) (i32.const -1)) (call $next))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))`

describe('a trap of an execution within another', () => {
  const DEEP = watToWasm(`(module (import "e" "call" (func $call))
    (func $deep (export "deep") (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))) unreachable)
    (func (export "outer") (call $call) (call $deep (i32.const 30))))`)
  it('has its place, and of its frames no more than are asked for there', () => {
    const program = create(DEEP)
    const seen: ReturnType<typeof trapOf>[] = []
    const instance: Instance = program.instantiate({
      imports: { e: { call: host([], [], () => void seen.push(trapOf(inner().invoke('deep', [30])))) } },
      fuel: PLENTY,
    })
    const inner = () => program.instantiate({ imports: { e: { call: host([], [], () => undefined) } }, fuel: PLENTY })
    const outer = trapOf(instance.invoke('outer', []))
    expect([outer.code, outer.frames.length]).toEqual(['unreachable', 32])
    expect([seen[0]?.code, seen[0]?.frames.length]).toEqual(['unreachable', INNER_TRAP_FRAMES])
    expect(seen[0]?.frames[0]).toEqual(outer.frames[0])
  })
})

describe('instances given back', () => {
  const pooled = (text: string): CompiledProgram => {
    const program = create(watToWasm(`(module ${text})`))
    if (!(program instanceof CompiledProgram)) throw new Error('another engine')
    return program
  }
  const next = (value: number) => ({ e: { next: host([], ['i32'], () => value) } })

  it('are used again, as new, with the host functions of their new use', () => {
    const program = pooled(COUNTER)
    const first = program.instantiate({ imports: next(1), fuel: PLENTY })
    expect(valuesOf(first.invoke('run', []))).toEqual([1])
    first.release()
    const kept = program.takeIdle()
    expect(kept).toBeInstanceOf(HostedModule)
    program.giveBack(kept!)
    const second = program.instantiate({ imports: next(2), fuel: PLENTY })
    expect(program.takeIdle()).toBeUndefined()
    expect(second.global('calls')).toBe(5)
    expect(second.global('wide')).toBe(-1n)
    expect(second.memory!.read(6, 6)).toEqual(Uint8Array.of(0, 0, 97, 98, 99, 0))
    expect(second.memory!.read(65532, 4)).toEqual(new Uint8Array(4))
    expect(valuesOf(second.invoke('run', []))).toEqual([2])
    expect(second.global('calls')).toBe(6)
  })

  it('are used again with globals of every kind as they were', () => {
    const program =
      pooled(`(func $two (export "two") (result i32) (i32.const 2)) (table 1 funcref) (type $number (func (result i32)))
      (elem declare func $two)
      (global $a (mut i32) (i32.add (i32.const 3) (i32.mul (i32.const 5) (i32.const -7))))
      (global $b (mut i64) (i64.const -9223372036854775808)) (global $c (mut funcref) (ref.func $two))
      (global $d (mut funcref) (ref.null func)) (global $fixed i32 (i32.const 6))
      (func (export "set") (global.set $a (i32.const 0)) (global.set $b (i64.const 0)) (global.set $c (ref.null func))
        (global.set $d (ref.func $two)))
      (func (export "see") (result i32 i64 i32 i32 i32)
        (global.get $a) (global.get $b) (ref.is_null (global.get $c)) (ref.is_null (global.get $d)) (global.get $fixed))`)
    const expected = [-32, -(2n ** 63n), 0, 1, 6]
    const first = program.instantiate({ fuel: PLENTY })
    expect(valuesOf(first.invoke('see', []))).toEqual(expected)
    valuesOf(first.invoke('set', []))
    expect(valuesOf(first.invoke('see', []))).toEqual([0, 0n, 1, 0, 6])
    first.release()
    const kept = program.takeIdle()
    expect(kept).toBeInstanceOf(HostedModule)
    program.giveBack(kept!)
    expect(valuesOf(program.instantiate({ fuel: PLENTY }).invoke('see', []))).toEqual(expected)
  })
  it('are used again where an export that would be in the way is not offered', () => {
    const text = `(table (export "table") 1 funcref) (func $f) (elem (i32.const 0) func $f) (func (export "run"))`
    for (const [exports, again] of [
      [['run'], true],
      [['run', 'table'], false],
    ] as const) {
      const program = create(watToWasm(`(module ${text})`), { exports }) as CompiledProgram
      const instance = program.instantiate({ fuel: PLENTY })
      valuesOf(instance.invoke('run', []))
      instance.release()
      expect(program.takeIdle() !== undefined).toBe(again)
    }
  })
  it('have an export of the host for nothing that is not asked for', () => {
    const globals = Array.from({ length: 50 }, (_, i) => `(global (mut i64) (i64.const ${i}))`).join('')
    const functions = Array.from({ length: 50 }, (_, i) => `(func (export "f${i}"))`).join('')
    const program = create(watToWasm(`(module (memory 1) ${globals} ${functions})`), {
      exports: ['f7'],
    }) as CompiledProgram
    const instance = program.instantiate({ fuel: PLENTY })
    instance.release()
    expect(Object.keys(program.takeIdle()!.exports).sort()).toEqual(['f7', 'last', 'm0', 'reset'])
  })

  it('are used again after a trap, and run their start function again', () => {
    const program = pooled(`${COUNTER} (func $start (global.set $calls (i32.const 9))) (start $start)
      (func (export "fail") (i32.store (i32.const 0) (i32.const 1)) (unreachable))`)
    const first = program.instantiate({ imports: next(1), fuel: PLENTY })
    const left = first.fuelLeft()
    expect(trapOf(first.invoke('fail', [])).code).toBe('unreachable')
    first.release()
    const second = program.instantiate({ imports: next(1), fuel: PLENTY })
    expect(second.global('calls')).toBe(9)
    expect(second.fuelLeft()).toBe(left)
    expect(second.memory!.read(0, 4)).toEqual(new Uint8Array(4))
  })

  it.each([
    ['whose memory has grown', COUNTER, 'grow'],
    [
      'whose tables may have changed',
      `${COUNTER} (table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))`,
      'run',
    ],
    ['whose tables others may hold', `${COUNTER} (table (export "table") 1 funcref)`, 'run'],
    ['that may have dropped a segment', `${COUNTER} (data $d "x") (func (data.drop $d))`, 'run'],
  ])('are not used again %s', (_name, text, name) => {
    const program = pooled(text)
    const instance = program.instantiate({ imports: next(1), fuel: PLENTY })
    valuesOf(instance.invoke(name, []))
    instance.release()
    expect(program.takeIdle()).toBeUndefined()
  })

  it('are not used again when something of them was handed out, or the host failed in them', () => {
    const program = pooled(COUNTER)
    const shown = program.instantiate({ imports: next(1), fuel: PLENTY })
    shown.extern('memory')
    shown.release()
    expect(program.takeIdle()).toBeUndefined()
    const fails = () => {
      throw new RangeError('of the host')
    }
    const broken = program.instantiate({ imports: { e: { next: host([], ['i32'], fails) } }, fuel: PLENTY })
    expect(() => broken.invoke('run', [])).toThrow('of the host')
    broken.release()
    expect(program.takeIdle()).toBeUndefined()
  })
})

describe('running ahead', () => {
  // Each would run for hours if nothing between its calls or turns were checked.
  const tree = Array.from({ length: 24 }, (_, i) =>
    i === 0
      ? '(func $f0 (param i32) (if (local.get 0) (then (nop))))'
      : `(func $f${i} (param i32) ${`(if (local.get 0) (then (call $f${i - 1} (local.get 0))))`.repeat(4)})`,
  ).join('\n')

  it.each([
    ['a tree of calls', `${tree} (func (export "run") (param i32) (call $f23 (local.get 0)))`],
    [
      'a recursion that branches',
      `(func $f (export "run") (param i32) (if (i32.lt_s (local.get 0) (i32.const 200))
        (then (call $f (i32.add (local.get 0) (i32.const 1))) (call $f (i32.add (local.get 0) (i32.const 1))))))`,
    ],
    [
      'counted loops in each other',
      `(func (export "run") (param i32) (local i32 i32)
        (loop $a (local.set 1 (i32.const 0))
          (loop $b (local.set 2 (i32.const 0))
            (loop $c (br_if $c (i32.ne (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (i32.const -1))))
            (br_if $b (i32.ne (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const -1))))
          (br_if $a (i32.ne (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const -1)))))`,
    ],
    [
      'recursion through a table',
      `(table 1 funcref) (elem (i32.const 0) $f) (type $t (func (param i32)))
       (func $f (export "run") (type $t) (if (i32.lt_s (local.get 0) (i32.const 200))
         (then (call_indirect (type $t) (i32.add (local.get 0) (i32.const 1)) (i32.const 0))
           (call_indirect (type $t) (i32.add (local.get 0) (i32.const 1)) (i32.const 0)))))`,
    ],
  ])('ends soon in %s', (_name, text) => {
    const { instance } = load(create, text)
    instance.setFuel(10_000_000n)
    expect(trapOf(instance.invoke('run', [1])).code).toBe('out-of-gas')
  })
})

describe('references', () => {
  it('to functions that are in no table can be passed to other instances', () => {
    const { instance: owner } = load(
      create,
      '(func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))',
    )
    const { instance } = load(
      create,
      `(table $t 1 funcref) (func (export "run") (param funcref i32) (result i32)
        (table.set $t (i32.const 0) (local.get 0)) (call_indirect $t (param i32) (result i32) (local.get 1) (i32.const 0)))`,
    )
    const f = owner.extern('f') as unknown as { type: { params: readonly []; results: readonly [] } }
    expect(valuesOf(instance.invoke('run', [f, 14]))).toEqual([42])
    expect(owner.fuelLeft()).toBe(PLENTY)
  })

  it('tell types apart that differ in floats only', () => {
    const { instance } = load(
      create,
      `(table 2 funcref) (elem (i32.const 0) $i $f) (func $i (param i32)) (func $f (param f32))
       (func (export "run") (param i32) (local f32) (call_indirect (param f32) (local.get 1) (local.get 0)))`,
      {},
      { floats: 'trap' },
    )
    expect(valuesOf(instance.invoke('run', [1]))).toEqual([])
    expect(trapOf(instance.invoke('run', [0])).code).toBe('indirect-call-type-mismatch')
  })
})

const HostError = (globalThis as unknown as { WebAssembly: { RuntimeError: new (message: string) => Error } })
  .WebAssembly.RuntimeError

/** An instance of the engine on a host that throws other errors instead of its own. */
function withErrors(instance: Instance, replace: (error: Error) => Error): Instance {
  const { hosted } = instance as unknown as { hosted: { exports: Record<string, unknown> } }
  const { exports } = hosted
  const replaced: Record<string, unknown> = { ...exports }
  for (const [name, code] of Object.entries(exports)) {
    if (typeof code !== 'function') continue
    replaced[name] = (...args: unknown[]) => {
      try {
        return code(...args)
      } catch (error) {
        throw error instanceof HostError ? replace(error) : error
      }
    }
  }
  hosted.exports = replaced
  return instance
}

describe('a host that words traps and call stacks in its own way', () => {
  const CASES = [
    ['unreachable', '(unreachable)'],
    ['integer-divide-by-zero', '(drop (i32.rem_u (i32.const 1) (local.get 0)))'],
    ['integer-overflow', '(drop (i32.div_s (i32.const 0x80000000) (i32.sub (local.get 0) (i32.const 1))))'],
    ['out-of-bounds-memory', '(drop (i32.load (i32.const 70000)))'],
    ['out-of-gas', '(loop (br 0))'],
    ['stack-exhausted', '(call $run (i32.const 0) (i32.const 5))'],
    ['float', '(drop (f64.add (local.get 2) (local.get 2)))'],
  ] as const
  const arms = CASES.map(([, body], i) => `(if (i32.eq (local.get 1) (i32.const ${i})) (then ${body}))`)
  const TEXT = `(memory 1) (func $run (export "run") (param i32 i32) (local f64) ${arms.join('\n')})
    (func (export "step") (param i32) (local i32)
      (loop (local.set 1 (i32.add (local.get 1) (local.get 0))) (br_if 0 (i32.lt_u (local.get 1) (i32.const 9)))))`
  const STACKS = [
    '',
    'run@http://host/contract.wasm:wasm-function[0]:0x1f',
    'RuntimeError\n    at wasm://wasm/t1:9:9',
    undefined,
  ]

  // Both are one instruction; what tells them apart is its place.
  const shown = (code: string) => (code === 'out-of-gas' ? 'unreachable' : code)

  it.each(STACKS)('gives the same outcomes; the place is unknown, and with it whether it was fuel (%s)', (stack) => {
    const start = (): Instance =>
      withErrors(load(create, TEXT, {}, { floats: 'trap' }).instance, (error) => {
        const other = new HostError(error.message)
        Object.defineProperty(other, 'stack', { value: stack })
        return other
      })
    for (const [i, [code]] of CASES.entries()) {
      const instance = start()
      instance.setFuel(200_000_000n)
      const outcome = instance.invoke('run', [0, i])
      expect(outcome.fuelUsed).toBe(200_000_000n)
      expect(trapOf(outcome)).toMatchObject({ code: shown(code), frames: [] })
    }
    expect(trapOf(start().invoke('step', [0]))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('or out of gas'),
    })
    expect(valuesOf(start().invoke('step', [1]))).toEqual([])
  })

  it.each([
    ['Unreachable code should not be executed', 'unreachable'],
    ['unreachable executed', 'unreachable'],
    ['Division by zero', 'integer-divide-by-zero'],
    ['integer divide by zero', 'integer-divide-by-zero'],
    ['Integer overflow', 'integer-overflow'],
    ['Out of bounds memory access', 'out-of-bounds-memory'],
    ['index out of bounds', 'out-of-bounds-memory'],
    ['table index is out of bounds', 'out-of-bounds-table'],
    ['Out of bounds call_indirect', 'undefined-element'],
    ['indirect call to null', 'uninitialized-element'],
    ['indirect call signature mismatch', 'indirect-call-type-mismatch'],
    ['null function or function signature mismatch', 'indirect-call-type-mismatch'],
    ['kaputt', 'unreachable'],
  ] as const)('knows "%s"', (message, code) => {
    const { instance } = load(create, '(func (export "run") (unreachable))')
    withErrors(instance, () => Object.defineProperty(new HostError(message), 'stack', { value: '' }))
    expect(trapOf(instance.invoke('run', [])).code).toBe(code)
  })
})

describe('faults of the host', () => {
  it('a native call stack that is too small is one, and leaves the engine in order', () => {
    const text = '(func $f (export "run") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0))))'
    const { program } = load(create, text, {}, { limits: { stackBytes: 2 ** 30 } })
    const instance = program.instantiate({ fuel: 2n ** 53n - 1n })
    expect(() => instance.invoke('run', [1])).toThrow(RangeError)
    const other = load(create, '(func (export "run") (result i32) (i32.const 3))').instance
    expect(valuesOf(other.invoke('run', []))).toEqual([3])
    expect(other.fuelLeft()).toBeLessThan(PLENTY)
  })

  it('memory the host cannot give is one, however the host words it', () => {
    const { instance } = load(create, '(memory 1) (func (export "run") (result i32) (memory.grow (i32.const 1)))')
    const { hosted } = instance as unknown as { hosted: { exports: Record<string, unknown> } }
    hosted.exports = {
      ...hosted.exports,
      f0: () => {
        reasonOfTrap.value = HOST_FAULT
        throw new HostError('unreachable')
      },
    }
    expect(() => instance.invoke('run', [])).toThrow(/could not give the memory/)
    expect(reasonOfTrap.value).toBe(0)
  })
})
