/**
 * The conformance suite of the engine seam: what every engine must do, whatever it is made of. An engine's own test
 * calls {@link engineSuite} with a function that compiles for it. The language itself is covered by the official
 * suite (spec/); here are traps and their places, fuel, stack, memory, hosts and linking.
 */
import { describe, expect, it } from 'vitest'
import {
  type CompileOptions,
  type HostContext,
  HostExit,
  type HostFunction,
  HostTrap,
  type Imports,
  type Instance,
  InstantiationTrap,
  LinkError,
  type Outcome,
  type Program,
  type Trap,
} from '../src/index.ts'
import { watToWasm } from '../testing/wat.ts'
import { fuelSuite } from './engineSuite.fuel.ts'
import { growthSuite } from './engineSuite.growth.ts'
import { resetSuite } from './engineSuite.reset.ts'
import { stackSuite } from './engineSuite.stack.ts'

export type CreateProgram = (bytes: Uint8Array, options?: CompileOptions) => Program

export const PLENTY = 10n ** 12n

export interface Loaded {
  readonly bytes: Uint8Array
  readonly program: Program
  readonly instance: Instance
}

/** Compiles text, with names, and instantiates it. */
export function load(create: CreateProgram, text: string, imports: Imports = {}, options: CompileOptions = {}): Loaded {
  const bytes = watToWasm(`(module ${text})`, { names: true })
  const program = create(bytes, options)
  return { bytes, program, instance: program.instantiate({ imports, fuel: PLENTY }) }
}

export function trapOf(outcome: Outcome): Trap {
  if (outcome.kind !== 'trap') throw new Error(`no trap but ${outcome.kind}`)
  return outcome.trap
}

export function valuesOf(outcome: Outcome): readonly unknown[] {
  if (outcome.kind !== 'return') throw new Error(outcome.kind === 'trap' ? outcome.trap.message : outcome.kind)
  return outcome.values
}

export const host = (
  params: HostFunction['type']['params'],
  results: HostFunction['type']['results'],
  call: HostFunction['call'],
): HostFunction => ({ type: { params, results }, call })

export function engineSuite(create: CreateProgram): void {
  trapSuite(create)
  fuelSuite(create)
  stackSuite(create)
  memorySuite(create)
  growthSuite(create)
  hostSuite(create)
  instantiationSuite(create)
  resetSuite(create)
}

