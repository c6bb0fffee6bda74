import type { Stream } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { PushLane, TakenBytes } from './pushLane.ts'

/** Sent bytes stay with the test. */
class FakeStream extends EventTarget {
  writeStatus: 'writable' | 'closed' = 'writable'
  readonly sent: Uint8Array[] = []
  send(bytes: Uint8Array): boolean {
    this.sent.push(bytes)
    return true
  }
  abort(): void {
    this.writeStatus = 'closed'
  }
  receive(...bytes: readonly number[]): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: Uint8Array.from(bytes) }))
  }
  get bytes(): number {
    return this.sent.reduce((sum, { length }) => sum + length, 0)
  }
}

function scene() {
  const stream = new FakeStream()
  const violations: string[] = []
  const limits = { ...DEFAULT_LIMITS, pushLeastUnderWay: 1_000, pushTakenBytes: 100, pushTakenDelay: 50 }
  const clock = manualClock()
  const lane = new PushLane(stream as unknown as Stream, clock, limits, (what) => violations.push(what))
  return { stream, violations, limits, clock, lane }
}

const frame = (length: number, rank = 1) => ({ frame: new Uint8Array(length).fill(rank), rank, key: null })

describe('a lane', () => {
  it('hands down no more than may be under way, and goes on as the peer takes it', () => {
    const { stream, lane, violations } = scene()
    expect(lane.send(frame(1_500))).toBe(true)
    lane.send(frame(300, 1))
    lane.send(frame(10, 0))
    expect(stream.bytes).toBe(1_000)
    // In two parts: 512.
    stream.receive(0, 0)
    stream.receive(2, 0)
    expect(stream.bytes).toBe(1_512)
    expect(stream.sent.slice(-2)).toEqual([new Uint8Array(10).fill(0), new Uint8Array(2).fill(1)])
    stream.receive(0, 0, 2, 0, 0, 0, 0, 100)
    expect(stream.bytes).toBe(1_810)
    expect(violations).toEqual([])
  })

  it.each([
    ['more than was sent', [0, 0, 5, 0]],
    ['nothing', [0, 0, 0, 0]],
  ])('blames who says that it has taken %s', (_what, count) => {
    const { stream, lane, violations } = scene()
    lane.send(frame(500))
    stream.receive(...count)
    expect(violations).toHaveLength(1)
  })

  it('refuses when the stream is gone', () => {
    const { stream, lane } = scene()
    stream.abort()
    expect(lane.send(frame(10))).toBe(false)
    expect(stream.sent).toEqual([])
  })
})

describe('the other end', () => {
  it('says what it took after so many bytes, or a while', async () => {
    const { stream, clock, limits } = scene()
    const taken = new TakenBytes(stream as unknown as Stream, clock, limits)
    taken.take(60)
    expect(stream.sent).toEqual([])
    taken.take(260)
    expect(stream.sent).toEqual([Uint8Array.of(0, 0, 1, 64)])
    taken.take(1)
    taken.take(1)
    await clock.advance(49)
    expect(stream.sent).toHaveLength(1)
    await clock.advance(1)
    expect(stream.sent[1]).toEqual(Uint8Array.of(0, 0, 0, 2))
    taken.take(1)
    taken.stop()
    await clock.advance(100)
    expect(stream.sent).toHaveLength(2)
  })
})
