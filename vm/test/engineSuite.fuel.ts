/** Fuel, part of the engine conformance suite: exact at every host call and at the end, whatever an engine merges. */
import { describe, expect, it } from 'vitest'
import type { HostContext, Outcome } from '../src/index.ts'
import { SCHEDULES } from '../src/metering/schedule.ts'
import { watToWasm } from '../testing/wat.ts'
import { type CreateProgram, host, load, PLENTY, trapOf, valuesOf } from './engineSuite.ts'

/** One unit for each instruction that is not structure. */
const UNIT = { schedule: { instruction: 1 } }

/** Loops, a switch, early returns, recursion and a host call inside a loop. */
const VARIED = `(import "e" "tick" (func $tick (param i32)))
  (func $collatz (param $n i32) (result i32) (local $steps i32)
    (block $done (loop $again
      (br_if $done (i32.le_u (local.get $n) (i32.const 1)))
      (if (i32.and (local.get $n) (i32.const 1))
        (then (local.set $n (i32.add (i32.mul (local.get $n) (i32.const 3)) (i32.const 1))))
        (else (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))))
      (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
      (if (i32.eqz (i32.rem_u (local.get $steps) (i32.const 5))) (then (call $tick (local.get $steps))))
      (br $again)))
    (local.get $steps))
  (func $choose (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (local.get 0))) (return (i32.const 10))) (return (i32.const 20)))
    (if (i32.gt_u (local.get 0) (i32.const 4)) (then (return (i32.const 30))))
    (i32.add (call $choose (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "run") (param i32) (result i32) (i32.add (call $collatz (local.get 0)) (call $choose (local.get 0))))`

/** The instructions of {@link VARIED} that `run(n)` executes, counted in its source: at each host call and in all. */
function countVaried(n: number): { readonly ticks: bigint[]; readonly total: bigint } {
  const ticks: bigint[] = []
  // local.get, call
  let used = 2n
  for (let steps = 1, x = n; ; steps++) {
    // local.get, const, le_u, br_if
    used += 4n
    if (x <= 1) break
    // local.get, const, and, if; then an arm; then local.get, const, add, local.set
    used += 4n + (x % 2 === 1 ? 6n : 4n) + 4n
    x = x % 2 === 1 ? 3 * x + 1 : x / 2
    // local.get, const, rem_u, eqz, if; then perhaps local.get, call; then br
    used += 5n
    if (steps % 5 === 0) {
      used += 2n
      ticks.push(used)
    }
    used += 1n
  }
  // local.get; local.get, call; add
  return { ticks, total: used + 1n + 2n + countChoose(n) + 1n }
}

function countChoose(x: number): bigint {
  // local.get, br_table; then const, return
  if (x < 2) return 4n
  // local.get, const, gt_u, if; then const, return, or local.get, const, add, call, const, add
  return x > 4 ? 8n : 12n + countChoose(x + 1)
}

