import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { type QueuedFrame, SendQueue } from './sendQueue.ts'

const LIMITS = { waiting: 10_000, leastUnderWay: 100, mostUnderWay: 1_000, time: 500 }

const frame = (length: number, fill: number, more: Partial<QueuedFrame> = {}): QueuedFrame => ({
  frame: new Uint8Array(length).fill(fill),
  rank: 1,
  key: null,
  ...more,
})

/** The first bytes of the frames that go, each taken as soon as it is handed down. */
function drain(queue: SendQueue, now = 0): number[] {
  const fills: number[] = []
  for (let piece = queue.next(64, now); piece !== null; piece = queue.next(64, now)) {
    if (piece.isLast) fills.push(piece.of.frame[0]!)
    expect(queue.take(piece.bytes.length, now)).toBe(true)
  }
  return fills
}

describe('a send queue', () => {
  it('hands down what the peer may have under way, in pieces, and goes on when some is taken', () => {
    const queue = new SendQueue(LIMITS)
    queue.add(frame(250, 1))
    const pieces = [queue.next(64, 0), queue.next(64, 0), queue.next(64, 0)]
    expect(pieces.map((piece) => piece?.bytes.length)).toEqual([64, 36, undefined])
    expect(queue.underWay).toBe(100)
    expect(queue.take(50, 0)).toBe(true)
    expect(queue.next(64, 0)?.bytes.length).toBe(50)
  })

  it('lets as much be under way as was taken in the last stretch of time, and less when less is taken', () => {
    const queue = new SendQueue(LIMITS)
    queue.add(frame(50_000, 1))
    const most = (now: number) => {
      while (queue.next(1_000, now) !== null);
      return queue.underWay
    }
    for (let turn = 0; turn < 20; turn++) queue.take(most(0), 0)
    expect(most(0)).toBe(LIMITS.mostUnderWay)
    expect(most(499)).toBe(LIMITS.mostUnderWay)
    queue.take(queue.underWay, 900)
    expect(most(900)).toBe(LIMITS.mostUnderWay)
    queue.take(queue.underWay, 3_000)
    expect(most(10_000)).toBe(LIMITS.leastUnderWay)
  })

  it('goes by rank, then by age, and finishes what it began', () => {
    const queue = new SendQueue(LIMITS)
    queue.add(frame(300, 1))
    expect(queue.next(64, 0)?.of.frame[0]).toBe(1)
    queue.add(frame(10, 2))
    queue.add(frame(10, 3, { rank: 0 }))
    queue.add(frame(10, 4, { rank: 0 }))
    queue.take(64, 0)
    expect(drain(queue)).toEqual([1, 3, 4, 2])
  })

  it('takes out what a newer one replaces, but not what is under way', () => {
    const queue = new SendQueue(LIMITS)
    const votes = { delivery: { replaces: 'votes' } }
    queue.add(frame(300, 1, votes))
    queue.next(64, 0)
    queue.add(frame(10, 2, votes))
    queue.add(frame(10, 3, { delivery: { replaces: 'proposal' } }))
    queue.add(frame(10, 4))
    queue.add(frame(10, 5, votes))
    queue.take(64, 0)
    expect(drain(queue)).toEqual([1, 3, 4, 5])
  })

  it('leaves out what is not wanted while an older one is under way', () => {
    const queue = new SendQueue(LIMITS)
    const answer = { delivery: { replaces: 'proposal', unlessUnderWay: true } }
    expect(queue.add(frame(150, 1, answer))).toBe(true)
    queue.next(64, 0)
    queue.next(64, 0)
    expect(queue.add(frame(10, 2, answer))).toBe(true)
    queue.take(100, 0)
    queue.next(64, 0)
    // All is handed down, and not all is taken.
    expect(queue.add(frame(10, 3, answer))).toBe(true)
    queue.take(50, 0)
    expect(queue.add(frame(10, 4, answer))).toBe(true)
    expect(drain(queue)).toEqual([4])
  })

  it('holds a message once, and not any more when the peer has it', () => {
    const queue = new SendQueue(LIMITS)
    for (const fill of [1, 2]) queue.add(frame(10, fill, { key: 'a' }))
    queue.add(frame(10, 3, { key: 'b' }))
    queue.add(frame(10, 4, { key: 'c' }))
    queue.drop('b')
    queue.next(64, 0)
    queue.add(frame(10, 5, { key: 'a' }))
    queue.take(10, 0)
    expect(drain(queue)).toEqual([4])
    queue.add(frame(10, 6, { key: 'a' }))
    expect(drain(queue)).toEqual([6])
  })

  it('refuses what has no room, and takes one frame however large', () => {
    const queue = new SendQueue(LIMITS)
    expect(queue.add(frame(20_000, 1))).toBe(true)
    expect(queue.add(frame(1, 2))).toBe(false)
    expect(drain(queue)).toEqual([1])
    let count = 0
    while (queue.add(frame(1, 2))) count++
    // Small frames cost more than their bytes.
    expect(count).toBeLessThan(100)
    expect(queue.waiting).toBeLessThanOrEqual(LIMITS.waiting)
  })

  it('does not believe that more was taken than was sent', () => {
    const queue = new SendQueue(LIMITS)
    queue.add(frame(10, 1))
    expect(queue.take(1, 0)).toBe(false)
    queue.next(64, 0)
    expect(queue.take(11, 0)).toBe(false)
    expect(queue.take(10, 0)).toBe(true)
  })

  it.each([1, 2, 3, 4])('random traffic, seed %i: every frame whole and in order, within the bounds', (seed) => {
    const random = seededRandom(seed)
    const queue = new SendQueue(LIMITS)
    const sent = new Map<number, number>()
    const expected: number[] = []
    let next = 0
    let now = 0
    let begun: QueuedFrame | null = null
    for (let turn = 0; turn < 3_000; turn++) {
      now += random.below(100)
      if (random.below(2) === 0) {
        const added = frame(1 + random.below(400), 1)
        const number = next++
        const withNumber = { ...added, number }
        if (queue.add(withNumber)) expected.push(number)
      }
      const piece = queue.next(1 + random.below(100), now)
      if (piece !== null) {
        expect(begun === null || begun === piece.of).toBe(true)
        begun = piece.isLast ? null : piece.of
        const { number } = piece.of as QueuedFrame & { number: number }
        sent.set(number, (sent.get(number) ?? 0) + piece.bytes.length)
        if (piece.isLast) {
          expect(number).toBe(expected.shift())
          expect(sent.get(number)).toBe(piece.of.frame.length)
        }
      }
      expect(queue.underWay).toBeLessThanOrEqual(LIMITS.mostUnderWay)
      expect(queue.waiting).toBeLessThanOrEqual(LIMITS.waiting)
      if (random.below(3) === 0) queue.take(random.below(queue.underWay + 1), now)
    }
    expect(sent.size).toBeGreaterThan(300)
  })
})
