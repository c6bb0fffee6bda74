/**
 * Instances given back, part of the engine conformance suite: whether an engine uses them again or not, the next
 * instance of the program is as new: memory, globals, tables, segments, fuel and host functions.
 */
import { describe, expect, it } from 'vitest'
import type { Imports, Instance, Program } from '../src/index.ts'
import { type CreateProgram, host, load, PLENTY, trapOf, valuesOf } from './engineSuite.ts'

/** Every export changes one thing; `see` tells of what is not visible from outside. */
const STATEFUL = `(import "e" "next" (func $next (result i32)))
  (memory (export "memory") 2) (data (i32.const 8) "abc") (data (i32.const 131070) "z") (data $passive "xyz")
  (global $calls (export "calls") (mut i32) (i32.const 5)) (global $wide (export "wide") (mut i64) (i64.const -1))
  (table $t 2 8 funcref) (elem (table $t) (i32.const 0) func $seven) (elem $late func $eight)
  (type $number (func (result i32))) (func $seven (result i32) (i32.const 7)) (func $eight (result i32) (i32.const 8))
  (func (export "run") (result i32) (call $next))
  (func (export "write") (result i32)
    (memory.fill (i32.const 0) (i32.const 255) (i32.const 131072)) (i32.const 0))
  (func (export "set") (result i32) (global.set $calls (i32.const 77)) (global.set $wide (i64.const 0)) (i32.const 0))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func (export "table") (result i32)
    (table.set $t (i32.const 0) (ref.func $eight)) (table.init $t $late (i32.const 1) (i32.const 0) (i32.const 1))
    (table.grow $t (ref.null func) (i32.const 3)))
  (func (export "drop") (result i32) (data.drop $passive) (elem.drop $late) (i32.const 0))
  (func (export "fail") (result i32) (i32.store (i32.const 4) (i32.const -1)) (global.set $calls (i32.const 1)) (unreachable))
  (func (export "see") (result i32 i32 i32 i32)
    (memory.size) (table.size $t) (call_indirect $t (type $number) (i32.const 0)) (ref.is_null (table.get $t (i32.const 1))))
  (func (export "segments") (result i32)
    (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 3))
    (table.init $t $late (i32.const 1) (i32.const 0) (i32.const 1)) (call_indirect $t (type $number) (i32.const 1)))`
/** The same without what keeps an engine from using an instance again. */
const PLAIN = `(import "e" "next" (func $next (result i32)))
  (memory (export "memory") 2) (data (i32.const 8) "abc") (data (i32.const 131070) "z")
  (global $calls (export "calls") (mut i32) (i32.const 5)) (global $wide (export "wide") (mut i64) (i64.const -1))
  (table $t 2 funcref) (elem (i32.const 0) $seven)
  (type $number (func (result i32))) (func $seven (result i32) (i32.const 7))
  (func (export "run") (result i32) (call $next))
  (func (export "write") (result i32)
    (memory.fill (i32.const 0) (i32.const 255) (i32.const 131072)) (i32.const 0))
  (func (export "set") (result i32) (global.set $calls (i32.const 77)) (global.set $wide (i64.const 0)) (i32.const 0))
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func (export "fail") (result i32) (i32.store (i32.const 4) (i32.const -1)) (global.set $calls (i32.const 1)) (unreachable))
  (func (export "see") (result i32 i32 i32 i32)
    (memory.size) (i32.const 2) (call_indirect (type $number) (i32.const 0)) (i32.const 1))`

export function resetSuite(create: CreateProgram): void {
  describe('instances given back', () => {
    function expectNew(program: Program, value: number): Instance {
      const instance = program.instantiate({ imports: next(value), fuel: PLENTY })
      const memory = instance.memory!
      const expected = new Uint8Array(131_072)
      expected.set([97, 98, 99], 8)
      expected[131_070] = 122
      expect(memory.size).toBe(expected.length)
      expect(Buffer.compare(memory.read(0, memory.size), expected)).toBe(0)
      expect([instance.global('calls'), instance.global('wide')]).toEqual([5, -1n])
      expect(instance.fuelLeft()).toBe(PLENTY)
      expect(valuesOf(instance.invoke('see', []))).toEqual([2, 2, 7, 1])
      expect(valuesOf(instance.invoke('run', []))).toEqual([value])
      return instance
    }

    it.each([
      ['memory, globals and fuel', PLAIN, ['write', 'set']],
      ['a trap', PLAIN, ['fail']],
      ['grown memory', PLAIN, ['write', 'grow']],
      ['tables', STATEFUL, ['table', 'write', 'set']],
      ['dropped segments', STATEFUL, ['drop']],
    ] as const)('leave nothing behind: %s', (_name, text, changes) => {
      const { program, instance } = load(create, text, next(0))
      let used: Instance = instance
      for (let round = 1; round <= 3; round++) {
        for (const name of changes) used.invoke(name, [])
        used.release()
        used = expectNew(program, round)
      }
      if (text === STATEFUL) expect(valuesOf(used.invoke('segments', []))).toEqual([8])
    })

    it('may be given back while another one of the program is in use', () => {
      const { program, instance } = load(create, PLAIN, next(0))
      const other = program.instantiate({ imports: next(9), fuel: PLENTY })
      other.memory!.write(0, Uint8Array.of(1))
      expect(trapOf(instance.invoke('fail', [])).code).toBe('unreachable')
      instance.release()
      expectNew(program, 4)
      expect(other.memory!.read(0, 1)).toEqual(Uint8Array.of(1))
      expect(valuesOf(other.invoke('run', []))).toEqual([9])
    })

    it('run their start function again', () => {
      const { program, instance } = load(
        create,
        `${PLAIN} (func $start (global.set $calls (i32.const 9))) (start $start)`,
        next(1),
      )
      const left = instance.fuelLeft()
      instance.invoke('set', [])
      instance.release()
      const again = program.instantiate({ imports: next(1), fuel: PLENTY })
      expect(again.global('calls')).toBe(9)
      expect(again.fuelLeft()).toBe(left)
    })
  })

  describe('faults of the host', () => {
    it('leave invoke as they are, and later calls in order', () => {
      const deep = (): number => deep() + 1
      const { program, instance } = load(create, PLAIN, { e: { next: host([], ['i32'], deep) } })
      // A native call stack that overflows is the node's trouble, never a contract's result.
      expect(() => instance.invoke('run', [])).toThrow(RangeError)
      instance.release()
      const again = program.instantiate({ imports: next(3), fuel: PLENTY })
      expect(valuesOf(again.invoke('run', []))).toEqual([3])
    })
  })
}

const next = (value: number): Imports => ({ e: { next: host([], ['i32'], () => value) } })
