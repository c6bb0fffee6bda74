import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { BudgetError, ByteBudget, encodeFrame, FrameBudgets, FrameReader, FramingError } from './framing.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('frames', () => {
  it('is four bytes of length, big-endian, and the parts', () => {
    expect(encodeFrame(bytes(1, 2), bytes(3))).toEqual(bytes(0, 0, 0, 3, 1, 2, 3))
    expect(encodeFrame()).toEqual(bytes(0, 0, 0, 0))
  })

  it('comes out whole however it was cut (seeded)', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 200; round++) {
      const frames = Array.from({ length: 1 + random.below(6) }, () => random.bytes(random.below(300)))
      const wire = Uint8Array.from(frames.flatMap((frame) => [...encodeFrame(frame)]))
      const budget = new ByteBudget(1_000_000)
      const reader = new FrameReader(300, budget)
      const got: Uint8Array[] = []
      for (let at = 0; at < wire.length; ) {
        const size = 1 + random.below(round % 2 === 0 ? 5 : 400)
        got.push(...reader.push(wire.subarray(at, at + size)))
        at += size
        expect(budget.used).toBe(reader.partial)
      }
      expect(got).toEqual(frames)
      expect(reader.partial).toBe(0)
    }
  })

  it('does not keep the sender bytes it was handed', () => {
    const wire = Buffer.from(encodeFrame(bytes(5, 6)))
    const reader = new FrameReader(10)
    const frames = reader.push(wire)
    wire.fill(0)
    expect(frames).toEqual([bytes(5, 6)])
  })

  it('refuses a length over the limit before its body comes', () => {
    const reader = new FrameReader(100)
    expect(reader.push(bytes(0, 0, 0))).toEqual([])
    expect(() => reader.push(bytes(101))).toThrow(FramingError)
    expect(() => new FrameReader(100).push(bytes(0xff, 0xff, 0xff, 0xff))).toThrow('at most 100 are allowed')
  })

  it('bounds what unfinished frames of all streams hold together: who holds most gives it up for who holds less', () => {
    const budget = new ByteBudget(100)
    const evicted: string[] = []
    const reader = (name: string) => new FrameReader(1_000, budget, () => evicted.push(name))
    const frame = encodeFrame(new Uint8Array(80))
    const [first, second, third] = [reader('first'), reader('second'), reader('third')]
    first.push(frame.subarray(0, 60))
    second.push(frame.subarray(0, 20))
    third.push(frame.subarray(0, 30))
    expect(evicted).toEqual(['first'])
    expect(first.push(frame.subarray(60))).toEqual([])
    expect(budget.used).toBe(50)
    // Nobody holds as much as this one would.
    expect(() => reader('fourth').push(frame.subarray(0, 60))).toThrow(BudgetError)
    expect(budget.used).toBe(50)
    expect(second.push(frame.subarray(20))).toHaveLength(1)
    third.close()
    expect(budget.used).toBe(0)
    third.push(frame.subarray(0, 60))
    expect(budget.used).toBe(0)
    expect(evicted).toEqual(['first'])
  })

  it('keeps apart what strangers send, what they answer, and what peers named at start do', () => {
    const budgets = new FrameBudgets(100, (peer) => peer === 'named')
    const begin = (budget: ByteBudget) =>
      new FrameReader(1_000, budget).push(encodeFrame(new Uint8Array(80)).subarray(0, 60))
    for (const budget of [budgets.of('a'), budgets.ofAnswers('a'), budgets.of('named')]) begin(budget)
    for (const budget of [budgets.of('b'), budgets.ofAnswers('b'), budgets.ofAnswers('named')]) {
      expect(budget.used).toBe(60)
    }
  })

  it('gives the budget back when a frame is complete', () => {
    const budget = new ByteBudget(100)
    const reader = new FrameReader(1_000, budget)
    const frame = encodeFrame(new Uint8Array(50))
    for (let i = 0; i < 10; i++) {
      reader.push(frame.subarray(0, 30))
      expect(reader.push(frame.subarray(30))).toHaveLength(1)
    }
    expect(budget.used).toBe(0)
  })
})
