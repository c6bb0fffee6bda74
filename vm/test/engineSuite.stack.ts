/** The deterministic stack, part of the engine conformance suite: the rule of metering/stackHeight.ts, to the byte. */
import { describe, expect, it } from 'vitest'
import type { CompileOptions } from '../src/index.ts'
import { type CreateProgram, load, trapOf, valuesOf } from './engineSuite.ts'

const budget = (stackBytes: number): CompileOptions => ({ limits: { stackBytes } })

interface Frame {
  readonly params?: number
  readonly results?: number
  readonly locals?: number
  /** Most operands. */
  readonly height?: number
  /** The values of instructions, and the text in place of calls. */
  readonly values?: number
}

/** Weight of a frame in bytes. */
const weight = ({ params = 0, results = 0, locals = 0, height = 0, values = 0 }: Frame): number =>
  192 + 8 * (4 * params + 3 * results + locals + height) + 4 * values

/** The lowest budget at which `run(argument)` does not exhaust the stack. */
function needed(create: CreateProgram, text: string, argument: number): number {
  let low = 0
  let high = 1_048_576
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

    // if, sub and call make 1, 1 and 2; four copies of itself may come in place of the call.
    const down = weight({ params: 1, height: 2, values: 4 + 4 * 4 })

    it('stackBytes: a recursion gets exactly as deep as 1 MiB allows', () => {
      const depth = Math.floor(1_048_576 / down)
      const { instance } = load(create, recursive)
      expect(valuesOf(instance.invoke('run', [depth - 1]))).toEqual([])
      const trap = trapOf(instance.invoke('run', [depth]))
      expect(trap.code).toBe('stack-exhausted')
      expect(trap.frames[0]).toMatchObject({ functionIndex: 0, functionName: 'down' })
    })

    it('is charged per frame of a cycle', () => {
      expect(needed(create, recursive, 0)).toBe(down)
      expect(needed(create, recursive, 9)).toBe(10 * down)
    })

    it('is charged for the deepest chain of plain callees at once, called or not', () => {
      const text = `(func $leaf (local i64 i64 i64 i64 i64)) (func $middle (call $leaf)) (func $small)
        (func (export "run") (param i32) (if (local.get 0) (then (call $middle))) (call $small))`
      // $middle may come in place of its call with the two values that calling $leaf makes.
      const run = weight({ params: 1, height: 1, values: 1 + 2 + 2 + 2 })
      const whole = run + weight({ values: 2 }) + weight({ locals: 5 })
      expect(needed(create, text, 0)).toBe(whole)
      expect(needed(create, text, 1)).toBe(whole)
    })

    it('counts operands and values of code that can be reached only', () => {
      const text = `(func (export "run") (param i32) (return)
        (drop (i64.add (i64.const 1) (i64.add (i64.const 1) (i64.add (i64.const 1) (i64.const 1))))))`
      expect(needed(create, text, 0)).toBe(weight({ params: 1 }))
    })

    it.each([
      ['constants, locals and drop make none', 'i32.const 7 local.set 0 local.get 0 local.tee 0 drop', 0, 1],
      ['simple instructions make one', 'local.get 0 i32.const 1 i32.add i32.clz i32.eqz drop', 3, 2],
      ['so do select, global.get and global.set', 'i32.const 1 global.get 0 local.get 0 select global.set 0', 3, 3],
      ['loads, divisions and popcnt make two', 'local.get 0 i32.load i32.const 3 i32.div_u i32.popcnt drop', 6, 2],
      ['stores make one', 'i32.const 0 local.get 0 i32.store', 1, 2],
      ['bulk instructions make four', 'i32.const 0 i32.const 0 local.get 0 memory.fill', 4, 3],
      ['br_if makes one, br_table two', 'block block local.get 0 br_if 0 local.get 0 br_table 0 1 end end', 3, 1],
      ['in a loop four times as many', 'loop local.get 0 i32.clz drop end', 4 * (4 + 1), 1],
      ['in an inner one not more', 'loop loop local.get 0 i32.clz drop end end local.get 0 i32.clz drop', 4 * 9 + 1, 1],
    ])('counts the values that instructions make: %s', (_what, code, values, height) => {
      const text = `(memory 1) (global (mut i32) (i32.const 0)) (func (export "run") (param i32) ${code})`
      expect(needed(create, text, 0)).toBe(weight({ params: 1, height, values }))
    })

    it('counts what may come in place of calls once for each of them', () => {
      const text = `(func $three (param i32) (result i32) (i32.clz (i32.clz (i32.clz (local.get 0)))))
        (func (export "run") (param i32) (drop (call $three (call $three (call $three (local.get 0))))))`
      const three = weight({ params: 1, results: 1, height: 1, values: 3 })
      expect(needed(create, text, 0)).toBe(weight({ params: 1, height: 1, values: 3 * 2 + 3 * 3 }) + three)
    })

    it('counts nothing in place of calls of what is large', () => {
      const large = `(func $large (param i32) (result i32) (local.get 0) ${'(i32.clz) '.repeat(498)})`
      const text = `${large} (func (export "run") (param i32) (drop (call $large (call $large (local.get 0)))))`
      const largest = weight({ params: 1, results: 1, height: 1, values: 498 })
      // Two bytes for the local.get, 498, and the end: one too many.
      expect(needed(create, text, 0)).toBe(weight({ params: 1, height: 1, values: 2 * 2 }) + largest)
    })

    it('is charged for functions in tables when they are entered, and given back when they return', () => {
      const text = `(table 1 funcref) (elem (i32.const 0) $f) (func $f (local i32 i32)) (type $v (func))
        (func (export "run") (param i32)
          (loop (call_indirect (type $v) (i32.const 0)) (call $f)
            (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`
      // loop, call_indirect, call, sub and br_if make 4, 6, 2, 1 and 1, times four; code that may come in place of a call
      // through a table is 8 times the largest of it, here nothing, and 8 values that stand for functions.
      const run = weight({ params: 1, height: 2, values: 4 * (4 + 6 + 2 + 1 + 1) + 8 * 8 })
      expect(needed(create, text, 1)).toBe(run + weight({ locals: 2 }))
      expect(needed(create, text, 50)).toBe(run + weight({ locals: 2 }))
    })

    it('is given back by tail calls, direct and through tables', () => {
      const direct = `(func $down (export "run") (param i32)
        (if (local.get 0) (then (return_call $down (i32.sub (local.get 0) (i32.const 1))))))`
      expect(needed(create, direct, 0)).toBe(down)
      expect(needed(create, direct, 5_000)).toBe(down)
      const indirect = `(table 1 funcref) (elem (i32.const 0) $down) (type $t (func (param i32)))
        (func $step (param i32) (return_call_indirect (type $t) (local.get 0) (i32.const 0)))
        (func $down (export "run") (param i32)
          (if (local.get 0) (then (return_call $step (i32.sub (local.get 0) (i32.const 1))))))`
      // Both are counted: neither allows for the other, and one of them is there at a time.
      expect(needed(create, indirect, 5_000)).toBe(weight({ params: 1, height: 2, values: 6 + 8 * 8 }))
    })

    it('keeps the charge of a caller that tail-calls a plain function', () => {
      const text = `(func $plain (param i32) (local i64 i64 i64 i64))
        (func $tail (param i32) (return_call $plain (local.get 0)))
        (func (export "run") (param i32) (call $tail (local.get 0)))`
      const run = weight({ params: 1, height: 1, values: 2 + 2 })
      const tail = weight({ params: 1, height: 1, values: 2 })
      expect(needed(create, text, 0)).toBe(run + tail + weight({ params: 1, locals: 4 }))
    })

    it('is exhausted by mutual recursion as by any other', () => {
      const text = `(func $even (export "run") (param i32) (if (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1))))))
        (func $odd (param i32) (local i64) (if (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1))))))`
      // Functions in a cycle with others never come in place of calls.
      const even = weight({ params: 1, height: 2, values: 4 })
      const odd = weight({ params: 1, locals: 1, height: 2, values: 4 })
      expect(needed(create, text, 5)).toBe(3 * even + 3 * odd)
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