function trapSuite(create: CreateProgram): void {
  describe('traps', () => {
    // Code, first byte of the instruction, body of a function of no parameters.
    it.each([
      ['unreachable', 0x00, '(unreachable)'],
      ['integer-divide-by-zero', 0x6e, '(drop (i32.div_u (i32.const 1) (i32.const 0)))'],
      ['integer-divide-by-zero', 0x81, '(drop (i64.rem_s (i64.const 1) (i64.const 0)))'],
      ['integer-overflow', 0x6d, '(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))'],
      ['integer-overflow', 0x7f, '(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))'],
      ['out-of-bounds-memory', 0x28, '(drop (i32.load (i32.const 65533)))'],
      ['out-of-bounds-memory', 0x37, '(i64.store offset=4294967295 (i32.const -1) (i64.const 0))'],
      ['out-of-bounds-memory', 0xfc, '(memory.fill (i32.const 65536) (i32.const 0) (i32.const 1))'],
      ['out-of-bounds-table', 0x25, '(drop (table.get $t (i32.const 3)))'],
      ['out-of-bounds-table', 0xfc, '(table.copy $t $t (i32.const 2) (i32.const 0) (i32.const 2))'],
      ['undefined-element', 0x11, '(call_indirect $t (type $void) (i32.const 3))'],
      ['uninitialized-element', 0x11, '(call_indirect $t (type $void) (i32.const 2))'],
      ['indirect-call-type-mismatch', 0x11, '(call_indirect $t (type $void) (i32.const 1))'],
    ] as const)('%s has its function, byte and call stack (0x%s)', (code, opcode, body) => {
      const { bytes, instance } = load(
        create,
        `(type $void (func)) (memory 1) (table $t 3 funcref) (elem (i32.const 1) $number)
         (func $number (result i32) (i32.const 1))
         (func $inner ${body}) (func $outer (export "run") (nop) (call $inner))`,
      )
      const trap = trapOf(instance.invoke('run', []))
      expect(trap.code).toBe(code)
      expect(trap.frames.map(({ functionIndex, functionName }) => [functionIndex, functionName])).toEqual([
        [1, 'inner'],
        [2, 'outer'],
      ])
      expect(bytes[trap.frames[0]!.offset!]).toBe(opcode)
      expect(bytes[trap.frames[1]!.offset!]).toBe(0x10)
      expect(trap.message).toContain(`in function 1 "inner" at byte 0x${trap.frames[0]!.offset!.toString(16)}`)
    })

    it.each([
      ['f32.const', '(drop (f32.const 1))'],
      ['f64.load', '(drop (f64.load (i32.const 0)))'],
      ['i32.trunc_sat_f64_s', '(drop (i32.trunc_sat_f64_s (local.get 0)))'],
    ])('float: %s traps under policy trap, and only when executed', (_name, body) => {
      const { instance } = load(
        create,
        `(memory 1) (func (export "run") (param i32) (local f64) (if (local.get 0) (then (call $f (f64.const 0)))))
         (func (export "dead") (result i32) (i32.const 7)) (func $f (param f64) ${body})
         (func (export "direct") (local f64) ${body})`,
        {},
        { floats: 'trap' },
      )
      expect(valuesOf(instance.invoke('dead', []))).toEqual([7])
      expect(valuesOf(instance.invoke('run', [0]))).toEqual([])
      expect(trapOf(instance.invoke('direct', [])).code).toBe('float')
    })

    it('burn all fuel, and leave memory as it was at the trap', () => {
      const { instance } = load(
        create,
        '(memory (export "memory") 1) (func (export "run") (i32.store8 (i32.const 5) (i32.const 9)) (unreachable))',
      )
      expect(instance.invoke('run', []).fuelUsed).toBe(PLENTY)
      expect(instance.fuelLeft()).toBe(0n)
      expect(instance.memory!.read(5, 1)).toEqual(Uint8Array.of(9))
      expect(trapOf(instance.invoke('run', [])).code).toBe('out-of-gas')
      instance.setFuel(PLENTY)
      expect(trapOf(instance.invoke('run', [])).code).toBe('unreachable')
    })

    it('report at most 64 frames, innermost first', () => {
      const { instance } = load(
        create,
        `(func $down (export "run") (param i32)
           (if (i32.eqz (local.get 0)) (then (unreachable))) (call $down (i32.sub (local.get 0) (i32.const 1))))`,
      )
      expect(trapOf(instance.invoke('run', [3])).frames.length).toBe(4)
      instance.setFuel(PLENTY)
      expect(trapOf(instance.invoke('run', [500])).frames.length).toBe(64)
    })
  })
}

