import { describe, expect, it } from 'vitest'
import { Judging } from './judging.ts'

const limits = { pendingMessagesPerPeer: 4, pendingBytesPerPeer: 100, pendingBytes: 150 }
const judging = () => new Judging(limits, (peer) => peer === 'named')

describe('messages that are being judged', () => {
  it('are bounded for each peer, by number and by bytes', () => {
    const load = judging()
    for (let count = 0; count < 4; count++) load.begin('a', 1)
    expect(load.isFull('a')).toBe(false)
    load.begin('a', 1)
    expect([load.isFull('a'), load.isFull('b')]).toEqual([true, false])
    load.begin('b', 101)
    expect(load.isFull('b')).toBe(true)
  })

  it('are bounded for all strangers together, of whom each has its part, and named peers have theirs besides', () => {
    const load = judging()
    load.begin('a', 90)
    load.begin('b', 80)
    expect(load.bytes).toBe(170)
    expect(['a', 'b', 'c', 'named'].map((peer) => load.isFull(peer))).toEqual([true, true, false, false])
    load.begin('c', 40)
    // A third of what all may have.
    expect(load.isFull('c')).toBe(false)
    load.begin('named', 90)
    expect([load.bytes, load.isFull('named')]).toEqual([210, false])
    load.begin('named', 20)
    expect(load.isFull('named')).toBe(true)
  })

  it('let a peer go on once there is room, be it that of others', () => {
    const load = judging()
    const resumed: string[] = []
    load.begin('a', 90)
    load.begin('b', 80)
    load.whenRoom('b', 'bulk', () => resumed.push('b'))
    load.whenRoom('gone', 'bulk', () => resumed.push('gone'))
    load.forget('gone', 'bulk')
    load.end('a', 90)
    expect(resumed).toEqual([])
    load.end('b', 80)
    expect(resumed).toEqual(['b'])
    expect(load.bytes).toBe(0)
  })
})
