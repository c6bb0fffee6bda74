import { describe, expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { DEFAULT_LIMITS, type NetworkLimits } from '../limits.ts'
import { type Place, Places } from './places.ts'

const MIB = 1024 * 1024
const { inboundRequests, readerGrace, readerBytesPerSecond, slowReaderPause, placeWait } = DEFAULT_LIMITS
/** Longest time until somebody is noticed to be too slow: looks are a quarter of a second apart. */
const NOTICED = readerGrace + 250

/** Milliseconds in which readers take a piece. */
const STEP = 50

interface Asked {
  /** `waiting`, `served`, `read`, `ended`, or the reason of a refusal. */
  outcome: string
  place: Place | null
  unsent: number
}

function scene(options: { limits?: Partial<NetworkLimits>; groups?: Readonly<Record<string, string>> } = {}) {
  const clock = manualClock()
  const places = new Places({
    clock,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    isNamed: (peer) => peer.startsWith('named'),
    groupOf: (peer) => options.groups?.[peer] ?? peer,
  })
  const readers = new Set<() => void>()

  /** Asks for an answer; it is made at once and read by nobody, unless `read` says so. */
  const begin = (peer: string, bytes = 4 * MIB): Asked => {
    const asked: Asked = { outcome: 'waiting', place: null, unsent: bytes }
    void places.enter(peer).then((place) => {
      asked.outcome = typeof place === 'string' ? place : 'served'
      if (typeof place === 'string') return
      asked.place = place
      const abort = () => {
        asked.outcome = 'ended'
      }
      place.sending({ bytes, unsent: () => asked.unsent, abort })
    })
    return asked
  }
  const ask = async (peer: string, bytes?: number): Promise<Asked> => {
    const asked = begin(peer, bytes)
    await clock.advance(0)
    return asked
  }
  const askMany = async (peers: readonly string[], each: number): Promise<Asked[]> => {
    const all = Array.from({ length: each }, () => peers.map((peer) => begin(peer))).flat()
    await clock.advance(0)
    return all
  }
  /** From now on the answer is taken at such a rate that it is whole after so many milliseconds. */
  const read = (asked: Asked, milliseconds: number) => {
    const piece = (asked.unsent / milliseconds) * STEP
    const reader = () => {
      if (asked.outcome === 'served') {
        asked.unsent = Math.max(0, asked.unsent - piece)
        if (asked.unsent > 1e-6) return
        asked.outcome = 'read'
      }
      readers.delete(reader)
      asked.place?.leave(asked.outcome === 'read')
    }
    readers.add(reader)
  }
  const pass = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += STEP) {
      await clock.advance(STEP)
      for (const reader of readers) reader()
    }
    await clock.advance(0)
  }
  return { clock, places, begin, ask, askMany, read, pass }
}

const peers = (count: number, name = 'x') => Array.from({ length: count }, (_, index) => `${name}${index}`)

