import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../codec/bytes.ts'
import { MuxerFrames } from './muxerFrames.ts'

const limits = { streamWindowBytes: 1_000, pingsPerSecond: 2, pingsBurst: 3, streamsPerSecond: 2, streamsBurst: 3 }
const DATA = 0
const WINDOW_UPDATE = 1
const PING = 2
const SYN = 1
const RST = 8

function frame(type: number, flags: number, stream: number, length: number): Uint8Array {
  const bytes = new Uint8Array(12 + (type === DATA ? length : 0)).fill(0xff)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, type)
  view.setUint16(2, flags)
  view.setUint32(4, stream)
  view.setUint32(8, length)
  return bytes
}

describe('frames of the muxer', () => {
  it('are counted however the bytes are cut, and bodies are no frames', () => {
    const random = seededRandom(7)
    const told: number[][] = []
    const frames = new MuxerFrames(limits, 0, (stream, bytes) => told.push([stream, bytes]))
    const lengths = Array.from({ length: 200 }, () => random.below(1_001))
    const bytes = concatBytes(
      ...lengths.flatMap((length, at) => [frame(DATA, 0, at, length), frame(WINDOW_UPDATE, 0, at, 9)]),
    )
    let counted = 0
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + random.below(40)
      counted += frames.push(bytes.subarray(at, at + size), 0) as number
      at += size
    }
    expect(counted).toBe(400)
    expect(told).toEqual(lengths.map((length, at) => [at, length]))
  })

  it.each([
    ['pings', () => frame(PING, SYN, 0, 1), /pings/],
    ['streams by data', () => frame(DATA, SYN, 1, 0), /new streams/],
    ['streams by window updates, reset at once', () => frame(WINDOW_UPDATE, SYN | RST, 1, 0), /new streams/],
  ])('of which an honest peer sends few are bounded: %s', (_what, make, fault) => {
    const frames = new MuxerFrames(limits, 0)
    expect(frames.push(concatBytes(make(), make(), make()), 0)).toBe(3)
    expect(frames.push(make(), 1_000)).toBe(1)
    expect(frames.push(make(), 1_000)).toBe(1)
    expect(frames.push(make(), 1_000)).toMatch(fault)
  })

  it('may not be longer than a window, whose bytes the muxer would keep until the last has come', () => {
    expect(new MuxerFrames(limits, 0).push(frame(DATA, 0, 1, 1_000), 0)).toBe(1)
    expect(new MuxerFrames(limits, 0).push(frame(DATA, 0, 1, 1_001).subarray(0, 12), 0)).toMatch(
      /1001 bytes, at most 1000/,
    )
  })

  it('are those of yamux', () => {
    expect(new MuxerFrames(limits, 0).push(frame(4, 0, 1, 0), 0)).toMatch(/none of the muxer/)
    expect(new MuxerFrames(limits, 0).push(new Uint8Array(12).fill(1), 0)).toMatch(/none of the muxer/)
  })
})
