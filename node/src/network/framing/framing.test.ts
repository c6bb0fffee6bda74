import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { encodeFrame, FrameReader, FramingError } from './framing.ts'
import { ByteBudget } from './heldBytes.ts'

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
      const reader = new FrameReader(300, budget.of('a'))
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

  it('gives the budget back when a frame is complete', () => {
    const budget = new ByteBudget(100)
    const reader = new FrameReader(1_000, budget.of('a'))
    const frame = encodeFrame(new Uint8Array(50))
    for (let i = 0; i < 10; i++) {
      reader.push(frame.subarray(0, 30))
      expect(reader.push(frame.subarray(30))).toHaveLength(1)
    }
    expect(budget.used).toBe(0)
  })
})
