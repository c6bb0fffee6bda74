/** Schedules, call graph and stack rule as analyses; their effect on execution is in test/engineSuite. */
import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { INSTRUCTIONS } from '../binary/opcodes.ts'
import { decodeAndValidate } from '../compile.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import type { ValidatedModule } from '../validate/validateModule.ts'
import { callGraph } from './callGraph.ts'
import { instructionCosts } from './charges.ts'
import { resolveSchedule, SCHEDULES } from './schedule.ts'
import { stackRule } from './stackHeight.ts'

const validated = (text: string): ValidatedModule =>
  decodeAndValidate(watToWasm(`(module ${text})`), 'reject', DEFAULT_LIMITS)

describe('schedules', () => {
  it('price every instruction, structure at 0', () => {
    for (const schedule of Object.values(SCHEDULES)) {
      expect(resolveSchedule(schedule)).toBe(schedule)
      for (const info of INSTRUCTIONS) {
        if (info === undefined) continue
        const cost = schedule.classes[info.cost]
        expect(Number.isInteger(cost), `${schedule.name} ${info.name}`).toBe(true)
        // An instruction that costs nothing and goes back could run for ever; only structure is free.
        if (info.cost === 'structure') expect(cost).toBe(0)
        else expect(cost).toBeGreaterThan(0)
      }
    }
  })

  it('touchstone/1 fits half a billion simple instructions in a block of 30 million gas', () => {
    const { classes } = SCHEDULES['touchstone/1']
    expect((30_000_000 * 10_000) / classes.simple32).toBe(500_000_000)
  })

  it('touchstone/1 and stylus are as published', () => {
    const { classes, data } = SCHEDULES['touchstone/1']
    expect(Object.values(classes)).toEqual([
      0, 600, 600, 600, 2_400, 1_200, 12_000, 7_200, 30_000, 600, 600, 600, 600, 20_000, 20_000, 2_400, 2_400, 600,
      1_000_000, 45_000, 390_000, 5_400, 5_400, 6_000, 6_000, 6_000, 6_000, 2_400, 2_400, 600, 900, 5_400, 5_400,
      66_000, 102_000, 1_200, 240_000, 240_000, 600, 270_000, 270_000, 600,
    ])
    expect(Object.values(data)).toEqual([0, 0, 200, 10_000_000, 360, 330_000])
    // Nitro's meter, with the price of a basic block's start put on the instructions that end one.
    const stylus = SCHEDULES.stylus
    expect(Object.values(stylus.classes)).toEqual([
      0, 2_451, 1, 9, 1_250, 3_215, 4_850, 6_250, 16_060, 75, 210, 225, 575, 670, 680, 825, 950, 3_000, 8_050, 950, 950,
      170, 225, 210, 210, 2_650, 6_000, 70, 100, 70, 100, 160, 160, 1_120, 1_270, 100, 225, 3_000, 3_000, 8_050, 3_000,
      1,
    ])
    expect(Object.values(stylus.data)).toEqual([325, 650, 75, 0, 100, 1_000])
  })

  it('uniform tables count instructions, with exceptions', () => {
    const schedule = resolveSchedule({ instruction: 1, classes: { call: 5 }, data: { memoryByte: 2 } })
    const module = validated('(func $f (block (nop) (call $f) (drop (i32.add (i32.const 1) (i32.const 2)))))').module
    expect([...instructionCosts(module, schedule, module.bodies[0]!)]).toEqual([0, 0, 5, 1, 1, 1, 1, 0, 0])
    expect(schedule.data.memoryByte).toBe(2)
  })
})

describe('the call graph', () => {
  it('finds cycles, tail calls and an order with callees first', () => {
    const { module, functions } = validated(`(import "e" "f" (func $host))
      (func $main (call $a) (call $leaf) (call $host)) (func $a (call $b)) (func $b (call $c)) (func $c (call $a) (call $leaf))
      (func $leaf) (func $self (call $self)) (func $tail (return_call $leaf))`)
    const graph = callGraph(module, functions)
    const [main, a, b, c, leaf, self, tail] = [0, 1, 2, 3, 4, 5, 6] as const
    expect(graph.callees[main]).toEqual([0, 2, 5])
    expect([...graph.inCycle]).toEqual([0, 1, 1, 1, 0, 1, 0])
    expect([...graph.tailCalls]).toEqual([0, 0, 0, 0, 0, 0, 1])
    const place = (index: number): number => graph.calleesFirst.indexOf(index)
    expect([...graph.calleesFirst].sort()).toEqual([main, a, b, c, leaf, self, tail])
    expect(place(leaf)).toBeLessThan(place(c))
    for (const member of [a, b, c]) expect(place(member)).toBeLessThan(place(main))
  })

  it('takes a chain of 9 999 functions', () => {
    const functions = Array.from({ length: 9_998 }, (_, i) => `(func $f${i} (call $f${i + 1}))`).join('')
    const module = validated(`${functions} (func $f9998)`)
    const graph = callGraph(module.module, module.functions)
    expect(graph.calleesFirst[0]).toBe(9_998)
    const { charge } = stackRule(module, graph)
    expect(charge[9_998]).toBe(192)
    expect(charge[9_997]).toBe(2 * 192 + 4 * 2)
    // Each may hold all that come after it, up to what is put in place of calls at most: 100 and 32 a byte of its five.
    const full = 192 + 4 * (2 + 100 + 32 * 5)
    expect(charge[5_000]! - charge[5_001]!).toBe(full)
  })
})

