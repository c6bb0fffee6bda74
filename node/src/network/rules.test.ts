/** The small rules beside the wire: handshake, penalties, quotas, redialling, memory of messages, waiting requests. */
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../../testing/manualClock.ts'
import { Quota } from '../bounds/quota.ts'
import { isLoopback } from '../codec/ipAddress.ts'
import { Penalties } from './conduct/scoring.ts'
import { decodeHello, encodeHello, incompatibility, makeHello } from './connections/handshake.ts'
import { PeerTable } from './connections/peerTable.ts'
import { Redial } from './connections/redial.ts'
import { identityOfSeed, listenAddress, multiaddrOfSeed } from './identity.ts'
import { MessageCache } from './push/messageCache.ts'
import { RecentSet, SeenMessages } from './push/seenMessages.ts'
import { Gate } from './requests/gate.ts'
import { idKey, idOfKey, messageId, wireNames } from './topics.ts'

const filled = (length: number, value: number) => new Uint8Array(length).fill(value)

describe('handshake', () => {
  const hello = makeHello(filled(32, 1), filled(8, 2), 'touchstone/v1')

  it('goes over the wire and back', () => {
    expect(decodeHello(encodeHello(hello))).toEqual(hello)
    expect(encodeHello(hello)).toHaveLength(42 + 13)
  })

  it('refuses other lengths, and makes text fit for a log', () => {
    expect(() => decodeHello(filled(41, 0))).toThrow('42 to 106')
    expect(() => decodeHello(filled(107, 0))).toThrow('42 to 106')
    expect(decodeHello(encodeHello({ ...hello, agent: 'a\n\u001b[31mb' })).agent).toBe('a\\u{a}\\u{1b}[31mb')
  })

  it('says what does not fit', () => {
    expect(incompatibility(hello, hello)).toBeNull()
    expect(incompatibility(hello, { ...hello, session: filled(8, 9) })).toBeNull()
    expect(incompatibility(hello, { ...hello, genesisHash: filled(32, 3) })).toMatch(
      /another chain: your genesis is 0x0303/,
    )
    expect(incompatibility(hello, { ...hello, version: 1 })).toBe('another protocol version: yours is 1, ours 2')
  })
})

