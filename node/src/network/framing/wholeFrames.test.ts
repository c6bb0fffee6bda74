import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, it } from 'vitest'
import { concatBytes } from '../../codec/bytes.ts'
import { muxerFrameLength } from '../connections/muxerFrames.ts'
import { ByteBudget } from './heldBytes.ts'
import { noiseLength, WholeFrames } from './wholeFrames.ts'

const noise = (body: Uint8Array) => concatBytes(Uint8Array.of(body.length >> 8, body.length & 0xff), body)

/** A header of yamux, and a body if it is one of data. */
function muxer(type: number, length: number): Uint8Array {
  const bytes = new Uint8Array(12 + (type === 0 ? length : 0)).fill(7)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, type)
  view.setUint32(8, length)
  return bytes
}

it.each([
  ['noise', noiseLength, (random: ReturnType<typeof seededRandom>) => noise(random.bytes(random.below(400)))],
  ['yamux', muxerFrameLength, (random: ReturnType<typeof seededRandom>) => muxer(random.below(4), random.below(400))],
] as const)('hands on frames of %s whole, in order, however they were cut (seeded)', (_name, lengthOf, make) => {
  const random = seededRandom(11)
  for (let round = 0; round < 100; round++) {
    const frames = Array.from({ length: 1 + random.below(8) }, () => make(random))
    const wire = concatBytes(...frames)
    const ends = new Set(frames.map((_, at) => concatBytes(...frames.slice(0, at + 1)).length))
    const budget = new ByteBudget(10_000)
    const whole = new WholeFrames(lengthOf, budget.of('a'))
    const got: Uint8Array[] = []
    let passed = 0
    for (let at = 0; at < wire.length; ) {
      const size = 1 + random.below(round % 2 === 0 ? 3 : 600)
      const piece = whole.push(wire.slice(at, at + size))
      at += size
      got.push(piece)
      passed += piece.length
      expect(passed === 0 || ends.has(passed)).toBe(true)
      expect(budget.used).toBe(Math.min(at, wire.length) - passed)
    }
    expect(concatBytes(...got)).toEqual(wire)
  }
})

it('holds nothing any more, and hands nothing on, when others need what it holds', () => {
  const budget = new ByteBudget(100)
  let evicted = 0
  const whole = new WholeFrames(noiseLength, budget.of('a'), () => evicted++)
  whole.push(noise(new Uint8Array(200)).subarray(0, 90))
  new WholeFrames(noiseLength, budget.of('b')).push(noise(new Uint8Array(200)).subarray(0, 50))
  expect([evicted, budget.used]).toEqual([1, 50])
  expect(whole.push(new Uint8Array(500))).toHaveLength(0)
  // More than there is of its own: nobody else is worse.
  const large = new WholeFrames(noiseLength, budget.of('c'), () => evicted++)
  expect(large.push(concatBytes(noise(Uint8Array.of(1)), noise(new Uint8Array(200)).subarray(0, 99)))).toHaveLength(0)
  expect([evicted, budget.used]).toEqual([2, 50])
})

it('what it handed on stays there, whoever loses what he holds meanwhile, and however (seeded)', () => {
  const random = seededRandom(3)
  let evictions = 0
  for (let round = 0; round < 25; round++) {
    const readers: { readonly peer: string; readonly whole: WholeFrames; wire: Uint8Array }[] = []
    const closeAll = (peer: string) => {
      // A connection that is ended closes all that is read from it, in the midst of the reading of one.
      if (random.below(2) === 0) for (const reader of readers) if (reader.peer === peer) reader.whole.close()
    }
    let now = 0
    const budget = new ByteBudget(600, () => now++, closeAll, random.below(2) * 100)
    for (const peer of ['a', 'a', 'b', 'b', 'c']) {
      const evicted = () => {
        evictions++
        closeAll(peer)
      }
      const frames = Array.from({ length: 30 }, () =>
        noise(random.bytes(random.below(random.below(5) === 0 ? 300 : 20))),
      )
      const whole = new WholeFrames(noiseLength, budget.of(peer), evicted)
      readers.push({ peer, whole, wire: concatBytes(...frames) })
    }
    const handed: { readonly piece: Uint8Array; readonly copy: Uint8Array }[] = []
    for (let step = 0; step < 300; step++) {
      const reader = readers[random.below(readers.length)]!
      const size = 1 + random.below(random.below(4) === 0 ? 200 : 4)
      const piece = reader.whole.push(reader.wire.slice(0, size))
      reader.wire = reader.wire.subarray(size)
      handed.push({ piece, copy: piece.slice() })
    }
    for (const { whole } of readers) whole.close()
    for (const { piece, copy } of handed) if (Buffer.compare(piece, copy) !== 0) expect(piece).toEqual(copy)
    expect(budget.used).toBe(0)
  }
  expect(evictions).toBeGreaterThan(20)
})
