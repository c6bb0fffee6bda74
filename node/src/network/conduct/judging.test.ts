import { describe, expect, it } from 'vitest'
import { Judging, judgingOfLanes } from './judging.ts'

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
    load.whenRoom('b', () => resumed.push('b'))
    load.whenRoom('gone', () => resumed.push('gone'))
    load.forget('gone')
    load.end('a', 90)
    expect(resumed).toEqual([])
    load.end('b', 80)
    expect(resumed).toEqual(['b'])
    expect(load.bytes).toBe(0)
  })

  it('are counted apart where they are urgent, with a quarter of the bytes', () => {
    const { urgent, bulk } = judgingOfLanes(limits, (peer) => peer === 'named')
    bulk.begin('named', 101)
    expect([bulk.isFull('named'), urgent.isFull('named')]).toEqual([true, false])
    urgent.begin('named', 26)
    expect(urgent.isFull('named')).toBe(true)
    for (let count = 0; count < 5; count++) urgent.begin('a', 1)
    expect([urgent.isFull('a'), bulk.isFull('a')]).toEqual([true, false])
    for (const peer of ['b', 'c']) urgent.begin(peer, 20)
    expect([urgent.isFull('b'), bulk.isFull('b')]).toEqual([true, false])
  })
})