describe('places for requests', () => {
  it('are given up by who does not read when another wants one, and only then', async () => {
    const { clock, askMany, ask, places } = scene()
    const unread = await askMany(peers(6), 4)
    await clock.advance(20_000)
    expect(unread.every(({ outcome }) => outcome === 'served')).toBe(true)
    const asked = await ask('honest')
    expect(asked.outcome).toBe('served')
    expect(unread.filter(({ outcome }) => outcome === 'ended')).toHaveLength(1)
    expect(places.taken).toBe((inboundRequests * 3) / 4)
  })

  it('come free within the grace of readers when all are held by unread answers', async () => {
    const { clock, askMany, ask } = scene()
    await askMany(peers(14), 4)
    const asked = await ask('honest')
    expect(asked.outcome).toBe('waiting')
    await clock.advance(NOTICED)
    expect(asked.outcome).toBe('served')
  })

  it('stay with who reads, however slowly above the rate, while others are pressing', async () => {
    const { ask, askMany, read, pass } = scene()
    const slow = await ask('slow', 40 * readerBytesPerSecond)
    read(slow, 20_000)
    for (let turn = 0; slow.outcome === 'served'; turn++) {
      await askMany(peers(50, `x${turn} `), 1)
      await pass(STEP)
    }
    expect(slow.outcome).toBe('read')
  })

  it('are lost by who reads below the rate', async () => {
    const { ask, askMany, read, pass } = scene()
    const slow = await ask('slow', 20 * readerBytesPerSecond)
    read(slow, 40_000)
    for (let turn = 0; slow.outcome === 'served'; turn++) {
      await askMany(peers(50, `x${turn} `), 1)
      await pass(STEP)
    }
    expect(slow.outcome).toBe('ended')
  })

  it('are few for who lost one, until it reads a long answer', async () => {
    const { clock, ask, askMany } = scene()
    const lost = await ask('slow')
    await askMany(peers(24), 1)
    await clock.advance(NOTICED)
    expect(lost.outcome).toBe('ended')
    expect((await ask('slow')).outcome).toMatch(/^busy: your last answer was not read; ask again in/)
    await clock.advance(slowReaderPause)
    const again = await ask('slow')
    expect(again.outcome).toBe('served')
    expect((await ask('slow')).outcome).toMatch(/one at a time/)
    // A short answer proves nothing: it fits into the buffers on the way.
    again.place!.leave(true)
    const short = await ask('slow', 1_000)
    short.place!.leave(true)
    expect((await ask('slow')).outcome).toBe('served')
    expect((await ask('slow')).outcome).toBe('served')
  })

  it('of the last quarter are for who has read a long answer', async () => {
    const { ask, askMany, read, pass } = scene()
    read(await ask('reader'), 100)
    read(await ask('short', 1_000), 100)
    await pass(100)
    await askMany(peers(40), 1)
    expect((await ask('short')).outcome).toBe('waiting')
    for (let turn = 0; turn < 8; turn++) expect((await ask('reader')).outcome).toBe('served')
    expect((await ask('reader')).outcome).toBe('waiting')
  })

  it('of one address are half of them at most', async () => {
    const groups = Object.fromEntries(peers(20).map((peer) => [peer, 'host']))
    const { ask, askMany } = scene({ groups })
    const held = await askMany(peers(20), 1)
    expect(held.filter(({ outcome }) => outcome === 'served')).toHaveLength(16)
    expect((await ask('elsewhere')).outcome).toBe('served')
  })

  it('are there for named peers always', async () => {
    const { ask, askMany } = scene()
    await askMany(peers(50), 4)
    for (const peer of peers(50, 'named')) expect((await ask(peer)).outcome).toBe('served')
  })

  it('are waited for in fair order, for a bounded time, in bounded number, and not by who is gone', async () => {
    const { clock, places, ask, askMany, read, pass } = scene({
      limits: { inboundRequests: 4, waitingInboundRequests: 4 },
    })
    // Their answers are still being made, so nobody is too slow.
    const held = await Promise.all(['a', 'b', 'c'].map((peer) => places.enter(peer) as Promise<Place>))
    const greedy = await askMany(['a', 'a', 'a', 'a'], 1)
    const fresh = await ask('fresh')
    const gone = await ask('gone')
    expect(places.waiting).toBe(4)
    expect(greedy.map(({ outcome }) => outcome.slice(0, 4))).toEqual(['wait', 'wait', 'busy', 'busy'])
    places.forget('gone')
    expect(gone.outcome).toBe('waiting')
    await clock.advance(10)
    expect(gone.outcome).toBe('the peer is gone')
    held[1]!.leave(false)
    await clock.advance(10)
    expect(fresh.outcome).toBe('served')
    read(fresh, 2 * placeWait)
    await pass(placeWait)
    expect(greedy[0]!.outcome).toBe('busy: too many requests of others are being answered')
    expect(places.waiting).toBe(0)
  })
})

it('a follower that reads is served as fast as alone while a hundred peers ask without end and never read', async () => {
  const answers = 40
  const each = 200
  const follow = async (count: number) => {
    const { clock, begin, read, pass } = scene()
    const attackers = peers(count).map((peer) => ({ peer, asked: [] as Asked[] }))
    const step = async () => {
      for (const attacker of attackers) {
        const under = attacker.asked.filter(({ outcome }) => outcome === 'served' || outcome === 'waiting')
        attacker.asked = [...under, ...Array.from({ length: 4 - under.length }, () => begin(attacker.peer))]
      }
      await pass(STEP)
    }
    // They have been at it for a while.
    while (clock.monotonic() < 10_000) await step()
    const began = clock.monotonic()
    for (let done = 0; done < answers; ) {
      const asked = begin('follower')
      await clock.advance(0)
      while (asked.outcome === 'waiting') await step()
      read(asked, each)
      while (asked.outcome === 'served') await step()
      if (asked.outcome === 'read') done++
      else await step()
    }
    return clock.monotonic() - began
  }
  const alone = await follow(0)
  expect(alone).toBe(answers * each)
  // It may have to wait for its first place, and for no other.
  expect(await follow(100)).toBeLessThanOrEqual(alone + placeWait + NOTICED)
})