function memorySuite(create: CreateProgram): void {
  const GROW = `(memory (export "memory") 1)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "size") (result i32) (memory.size))
    (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
    (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))`

  describe('memory', () => {
    it('memoryPages: grows to the limit and not past it', () => {
      const { instance } = load(create, GROW)
      expect(valuesOf(instance.invoke('grow', [255]))).toEqual([1])
      expect(valuesOf(instance.invoke('grow', [1]))).toEqual([-1])
      expect(valuesOf(instance.invoke('grow', [-1]))).toEqual([-1])
      expect(valuesOf(instance.invoke('grow', [0]))).toEqual([256])
      expect(valuesOf(instance.invoke('size', []))).toEqual([256])
      expect(valuesOf(instance.invoke('store', [256 * 65536 - 4, 77]))).toEqual([])
      expect(valuesOf(instance.invoke('load', [256 * 65536 - 4]))).toEqual([77])
    })

    it('obeys a lower maximum of the module, and a lower limit', () => {
      const bounded = load(create, GROW.replace('1)', '1 3)')).instance
      expect(valuesOf(bounded.invoke('grow', [3]))).toEqual([-1])
      expect(valuesOf(bounded.invoke('grow', [2]))).toEqual([1])
      const limited = load(create, GROW.replace('1)', '1 9)'), {}, { limits: { memoryPages: 2 } }).instance
      expect(valuesOf(limited.invoke('grow', [2]))).toEqual([-1])
      expect(valuesOf(limited.invoke('grow', [1]))).toEqual([1])
    })

    it('starts zeroed and grows zeroed, and little-endian', () => {
      const { instance } = load(create, GROW)
      instance.invoke('store', [65532, 0x01020304])
      instance.invoke('grow', [1])
      expect(instance.memory!.size).toBe(131072)
      expect(instance.memory!.read(65530, 8)).toEqual(Uint8Array.of(0, 0, 4, 3, 2, 1, 0, 0))
    })

    it('is bounds-checked for the host', () => {
      const memory = load(create, GROW).instance.memory!
      memory.write(65534, Uint8Array.of(1, 2))
      expect(memory.read(65534, 2)).toEqual(Uint8Array.of(1, 2))
      expect(memory.read(65536, 0)).toEqual(new Uint8Array(0))
      for (const [offset, length] of [
        [65535, 2],
        [-1, 1],
        [65537, 0],
        [0, 65537],
        [2 ** 32, 1],
        [0.5, 1],
        [NaN, 1],
      ] as const) {
        expect(() => memory.read(offset, length)).toThrow(HostTrap)
      }
      expect(() => memory.write(65535, Uint8Array.of(1, 2))).toThrow(HostTrap)
      const copy = memory.read(65534, 2)
      copy[0] = 99
      expect(memory.read(65534, 1)).toEqual(Uint8Array.of(1))
    })

    it('is fresh in every instance', () => {
      const { program, instance } = load(create, `${GROW} (data (i32.const 0) "abc")`)
      instance.memory!.write(0, Uint8Array.of(0))
      expect(program.instantiate().memory!.read(0, 3)).toEqual(new TextEncoder().encode('abc'))
    })

    it('can be given new by the host where a module imports it', () => {
      const text =
        '(import "env" "memory" (memory 2 16)) (func (export "run") (i32.store8 (i32.const 70000) (i32.const 8)))'
      const imports = { env: { memory: { newMemory: { min: 2, max: 16 } } } }
      const { instance } = load(create, text, imports)
      instance.invoke('run', [])
      expect(instance.memory!.read(70000, 1)).toEqual(Uint8Array.of(8))
      expect(instance.memory!.grow(15)).toBe(-1)
      expect(instance.memory!.grow(14)).toBe(2)
      const small = { env: { memory: { newMemory: { min: 1, max: 16 } } } }
      expect(() => load(create, text, small)).toThrow(LinkError)
    })

    it('tableElements: tables grow to the limit and not past it', () => {
      const { instance } = load(
        create,
        `(table $t 1 funcref) (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))`,
      )
      expect(valuesOf(instance.invoke('grow', [9999]))).toEqual([1])
      expect(valuesOf(instance.invoke('grow', [1]))).toEqual([-1])
      expect(valuesOf(instance.invoke('grow', [-1]))).toEqual([-1])
    })
  })
}

