/**
 * A machine that fails inside an engine: each failure leaves the engine as an exception, through every frame above it,
 * and none becomes a trap, an outcome or an error of the module. The machine is V8's WebAssembly with one constructor
 * that refuses.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { host, PLENTY, valuesOf } from '../../test/engineSuite.ts'
import { watToWasm } from '../../testing/wat.ts'
import {
  compile,
  ENGINE_NAMES,
  type EngineName,
  forgetExecutions,
  HostTrap,
  InstantiationTrap,
  type Program,
} from '../index.ts'

interface HostClasses {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => object
  readonly CompileError: new (message: string) => Error
  readonly RuntimeError: new (message: string) => Error
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: HostClasses }

const program = (text: string, engine: EngineName = 'compiled'): Program =>
  compile(watToWasm(`(module ${text})`), { engine })
const SEVEN = '(memory 1) (table 2 funcref) (func (export "run") (result i32) (i32.const 7))'
const CALLER = '(import "e" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f))'

function refuse(what: 'Module' | 'Instance', failure: Error): void {
  class Refusing {
    constructor() {
      throw failure
    }
  }
  vi.spyOn(WebAssembly, what).mockImplementation(Refusing as never)
}

afterEach(() => {
  vi.restoreAllMocks()
  forgetExecutions()
})

const FAILURES: readonly (readonly [string, 'Module' | 'Instance', Error])[] = [
  ['a compiler without memory', 'Module', new RangeError('WebAssembly.Module(): Out of memory')],
  ['a compiler that refuses what is valid', 'Module', new WebAssembly.CompileError('WebAssembly.Module(): bug')],
  ['memory or a table that is not given', 'Instance', new RangeError('Out of memory: Cannot allocate Wasm memory')],
  ['an assertion', 'Instance', new Error('unreachable code')],
]

describe.each(FAILURES)('%s', (_, what, failure) => {
  it('leaves instantiate as it is', () => {
    const failing = program(SEVEN)
    refuse(what, failure)
    expect(() => failing.instantiate({ fuel: PLENTY })).toThrow(failure)
    vi.restoreAllMocks()
    expect(valuesOf(failing.instantiate({ fuel: PLENTY }).invoke('run', []))).toEqual([7])
  })

  it('unwinds every frame above it, on whichever engines they run', () => {
    for (const outer of ENGINE_NAMES) {
      const nested = program(SEVEN)
      const f = host([], ['i32'], () => valuesOf(nested.instantiate({ fuel: PLENTY }).invoke('run', []))[0] as number)
      const middle = program(CALLER, outer)
      const inner = () => valuesOf(middle.instantiate({ imports: { e: { f } }, fuel: PLENTY }).invoke('run', []))[0]
      const top = program(CALLER, outer).instantiate({
        imports: { e: { f: host([], ['i32'], () => inner() as number) } },
        fuel: PLENTY,
      })
      middle.instantiate({ imports: { e: { f } }, fuel: PLENTY }).release()
      refuse(what, failure)
      let left: unknown
      try {
        top.invoke('run', [])
      } catch (error) {
        left = error
      }
      expect(left).toBe(failure)
      expect(left).not.toBeInstanceOf(InstantiationTrap)
      vi.restoreAllMocks()
      expect(valuesOf(top.invoke('run', []))).toEqual([7])
    }
  })
})

it('a failure that looks like a trap of the machine, thrown by a host function, is none', () => {
  for (const error of [
    new WebAssembly.RuntimeError('unreachable'),
    new RangeError('Maximum call stack size exceeded'),
  ]) {
    for (const engine of ENGINE_NAMES) {
      const f = host([], ['i32'], () => {
        throw error
      })
      const instance = program(CALLER, engine).instantiate({ imports: { e: { f } }, fuel: PLENTY })
      expect(() => instance.invoke('run', [])).toThrow(error)
    }
  }
})

it('a native stack that is used up while counters are put back leaves nothing behind', () => {
  const failing = program(CALLER)
  const overflowing = () => {
    const instance = failing.instantiate({
      imports: { e: { f: host([], ['i32'], () => overflowing()) } },
      fuel: PLENTY,
    })
    return valuesOf(instance.invoke('run', []))[0] as number
  }
  expect(overflowing).toThrow(RangeError)
  forgetExecutions()
  const { stackTraceLimit } = Error
  const fine = program(SEVEN).instantiate({ fuel: PLENTY })
  expect(fine.fuelLeft()).toBe(PLENTY)
  expect(valuesOf(fine.invoke('run', []))).toEqual([7])
  expect(fine.fuelLeft()).toBeLessThan(PLENTY)
  expect(Error.stackTraceLimit).toBe(stackTraceLimit)
  const refusing = host([], ['i32'], () => {
    throw new HostTrap('host', 'no')
  })
  const trapping = failing.instantiate({ imports: { e: { f: refusing } }, fuel: PLENTY })
  expect(trapping.invoke('run', [])).toMatchObject({ kind: 'trap', trap: { code: 'host' } })
})
