import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { ConnectionPlaces } from './connectionPlaces.ts'
import { chooseToEvict, type Evictable } from './eviction.ts'

const limits = { connections: 8, newcomerTime: 10_000 }
const NOW = 1_000_000
const random = seededRandom(3).below

/** Idle peers that came a second after each other, the first one longest ago. */
const idle = (count: number, more: Partial<Evictable> = {}): Evictable[] =>
  Array.from({ length: count }, (_, index) => ({
    peer: `p${index}`,
    group: `g${index}`,
    connectedAt: NOW - 500_000 + index * 1_000,
    broughtAt: null,
    readAt: null,
    ...more,
  }))

const everyChoice = (peers: readonly Evictable[], times = 200) =>
  new Set(Array.from({ length: times }, () => chooseToEvict(peers, NOW, limits, random)))

describe('when all places are taken', () => {
  it('one of the idle has to go, by chance, and not those who have been here longest', () => {
    expect(everyChoice(idle(8))).toEqual(new Set(['p2', 'p3', 'p4', 'p5', 'p6', 'p7']))
  })

  it('who brought something new lately and who read long answers lately stay', () => {
    const peers = idle(8).map((peer, index) => ({
      ...peer,
      broughtAt: index >= 5 ? NOW - index : null,
      readAt: index === 2 ? NOW - 5 : null,
    }))
    // Two are protected for each reason: of those who brought something, p7 and p6 are not the latest.
    expect(everyChoice(peers)).toEqual(new Set(['p3', 'p4', 'p7']))
  })

  it('those of the address with the most connections go first', () => {
    const peers = idle(8).map((peer, index) => ({ ...peer, group: index >= 4 && index < 7 ? 'one' : peer.group }))
    expect(everyChoice(peers)).toEqual(new Set(['p4', 'p5', 'p6']))
  })

  it('newcomers have time, and nobody goes when all are new', () => {
    const peers = idle(8).map((peer, index) => ({
      ...peer,
      connectedAt: index === 3 ? peer.connectedAt : NOW - 9_999 + index,
    }))
    expect(chooseToEvict(peers.slice(4), NOW, limits, random)).toBeNull()
    const old = peers.map((peer, index) => (index < 3 ? { ...peer, connectedAt: NOW - 600_000 } : peer))
    expect(everyChoice(old)).toEqual(new Set(['p2', 'p3']))
  })

  it('an honest peer that is of use stays, and gets in, while others come and go without end (seeded)', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const lots = seededRandom(seed * 7_919).below
      let peers = idle(8, { connectedAt: NOW })
      let now = NOW + 20_000
      const knock = (peer: string) => {
        const evicted = chooseToEvict(peers, now, limits, lots)
        if (evicted === null) return false
        peers = [
          ...peers.filter((one) => one.peer !== evicted),
          { ...idle(1)[0]!, peer, group: peer, connectedAt: now },
        ]
        return true
      }
      expect(knock('honest')).toBe(true)
      for (let turn = 0; turn < 500; turn++) {
        now += 1_000
        if (turn % 8 === 7) peers = peers.map((peer) => (peer.peer === 'honest' ? { ...peer, readAt: now } : peer))
        knock(`x${turn}`)
        expect(
          peers.some(({ peer }) => peer === 'honest'),
          `seed ${seed}`,
        ).toBe(true)
      }
      // Somebody got in meanwhile.
      expect(peers.some(({ peer }) => peer.startsWith('x'))).toBe(true)
    }
  })
})

describe('places for connections', () => {
  const setup = () => {
    const clock = manualClock()
    const places = new ConnectionPlaces({
      clock,
      limits: { ...DEFAULT_LIMITS, connections: 4 },
      isNamed: (peer) => peer.startsWith('named'),
      groupOf: (peer) => peer,
      random,
    })
    return { clock, places }
  }

  it('are refused to newcomers while all others are new, and then change hands once in a while', async () => {
    const { clock, places } = setup()
    for (const [index, peer] of ['a', 'b', 'c', 'd'].entries()) expect(places.opened(peer, index + 1)).toBeNull()
    expect(places.opened('e', 5)).toBe('e')
    places.closed('e')
    await clock.advance(DEFAULT_LIMITS.newcomerTime)
    places.brought('a')
    places.read('b')
    const evicted = places.opened('e', 5)
    expect(['c', 'd']).toContain(evicted)
    places.closed(evicted!)
    expect([places.mayKnock(3), places.mayKnock(4)]).toEqual([true, false])
    expect(places.opened('f', 5)).toBe('f')
    places.closed('f')
    await clock.advance(DEFAULT_LIMITS.evictionInterval)
    expect(places.mayKnock(4)).toBe(true)
    expect(['c', 'd']).toContain(places.opened('f', 5))
  })

  it('are there for named peers at any time, for one stranger less when there is one that may go', async () => {
    const { clock, places } = setup()
    for (const [index, peer] of ['a', 'b', 'c', 'd'].entries()) places.opened(peer, index + 1)
    expect(places.opened('named 1', 5)).toBeNull()
    await clock.advance(DEFAULT_LIMITS.newcomerTime)
    const first = places.opened('named 2', 6)
    places.closed(first!)
    const second = places.opened('named 3', 6)
    places.closed(second!)
    expect(['a', 'b', 'c', 'd']).toContain(first)
    expect(['a', 'b', 'c', 'd']).toContain(second)
    expect(second).not.toBe(first)
  })
})