export function fuelSuite(create: CreateProgram): void {
  const run = (fuel: bigint, argument: number): { outcome: Outcome; ticks: bigint[] } => {
    const ticks: bigint[] = []
    const tick = host(['i32'], [], (_step: number, context: HostContext) => {
      ticks.push(fuel - context.fuelLeft())
      return undefined
    })
    const program = create(watToWasm(`(module ${VARIED})`), UNIT)
    return { outcome: program.instantiate({ imports: { e: { tick } }, fuel }).invoke('run', [argument]), ticks }
  }

  describe('fuel', () => {
    it('is the sum of what was executed, counted by hand', () => {
      const used = (body: string, ...args: number[]): bigint =>
        load(create, `(memory 1) (func (export "run") (param i32) (result i32) ${body})`, {}, UNIT).instance.invoke(
          'run',
          args,
        ).fuelUsed
      expect(used('(i32.const 1)', 0)).toBe(1n)
      expect(used('(nop) (block (loop (nop))) (local.get 0)', 0)).toBe(1n)
      // local.get, if, and the two constants of one arm; else and end are free.
      expect(used('(if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2) (nop)))', 1)).toBe(3n)
      expect(used('(if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.const 2) (nop)))', 0)).toBe(3n)
      // Per turn local.get, const, sub, local.tee, br_if; then local.get.
      expect(used('(loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0)', 7)).toBe(36n)
      expect(used('(return (local.get 0)) (unreachable)', 0)).toBe(2n)
      // local.get, br_table; then local.get.
      expect(used('(block (block (br_table 0 1 (local.get 0)))) (local.get 0)', 1)).toBe(3n)
    })

    it('is the same at every host call and at the end, and enough is enough', () => {
      const full = run(PLENTY, 27)
      expect(valuesOf(full.outcome)).toEqual([111 + 30])
      const total = full.outcome.fuelUsed
      expect({ ticks: full.ticks, total }).toEqual(countVaried(27))
      expect(full.ticks.length).toBe(22)
      const exact = run(total, 27)
      expect(exact.outcome).toEqual(full.outcome)
      expect(exact.ticks).toEqual(full.ticks)
      const short = run(total - 1n, 27)
      expect(trapOf(short.outcome).code).toBe('out-of-gas')
      expect(short.outcome.fuelUsed).toBe(total - 1n)
    })

    it('decides at every amount from 0 up whether an execution ends', () => {
      const total = run(PLENTY, 3).outcome.fuelUsed
      for (let fuel = 0n; fuel < total + 3n; fuel++) {
        const { outcome } = run(fuel, 3)
        expect(outcome.kind, `fuel ${fuel} of ${total}`).toBe(fuel < total ? 'trap' : 'return')
        expect(outcome.fuelUsed).toBe(fuel < total ? fuel : total)
      }
    })

    it('can be taken by a host function, down to nothing and no further', () => {
      const charge = (amount: bigint): Outcome =>
        load(
          create,
          '(import "e" "f" (func $f)) (func (export "run") (result i32) (call $f) (i32.const 1))',
          { e: { f: host([], [], (context: HostContext) => context.chargeFuel(amount) as undefined) } },
          UNIT,
        ).instance.invoke('run', [])
      expect(charge(1000n).fuelUsed).toBe(1002n)
      expect(charge(PLENTY - 2n).fuelUsed).toBe(PLENTY)
      expect(trapOf(charge(PLENTY - 1n)).code).toBe('out-of-gas')
      expect(trapOf(charge(PLENTY)).code).toBe('out-of-gas')
      expect(trapOf(charge(2n ** 80n)).code).toBe('out-of-gas')
      expect(() => charge(-1n)).toThrow(RangeError)
    })

    it('is kept from one invocation to the next, and the rest is kept on exit', () => {
      const { instance } = load(create, '(func (export "run") (result i32) (i32.const 1))', {}, UNIT)
      instance.invoke('run', [])
      instance.invoke('run', [])
      expect(instance.fuelLeft()).toBe(PLENTY - 2n)
    })

    it('costs by size: bytes, elements, pages and locals, before the work', () => {
      const data = {
        local: 7,
        memoryByte: 3,
        memoryPage: 1000,
        tableElement: 50,
        branchTableTarget: 11,
        indirectParameter: 13,
      }
      const used = (body: string): bigint => {
        const { instance } = load(
          create,
          `(type $t (func (param i32 i32))) (memory 1) (table $t 9 funcref) (elem (i32.const 0) $two) (elem $e func $two $two)
           (data $d "abcdef") (func $two (param i32 i32)) (func $three (local i32 i64 i32))
           (func (export "run") ${body})`,
          {},
          { schedule: { instruction: 1, data } },
        )
        const outcome = instance.invoke('run', [])
        if (outcome.kind === 'trap') throw new Error(outcome.trap.message)
        return outcome.fuelUsed
      }
      const three = '(i32.const 0) (i32.const 0) (i32.const 5)'
      expect(used(`(memory.fill ${three})`)).toBe(4n + 15n)
      expect(used(`(memory.copy ${three})`)).toBe(4n + 15n)
      expect(used(`(memory.init $d ${three})`)).toBe(4n + 15n)
      expect(used('(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))')).toBe(4n)
      expect(used(`(table.copy $t $t ${three})`)).toBe(4n + 250n)
      expect(used('(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 2))')).toBe(4n + 100n)
      expect(used('(table.fill $t (i32.const 0) (ref.null func) (i32.const 5))')).toBe(4n + 250n)
      expect(used('(drop (table.grow $t (ref.null func) (i32.const 5)))')).toBe(4n + 250n)
      expect(used('(drop (table.grow $t (ref.null func) (i32.const 10000)))')).toBe(4n)
      expect(used('(drop (memory.grow (i32.const 5)))')).toBe(3n + 5000n)
      expect(used('(drop (memory.grow (i32.const 256)))')).toBe(3n)
      expect(used('(call $three)')).toBe(1n + 21n)
      expect(used('(block (block (block (br_table 0 1 2 (i32.const 1)))))')).toBe(2n + 22n)
      expect(used('(call_indirect $t (type $t) (i32.const 1) (i32.const 2) (i32.const 0))')).toBe(4n + 26n)
    })

    it('is charged before the work of a bulk instruction, so that no amount is done unpaid', () => {
      const schedule = { instruction: 1, data: { memoryByte: 1 } }
      const { instance } = load(
        create,
        '(memory (export "memory") 1) (func (export "run") (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)))',
        {},
        { schedule },
      )
      instance.setFuel(65_539n)
      expect(trapOf(instance.invoke('run', [])).code).toBe('out-of-gas')
      expect(instance.memory!.read(0, 1)).toEqual(Uint8Array.of(0))
    })

    it('follows touchstone/1 by default', () => {
      const { classes } = SCHEDULES['touchstone/1']
      const text = '(func (export "run") (result i64) (i64.mul (i64.const 2) (i64.div_u (i64.const 9) (i64.const 3))))'
      const expected = 3 * classes.constant + classes.multiply64 + classes.divide64
      expect(load(create, text).instance.invoke('run', []).fuelUsed).toBe(BigInt(expected))
    })

    it('stops endless loops and endless recursion of tail calls', () => {
      const { instance } = load(
        create,
        '(func (export "loop") (loop (br 0))) (func $self (export "tail") (return_call $self))',
      )
      instance.setFuel(10n ** 9n)
      expect(trapOf(instance.invoke('loop', [])).code).toBe('out-of-gas')
      instance.setFuel(10n ** 9n)
      expect(trapOf(instance.invoke('tail', [])).code).toBe('out-of-gas')
    })
  })
}