function hostSuite(create: CreateProgram): void {
  describe('host functions', () => {
    it('get arguments and context, and give no, one or several values', () => {
      const seen: unknown[] = []
      const { instance } = load(
        create,
        `(import "e" "none" (func $none (param i32 i64))) (import "e" "one" (func $one (result i64)))
         (import "e" "two" (func $two (param i32) (result i32 i64)))
         (memory (export "memory") 1)
         (func (export "run") (result i64 i32 i64) (call $none (i32.const -1) (i64.const -2)) (call $one) (call $two (i32.const 5)))`,
        {
          e: {
            none: host(['i32', 'i64'], [], (a: number, b: bigint, context: HostContext) => {
              seen.push(a, b, context.memory!.size)
              return undefined
            }),
            one: host([], ['i64'], () => 2n ** 64n - 1n),
            two: host(['i32'], ['i32', 'i64'], (a: number) => [a + 0xfffffff0, 7n]),
          },
        },
      )
      expect(valuesOf(instance.invoke('run', []))).toEqual([-1n, -11, 7n])
      expect(seen).toEqual([-1, -2n, 65536])
    })

    it('may trap, exit, or fail as the host itself', () => {
      const fault = new Error('disk on fire')
      const run = (problem: Error): Outcome =>
        load(create, '(import "e" "f" (func $f)) (func $run (export "run") (call $f))', {
          e: {
            f: host([], [], () => {
              throw problem
            }),
          },
        }).instance.invoke('run', [])
      const trap = trapOf(run(new HostTrap('host', 'slot is locked')))
      expect(trap).toMatchObject({ code: 'host', message: expect.stringContaining('slot is locked') })
      expect(trap.frames).toMatchObject([
        { functionIndex: 0, functionName: 'f', offset: null },
        { functionIndex: 1, functionName: 'run' },
      ])
      expect(trapOf(run(new HostTrap('out-of-bounds-memory', 'bad pointer'))).code).toBe('out-of-bounds-memory')
      expect(run(new HostExit(3))).toMatchObject({ kind: 'exit', status: 3 })
      expect(() => run(fault)).toThrow(fault)
    })

    it('that return what their type does not say are faults of the host', () => {
      const run = (call: HostFunction['call']): Outcome =>
        load(create, '(import "e" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f))', {
          e: { f: host([], ['i32'], call) },
        }).instance.invoke('run', [])
      for (const wrong of [undefined, 1n, 0.5, 2 ** 32, null, [1, 2]]) expect(() => run(() => wrong)).toThrow(TypeError)
      expect(valuesOf(run(() => 2 ** 32 - 1))).toEqual([-1])
    })

    it('may grow the memory of the caller', () => {
      const { instance } = load(
        create,
        `(import "e" "grow" (func $grow)) (memory (export "memory") 1)
         (func (export "run") (result i32) (call $grow) (i32.store (i32.const 65536) (i32.const 6)) (i32.load (i32.const 65536)))`,
        { e: { grow: host([], [], (context: HostContext) => void context.memory!.grow(1)) } },
      )
      expect(valuesOf(instance.invoke('run', []))).toEqual([6])
    })

    it('may run other instances inside each other, 128 deep', () => {
      let depth = 0
      const text = `(import "e" "down" (func $down (param i32) (result i32)))
        (func (export "run") (param i32) (result i32)
          (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (local.get 0)))) (else (i32.const 0))))`
      const imports: Imports = {
        e: {
          down: host(['i32'], ['i32'], (left: number) => {
            depth++
            const outcome = program.instantiate({ imports, fuel: PLENTY }).invoke('run', [left - 1])
            return valuesOf(outcome)[0] as number
          }),
        },
      }
      const { program, instance } = load(create, text, imports)
      expect(valuesOf(instance.invoke('run', [128]))).toEqual([128])
      expect(depth).toBe(128)
    })

    it('may enter the instance that called them', () => {
      const { instance } = load(
        create,
        `(import "e" "again" (func $again (param i32) (result i32))) (global $g (mut i32) (i32.const 0))
         (func (export "run") (param i32) (result i32) (local i32)
           (local.set 1 (i32.const 1000))
           (if (local.get 0) (then (local.set 1 (i32.add (local.get 1) (call $again (local.get 0))))))
           (i32.add (local.get 1) (local.get 0)))`,
        { e: { again: host(['i32'], ['i32'], (n: number) => valuesOf(instance.invoke('run', [n - 1]))[0] as number) } },
      )
      expect(valuesOf(instance.invoke('run', [2]))).toEqual([3003])
    })
  })
}

