/** The deterministic stack, part of the engine conformance suite: the rule of metering/stackHeight.ts, to the byte. */
import { describe, expect, it } from 'vitest'
import type { CompileOptions } from '../src/index.ts'
import { type CreateProgram, load, trapOf, valuesOf } from './engineSuite.ts'

const budget = (stackBytes: number): CompileOptions => ({ limits: { stackBytes } })

/** Weight of a frame in bytes. */
const weight = (values: number): number => 64 + 8 * values

/** The lowest budget at which `run(argument)` does not exhaust the stack. */
function needed(create: CreateProgram, text: string, argument: number): number {
  let low = 0
  let high = 262_144
  while (low < high) {
    const middle = (low + high) >> 1
    const outcome = load(create, text, {}, budget(middle)).instance.invoke('run', [argument])
    if (outcome.kind === 'trap') {
      expect(outcome.trap.code).toBe('stack-exhausted')
      low = middle + 1
    } else high = middle
  }
  return low
}

export function stackSuite(create: CreateProgram): void {
  describe('the stack', () => {
    // One parameter; greatest operand height 2, at the subtraction.
    const recursive = `(func $down (export "run") (param i32)
      (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))`

    it('stackBytes: a recursion gets exactly as deep as 256 KiB allow', () => {
      const depth = Math.floor(262_144 / weight(3))
      const { instance } = load(create, recursive)
      expect(valuesOf(instance.invoke('run', [depth - 1]))).toEqual([])
      const trap = trapOf(instance.invoke('run', [depth]))
      expect(trap.code).toBe('stack-exhausted')
      expect(trap.frames[0]).toMatchObject({ functionIndex: 0, functionName: 'down' })
    })

    it('is charged per frame of a cycle', () => {
      expect(needed(create, recursive, 0)).toBe(weight(3))
      expect(needed(create, recursive, 9)).toBe(10 * weight(3))
    })

    it('is charged for the deepest chain of plain callees at once, called or not', () => {
      const text = `(func $leaf (local i64 i64 i64 i64 i64)) (func $middle (call $leaf)) (func $small)
        (func (export "run") (param i32) (if (local.get 0) (then (call $middle))) (call $small))`
      const whole = weight(2) + weight(0) + weight(5)
      expect(needed(create, text, 0)).toBe(whole)
      expect(needed(create, text, 1)).toBe(whole)
    })

    it('counts operands of code that can be reached only', () => {
      const text = `(func (export "run") (param i32) (return)
        (drop (i64.add (i64.const 1) (i64.add (i64.const 1) (i64.add (i64.const 1) (i64.const 1))))))`
      expect(needed(create, text, 0)).toBe(weight(1))
    })

    it('is charged for functions in tables when they are entered, and given back when they return', () => {
      const text = `(table 1 funcref) (elem (i32.const 0) $f) (func $f (local i32 i32)) (type $v (func))
        (func (export "run") (param i32)
          (loop (call_indirect (type $v) (i32.const 0)) (call $f)
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`
      expect(needed(create, text, 1)).toBe(weight(3) + weight(2))
      expect(needed(create, text, 50)).toBe(weight(3) + weight(2))
    })

    it('is given back by tail calls, direct and through tables', () => {
      const direct = `(func $down (export "run") (param i32)
        (if (local.get 0) (then (return_call $down (i32.sub (local.get 0) (i32.const 1))))))`
      expect(needed(create, direct, 0)).toBe(weight(3))
      expect(needed(create, direct, 5_000)).toBe(weight(3))
      const indirect = `(table 1 funcref) (elem (i32.const 0) $down) (type $t (func (param i32)))
        (func $step (param i32) (return_call_indirect (type $t) (local.get 0) (i32.const 0)))
        (func $down (export "run") (param i32)
          (if (local.get 0) (then (return_call $step (i32.sub (local.get 0) (i32.const 1))))))`
      // Both are counted: neither allows for the other, and one of them is there at a time.
      expect(needed(create, indirect, 5_000)).toBe(weight(3))
    })

    it('keeps the charge of a caller that tail-calls a plain function', () => {
      const text = `(func $plain (param i32) (local i64 i64 i64 i64))
        (func $tail (param i32) (return_call $plain (local.get 0)))
        (func (export "run") (param i32) (call $tail (local.get 0)))`
      expect(needed(create, text, 0)).toBe(weight(2) + weight(2) + weight(5))
    })

    it('is exhausted by mutual recursion as by any other', () => {
      const text = `(func $even (export "run") (param i32) (if (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1))))))
        (func $odd (param i32) (local i64) (if (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1))))))`
      expect(needed(create, text, 5)).toBe(3 * weight(3) + 3 * weight(4))
    })

    it('holds results and parameters of many values across calls', () => {
      const params = Array.from({ length: 40 }, () => 'i64').join(' ')
      const gets = Array.from({ length: 40 }, (_, i) => `(local.get ${i})`).join(' ')
      const { instance } = load(
        create,
        `(func $sum (param ${params}) (param i32) (result i64) (local $i i32)
           (if (local.get 40) (then (return (call $sum ${gets} (i32.sub (local.get 40) (i32.const 1))))))
           ${Array.from({ length: 40 }, (_, i) => `(local.get ${i})`).join(' ')} ${'(i64.add) '.repeat(39)})
         (func (export "run") (param i32) (result i64)
           (call $sum ${Array.from({ length: 40 }, (_, i) => `(i64.const ${i * 1_000_000_007})`).join(' ')} (local.get 0)))`,
      )
      expect(valuesOf(instance.invoke('run', [200]))).toEqual([780n * 1_000_000_007n])
    })
  })
}