describe('identity', () => {
  it('is the same for the same seed', async () => {
    const { peerId } = await identityOfSeed(filled(32, 1))
    expect(peerId).toMatch(/^12D3KooW/)
    expect(await multiaddrOfSeed(filled(32, 1), '127.0.0.1', 9000)).toBe(`/ip4/127.0.0.1/tcp/9000/p2p/${peerId}`)
    await expect(identityOfSeed(filled(31, 1))).rejects.toThrow('32 bytes')
    await expect(multiaddrOfSeed(filled(31, 1), '127.0.0.1', 9000)).rejects.toThrow('32 bytes')
  })

  it('is that of libp2p', async () => {
    for (let byte = 0; byte < 256; byte += 5) {
      const { privateKey, peerId } = await identityOfSeed(filled(32, byte))
      expect(peerId).toBe(peerIdFromPrivateKey(privateKey).toString())
    }
  })

  it('knows addresses', () => {
    expect(listenAddress('::1', 1)).toBe('/ip6/::1/tcp/1')
    expect(listenAddress('node.example', 1)).toBe('/dns/node.example/tcp/1')
    expect(['127.0.0.1', '127.8.8.8', '::1', 'localhost', '10.0.0.1', '::2', '127.example'].map(isLoopback)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })
})

describe('names', () => {
  it('carry the genesis hash', () => {
    const names = wireNames(Uint8Array.from({ length: 32 }, (_, i) => i))
    expect(names.topic.tx).toBe('/touchstone/00010203/tx/2')
    expect(names.protocol('blocks')).toBe('/touchstone/00010203/blocks/2')
  })

  it('make an id of topic and content', () => {
    const id = messageId('t', Uint8Array.of(1))
    expect(id).toHaveLength(32)
    expect(messageId('t', Uint8Array.of(1))).toEqual(id)
    expect(messageId('u', Uint8Array.of(1))).not.toEqual(id)
    expect([...idOfKey(idKey(id))]).toEqual([...id])
  })
})

describe('penalties', () => {
  it('ban at the limit, for a while, and forgive a point a second', () => {
    const penalties = new Penalties({ penaltyLimit: 100, banTime: 30_000 })
    expect(penalties.add('p', 60, 0)).toBeNull()
    expect(penalties.points('p', 20_000)).toBe(40)
    expect(penalties.add('p', 59, 20_000)).toBeNull()
    expect(penalties.add('p', 1, 20_000)).toBe('banned')
    expect(penalties.isBanned('p', 49_999)).toBe(true)
    expect(penalties.isBanned('p', 50_000)).toBe(false)
    expect(penalties.points('p', 50_000)).toBe(0)
    expect(penalties.isBanned('q', 0)).toBe(false)
  })

  it('throttle a peer named at start for what it says, and ban it for how it speaks', () => {
    const penalties = new Penalties({ penaltyLimit: 100, banTime: 30_000 }, (peer) => peer === 'named')
    expect(penalties.add('named', 90, 0)).toBeNull()
    expect(penalties.add('named', 50, 0, 'framing')).toBeNull()
    expect(penalties.points('named', 0)).toBe(140)
    expect(penalties.add('named', 10, 0)).toBe('throttled')
    expect([penalties.isThrottled('named', 29_999), penalties.isBanned('named', 0)]).toEqual([true, false])
    expect(penalties.isThrottled('named', 30_000)).toBe(false)
    expect(penalties.add('named', 50, 0, 'framing')).toBe('banned')
    expect(penalties.isBanned('named', 29_999)).toBe(true)
    // Of a stranger it does not matter what the points are for.
    expect(penalties.add('stranger', 50, 0)).toBeNull()
    expect(penalties.add('stranger', 50, 0, 'framing')).toBe('banned')
    expect(penalties.isThrottled('stranger', 0)).toBe(false)
  })
})

describe('quota', () => {
  it('lets save up, and gives back over time', () => {
    const quota = new Quota(10, 20, 0)
    expect(quota.take(0, 20)).toBe(true)
    expect(quota.take(0)).toBe(false)
    expect(quota.take(100)).toBe(true)
    expect(quota.take(100)).toBe(false)
    expect(quota.take(60_000, 21)).toBe(false)
    expect(quota.take(60_000, 20)).toBe(true)
  })

  it('says how long what is reserved has to wait', () => {
    const quota = new Quota(10, 20, 0)
    expect(quota.reserve(0, 20)).toBe(0)
    expect(quota.reserve(0, 5)).toBe(500)
    expect(quota.reserve(0, 5)).toBe(1_000)
    expect(quota.take(1_000)).toBe(false)
    expect(quota.reserve(2_000, 10)).toBe(0)
  })
})

describe('redial', () => {
  const setup = () => {
    const clock = manualClock()
    const dials: number[] = []
    let up = false
    const redial = new Redial({
      clock,
      minPause: 100,
      maxPause: 1_000,
      targets: ['p'],
      async dial() {
        dials.push(clock.monotonic())
        if (!up) throw new Error('down')
      },
      onFailure: () => undefined,
    })
    const setUp = (value: boolean) => {
      up = value
    }
    return { clock, dials, redial, setUp }
  }

  it('waits longer each time, up to the bound', async () => {
    const { clock, dials, redial } = setup()
    redial.start()
    await clock.advance(4_000)
    expect(dials).toEqual([0, 100, 300, 700, 1_500, 2_500, 3_500])
    redial.stop()
    await clock.advance(4_000)
    expect(dials).toHaveLength(7)
  })

  it('begins with the shortest pause after each loss, and dials at once then', async () => {
    const { clock, dials, redial, setUp } = setup()
    redial.start()
    await clock.advance(2_000)
    setUp(true)
    await clock.advance(1_000)
    redial.connected('p')
    const before = dials.length
    await clock.advance(10_000)
    expect(dials).toHaveLength(before)
    setUp(false)
    redial.lost('p')
    await clock.advance(300)
    expect(dials.slice(before).map((at) => at - 13_000)).toEqual([0, 100, 300])
  })
})

describe('peer table', () => {
  it('tells of a peer once a session, and of a new session as of a new peer', () => {
    const table = new PeerTable()
    const events: string[] = []
    table.onEvent(({ kind, peer }) => events.push(`${kind} ${peer}`))
    const peer = { id: 'p', address: '/x', named: false, agent: 'a', session: '1' }
    expect(table.add(peer)).toBe(true)
    expect(table.add(peer)).toBe(false)
    expect(table.add({ ...peer, session: '2' })).toBe(true)
    table.remove('p')
    table.remove('p')
    expect(events).toEqual(['connected p', 'disconnected p', 'connected p', 'disconnected p'])
  })

  it('lets one wait for a peer, for a bounded time', async () => {
    const clock = manualClock()
    const table = new PeerTable()
    const waiting = table.ready('p', clock, 1_000)
    table.add({ id: 'p', address: '/x', named: false, agent: 'a', session: '1' })
    await waiting
    const late = expect(table.ready('q', clock, 1_000)).rejects.toThrow('within 1000 ms')
    await clock.advance(1_000)
    await late
    const refused = expect(table.ready('r', clock, 1_000)).rejects.toThrow('ended before')
    table.remove('r')
    await refused
  })
})

describe('memory of messages', () => {
  it('keeps the recent ones and is bounded', () => {
    const seen = new SeenMessages(100)
    const recent = new RecentSet(100)
    for (let i = 0; i < 1_000; i++) {
      seen.set(`${i}`, 'accept')
      recent.add(`${i}`)
    }
    for (let i = 951; i < 1_000; i++) {
      expect(seen.get(`${i}`)).toBe('accept')
      expect(recent.has(`${i}`)).toBe(true)
    }
    expect(seen.get('0')).toBeUndefined()
    expect(recent.has('0')).toBe(false)
    seen.forget('999')
    expect(seen.get('999')).toBeUndefined()
  })

  it('of the cache is bounded in number, bytes and time', () => {
    const cache = new MessageCache({ cacheTime: 100, cacheMessages: 3, cacheBytes: 10 })
    const put = (key: string, length: number, now: number) =>
      cache.put(key, { topic: 'tx', payload: new Uint8Array(length) }, now)
    for (const key of ['a', 'b', 'c', 'd']) put(key, 1, 0)
    expect(cache.keys(0)).toEqual(['b', 'c', 'd'])
    put('e', 9, 50)
    expect(cache.keys(50)).toEqual(['d', 'e'])
    put('f', 11, 50)
    expect(cache.keys(50)).toEqual(['d', 'e'])
    expect(cache.keys(100)).toEqual(['e'])
    expect(cache.keys(150)).toEqual([])
  })
})

describe('gate', () => {
  it('runs a few, lets some wait in order, and refuses the rest', async () => {
    const gate = new Gate(2, 2)
    const order: number[] = []
    const release: (() => void)[] = []
    const task = (n: number) =>
      gate.run(async () => {
        order.push(n)
        await new Promise<void>((resolve) => release.push(resolve))
      })
    const running = [task(1), task(2), task(3), task(4)]
    await expect(task(5)).rejects.toMatchObject({ code: 'busy' })
    expect(order).toEqual([1, 2])
    release.shift()!()
    await running[0]
    await Promise.resolve()
    expect(order).toEqual([1, 2, 3])
    for (let i = 0; i < 3; i++) {
      release.shift()!()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(running)
    expect(order).toEqual([1, 2, 3, 4])
  })
})