function instantiationSuite(create: CreateProgram): void {
  describe('instantiation', () => {
    const needs = '(import "e" "f" (func (param i32) (result i64)))'
    const offered = host(['i32'], ['i64'], () => 0n)

    it('links by module, name and type', () => {
      expect(() => load(create, needs, { e: { f: offered } })).not.toThrow()
      expect(() => load(create, needs)).toThrow('import "e" "f": the host does not offer it')
      expect(() => load(create, needs, { e: { g: offered } })).toThrow(LinkError)
      const other = host(['i64'], ['i64'], () => 0n)
      expect(() => load(create, needs, { e: { f: other } })).toThrow(
        /expected is a function \[i32\] -> \[i64\], offered/,
      )
      expect(() => load(create, '(import "constructor" "name" (func))')).toThrow(LinkError)
    })

    it('runs the start function on the fuel given, and traps with it', () => {
      const started = load(
        create,
        '(global (export "g") (mut i32) (i32.const 0)) (func $s (global.set 0 (i32.const 4))) (start $s)',
      )
      expect(started.instance.global('g')).toBe(4)
      expect(started.instance.fuelLeft()).toBeLessThan(PLENTY)
      expect(() => load(create, '(func $s (unreachable)) (start $s)')).toThrow(InstantiationTrap)
      const exits = {
        e: {
          exit: host([], [], () => {
            throw new HostExit(1)
          }),
        },
      }
      expect(() => load(create, '(import "e" "exit" (func $s)) (start $s)', exits)).toThrow(HostExit)
    })

    it('traps for segments that do not fit', () => {
      const trap = (text: string): string => {
        try {
          load(create, text)
        } catch (error) {
          if (error instanceof InstantiationTrap) return error.trap.code
        }
        return 'none'
      }
      expect(trap('(memory 1) (data (i32.const 65535) "ab")')).toBe('out-of-bounds-memory')
      expect(trap('(memory 1) (data (i32.const -1) "a")')).toBe('out-of-bounds-memory')
      expect(trap('(table 1 funcref) (func $f) (elem (i32.const 1) $f)')).toBe('out-of-bounds-table')
    })

    it('links instances to each other, which then share what they share', () => {
      const owner = load(
        create,
        `(memory (export "m") 1) (table (export "t") 2 funcref) (global (export "g") (mut i64) (i64.const 5))
         (func (export "f") (result i32) (i32.load (i32.const 0))) (elem (i32.const 0) $five) (func $five (result i32) (i32.const 5))`,
      ).instance
      const user = load(
        create,
        `(import "o" "m" (memory 1)) (import "o" "t" (table $t 2 funcref)) (import "o" "g" (global $g (mut i64)))
         (import "o" "f" (func $f (result i32)))
         (func (export "run") (result i32 i32 funcref)
           (i32.store (i32.const 0) (i32.const 42)) (global.set $g (i64.const 6))
           (call $f) (call_indirect $t (result i32) (i32.const 0)) (table.get $t (i32.const 1)))
         (elem (i32.const 1) $f)`,
        { o: { m: owner.extern('m'), t: owner.extern('t'), g: owner.extern('g'), f: owner.extern('f') } },
      ).instance
      expect(valuesOf(user.invoke('run', []))).toEqual([42, 5, owner.extern('f')])
      expect(owner.global('g')).toBe(6n)
      expect(owner.fuelLeft()).toBe(PLENTY)
    })

    it('returns from a tail call that leaves the instance, directly and through a table', () => {
      const owner = load(create, '(func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))')
      const { instance } = load(
        create,
        `(import "o" "f" (func $f (param i32) (result i32))) (table 1 funcref) (elem (i32.const 0) $f)
         (func $direct (param i32) (result i32)
           (if (local.get 0) (then (return_call $f (local.get 0)))) (i32.const 50))
         (func $indirect (param i32) (result i32)
           (if (local.get 0) (then (return_call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))) (i32.const 60))
         (func (export "run") (param i32) (result i32 i32) (call $direct (local.get 0)) (call $indirect (local.get 0)))`,
        { o: { f: owner.instance.extern('f') } },
      )
      expect(valuesOf(instance.invoke('run', [0]))).toEqual([50, 60])
      expect(valuesOf(instance.invoke('run', [7]))).toEqual([8, 8])
    })

    it('lets linked instances call each other 128 deep and no deeper', () => {
      const step = '(param i32) (result i32)'
      const owner = load(
        create,
        `(table (export "t") 1 funcref) (func (export "f") ${step}
           (call_indirect ${step} (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))`,
      ).instance
      const user = load(
        create,
        `(import "o" "f" (func $f ${step})) (import "o" "t" (table 1 funcref)) (elem (i32.const 0) $again)
         (func $again (export "run") ${step}
           (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $f (local.get 0)))) (else (i32.const 0))))`,
        { o: { f: owner.extern('f'), t: owner.extern('t') } },
      ).instance
      // Each turn crosses the border twice.
      expect(valuesOf(user.invoke('run', [64]))).toEqual([64])
      expect(trapOf(user.invoke('run', [65])).code).toBe('stack-exhausted')
      user.setFuel(PLENTY)
      expect(valuesOf(user.invoke('run', [64]))).toEqual([64])
    })

    it('checks names, arguments and fuel of the caller', () => {
      const { program, instance } = load(create, '(func (export "f") (param i32 i64))')
      expect(() => instance.invoke('g', [])).toThrow(TypeError)
      for (const wrong of [[], [1], [1, 2], [1n, 2n], [2 ** 32, 0n], [0.5, 0n], [1, 2n ** 64n], [1, 2n, 3]]) {
        expect(() => instance.invoke('f', wrong)).toThrow(TypeError)
      }
      expect(valuesOf(instance.invoke('f', [2 ** 32 - 1, 2n ** 64n - 1n]))).toEqual([])
      expect(() => program.instantiate({ fuel: 2n ** 53n })).toThrow(RangeError)
      expect(() => program.instantiate({ fuel: -1n })).toThrow(RangeError)
    })
  })
}