describe('the stack rule', () => {
  const rule = (text: string): { charge: number[]; counted: number[] } => {
    const module = validated(text)
    const { charge, counted } = stackRule(module, callGraph(module.module, module.functions))
    return { charge: [...charge], counted: [...counted] }
  }

  it('counts functions in cycles, with an address taken, or making tail calls', () => {
    const { counted } = rule(`(table 1 funcref) (elem (i32.const 0) $inTable) (elem declare func $byReference)
      (func $plain (export "exported")) (func $inTable) (func $byReference (drop (ref.func $byReference)))
      (func $self (call $self)) (func $tail (return_call $plain)) (global funcref (ref.func $inGlobal)) (func $inGlobal)`)
    expect(counted).toEqual([0, 1, 1, 1, 1, 1])
  })

  it('adds the worst plain callee and leaves counted ones to themselves', () => {
    const { charge } = rule(`
      (func $leaf (param i64) (local i64 i64))
      (func $other)
      (func $middle (call $other) (call $leaf (i64.const 0)))
      (func $self (local i32) (call $middle) (call $self))
      (func $top (call $self) (call $other))`)
    const leaf = 192 + 8 * (4 + 2)
    const middle = 192 + 8 * 1 + 4 * (2 + 2) + leaf
    // $middle in place of the call, with its 4 values; the cycle is not.
    const self = 192 + 8 * 1 + 4 * (2 + 2 + 4 + 4 * (4 + 4)) + middle
    // 60 of the cycle would be more than comes in place of calls in a body of six bytes.
    const top = 192 + 4 * (2 + 2 + 100 + 32 * 6) + 192
    expect(charge).toEqual([leaf, 192, middle, self, top])
  })

  const small = (text: string): number[] => {
    const module = validated(text)
    return [...stackRule(module, callGraph(module.module, module.functions)).small]
  }

  it('lets functions come in place of calls by their size, counted ones only when they are tiny', () => {
    const values = (count: number): string => `(param i32) (local.get 0) ${'(i32.clz) '.repeat(count)} (drop)`
    expect(small(`(func ${values(495)})`)).toEqual([1])
    expect(small(`(func ${values(497)})`)).toEqual([0])
    expect(small(`(func $a ${values(32)}) (elem declare func $a) (func (drop (ref.func $a)))`)).toEqual([1, 1])
    expect(small(`(func $a ${values(33)}) (elem declare func $a) (func (drop (ref.func $a)))`)).toEqual([0, 1])
    // The values that a call of it brings count.
    const calling = `(func $b ${values(29)}) (func $a (param i32) (call $b (local.get 0)))`
    expect(small(`${calling} (elem declare func $a) (func (drop (ref.func $a)))`)).toEqual([1, 1, 1])
    const twice = calling.replace('(call $b', '(call $b (local.get 0)) (call $b')
    expect(small(`${twice} (elem declare func $a)`)).toEqual([1, 0])
  })

  it('keeps functions of wide cycles out, and functions in tables that call through one', () => {
    expect(small('(func $a (call $b)) (func $b (call $a)) (func $c (call $c))')).toEqual([0, 0, 1])
    const table = '(type $t (func)) (table 1 funcref) (func $call (call_indirect (type $t) (i32.const 0)))'
    expect(small(`${table} (func $leaf) (elem (i32.const 0) $leaf)`)).toEqual([1, 1])
    expect(small(`${table} (elem (i32.const 0) $call)`)).toEqual([0])
    expect(small(`${table} (func $through (call $call)) (elem (i32.const 0) $through)`)).toEqual([1, 0])
  })

  it('takes functions for full of what they call where too many would have to be kept out', () => {
    const cycle = (count: number): string =>
      Array.from({ length: count }, (_, i) => `(func $f${i} (call $f${(i + 1) % count}))`).join('\n')
    const few = validated(cycle(130))
    const many = validated(cycle(140))
    const rules = [few, many].map((module) => stackRule(module, callGraph(module.module, module.functions)))
    expect(rules[0]!.small[0]).toBe(0)
    expect(rules[0]!.charge[0]).toBe(192 + 4 * 2)
    expect(rules[1]!.small[0]).toBe(1)
    expect(rules[1]!.charge[0]).toBe(192 + 4 * (2 + 100 + 32 * 4))
  })
})
