import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { DEFAULT_LIMITS, type NetworkLimits } from '../limits.ts'
import type { GossipVerdict } from '../network.ts'
import { idKey, messageId } from '../topics.ts'
import { PushGossip } from './push.ts'
import { SeenMessages } from './seenMessages.ts'

/** Nodes whose links deliver at once, unless they are cut; every frame is counted. */
function network(
  names: readonly string[],
  verdict: (node: string, from: string) => GossipVerdict = () => 'accept',
  more: Partial<NetworkLimits> = {},
  namesFirst: (own: string, peer: string) => boolean = () => true,
  /** By default messages that end with a digit are of that stage. */
  stageOf: (text: string) => number | null = (text) => (/\d$/.test(text) ? Number(text.at(-1)) : null),
) {
  const clock = manualClock()
  const random = seededRandom(7)
  const received = new Map<string, string[]>(names.map((name) => [name, []]))
  const frames: { from: string; to: string; kind: number }[] = []
  const cut = new Set<string>()
  const faults: string[] = []
  const nodes = new Map(
    names.map((name) => {
      const seen = new SeenMessages(1_000)
      const push: PushGossip = new PushGossip({
        clock,
        limits: { ...DEFAULT_LIMITS, idsPerFrame: 4, ...more },
        seen,
        namesFirst: (peer) => namesFirst(name, peer),
        random: random.below,
        id: messageId,
        stageOf: (_topic, payload) => stageOf(new TextDecoder().decode(payload)),
        async receive(topic, payload, id, from) {
          const key = idKey(id)
          if (seen.get(key) !== undefined) return 'ignore'
          received.get(name)!.push(new TextDecoder().decode(payload))
          const judged = verdict(name, from)
          if (judged === 'accept' || judged === 'reject') seen.set(key, judged)
          if (judged === 'accept') push.accepted(topic, payload, id)
          return judged
        },
      })
      return [name, { push, seen }] as const
    }),
  )
  const link = (from: string, to: string) => {
    nodes.get(from)!.push.addLink(to, {
      send(frame) {
        frames.push({ from, to, kind: frame[4]! })
        if (cut.has(`${from}${to}`)) return true
        void nodes
          .get(to)!
          .push.receive(from, frame.subarray(4))
          .then((fault) => fault !== null && faults.push(fault))
        return true
      },
    })
  }
  const publish = (from: string, text: string) => {
    const payload = new TextEncoder().encode(text)
    const id = messageId('consensus', payload)
    nodes.get(from)!.seen.set(idKey(id), 'accept')
    nodes.get(from)!.push.publish('consensus', payload, id)
  }
  const mesh = () => {
    for (const from of names) for (const to of names) if (from !== to) link(from, to)
  }
  return { clock, received, frames, cut, faults, nodes, link, publish, mesh }
}

describe('push gossip', () => {
  it('crosses each link once in a full mesh, and nobody asks for anything', async () => {
    const net = network(['a', 'b', 'c', 'd'])
    net.mesh()
    net.publish('a', 'one')
    await net.clock.advance(1_000)
    for (const name of ['b', 'c', 'd']) expect(net.received.get(name)).toEqual(['one'])
    expect(net.frames.filter(({ kind }) => kind === 2)).toHaveLength(3)
    expect(net.frames.filter(({ kind }) => kind === 0x11)).toHaveLength(0)
    // Who sent it, or was sent it, is not told of it.
    expect(net.frames.filter(({ from, to, kind }) => kind === 0x10 && (from === 'a' || to === 'a'))).toEqual([])
  })

  it('is named by one of two that have it, and by the other where the first does not', async () => {
    const net = network(['a', 'b', 'c', 'd'], undefined, {}, (own, peer) => own < peer)
    net.mesh()
    const named = () => net.frames.filter(({ kind }) => kind === 0x10).map(({ from, to }) => from + to)
    net.publish('c', 'one')
    await net.clock.advance(1_000)
    expect(named().toSorted()).toEqual(['ab', 'ad', 'bd'])
    net.cut.add('ca')
    net.frames.length = 0
    net.publish('c', 'two')
    const { announceDelay, announceSecondDelay } = DEFAULT_LIMITS
    await net.clock.advance(announceDelay)
    expect(net.received.get('a')).toEqual(['one'])
    await net.clock.advance(announceSecondDelay)
    expect(net.received.get('a')).toEqual(['one', 'two'])
  })

  it('is not named to a peer that has sent something of a later stage', async () => {
    const net = network(['a', 'b', 'c'], undefined, {}, (own, peer) => own > peer)
    net.mesh()
    const named = () => net.frames.filter(({ kind }) => kind === 0x10).map(({ from, to }) => from + to)
    net.publish('a', 'vote of 1')
    await net.clock.advance(30)
    net.publish('b', 'vote of 2')
    // The time of the first, and not that of the second; c does not tell b.
    await net.clock.advance(DEFAULT_LIMITS.announceDelay - 30)
    expect(named()).toEqual([])
    await net.clock.advance(1_000)
    expect(named()).toEqual(['bc', 'ca'])
  })

  it('is named together with what is named soon before it, and wakes nobody for itself', async () => {
    const net = network(['a', 'b', 'c'])
    net.mesh()
    const named = () => net.frames.filter(({ kind }) => kind === 0x10).map(({ from, to }) => from + to)
    net.cut.add('ab')
    net.publish('a', 'transaction')
    await net.clock.advance(8)
    net.publish('a', 'vote of 1')
    await net.clock.advance(DEFAULT_LIMITS.announceDelay - 8)
    expect(net.received.get('b')).toEqual(['transaction', 'vote of 1'])
    expect(named()).toEqual(['cb', 'cb'])
    await net.clock.advance(1_000)
    expect(named().filter((link) => link === 'cb').length).toBe(2)
  })

  it('is named to who sent something of its own stage or of one before, or of none', async () => {
    const net = network(['a', 'b', 'c'])
    net.mesh()
    net.cut.add('ac')
    net.publish('c', 'vote of 1')
    net.publish('c', 'vote of 2')
    net.publish('c', 'transaction')
    net.publish('a', 'proposal of 2')
    await net.clock.advance(1_000)
    expect(net.received.get('c')).toEqual(['proposal of 2'])
  })

  it('tells a peer that is there again of the stages before, as it may have forgotten them', async () => {
    const net = network(['a', 'b', 'c'])
    net.mesh()
    net.publish('c', 'vote of 5')
    await net.clock.advance(1_000)
    net.nodes.get('b')!.push.removeLink('c')
    net.link('b', 'c')
    net.cut.add('ac')
    net.publish('a', 'vote of 4')
    await net.clock.advance(1_000)
    expect(net.received.get('c')).toEqual(['vote of 4'])
  })

  it('goes round a cut link', async () => {
    const net = network(['a', 'b', 'c'])
    net.mesh()
    net.cut.add('ab')
    net.publish('a', 'one')
    await net.clock.advance(DEFAULT_LIMITS.announceDelay - 1)
    expect(net.received.get('b')).toEqual([])
    await net.clock.advance(1)
    expect(net.received.get('b')).toEqual(['one'])
  })

  it('reaches nodes that are several hops away', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const net = network(names)
    for (let i = 0; i + 1 < names.length; i++) {
      net.link(names[i]!, names[i + 1]!)
      net.link(names[i + 1]!, names[i]!)
    }
    net.publish('a', 'far')
    await net.clock.advance(4 * DEFAULT_LIMITS.announceDelay)
    for (const name of names.slice(1)) expect(net.received.get(name)).toEqual(['far'])
  })

  it('offers a new link what was published before it', async () => {
    const net = network(['a', 'b'])
    for (const text of ['1', '2', '3', '4', '5', '6', '7', '8', '9']) net.publish('a', text)
    net.link('b', 'a')
    net.link('a', 'b')
    await net.clock.advance(10)
    expect(net.received.get('b')!.toSorted()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  it('takes up an announcement that came before there was a way to answer it', async () => {
    const net = network(['a', 'b'])
    net.publish('a', 'early')
    net.link('a', 'b')
    await net.clock.advance(3 * DEFAULT_LIMITS.wantTimeout)
    expect(net.received.get('b')).toEqual([])
    net.link('b', 'a')
    await net.clock.advance(1)
    expect(net.received.get('b')).toEqual(['early'])
  })

  it('names a message later to a peer that was too slow to be sent it', async () => {
    const net = network(['a', 'b'])
    net.link('b', 'a')
    let full = true
    const { push } = net.nodes.get('a')!
    push.addLink('b', {
      send(frame) {
        if (!full) void net.nodes.get('b')!.push.receive('a', frame.subarray(4))
        return !full
      },
    })
    net.publish('a', 'late')
    full = false
    await net.clock.advance(DEFAULT_LIMITS.announceDelay)
    expect(net.received.get('b')).toEqual(['late'])
  })

  it('sends to one peer alone, and tells the link what the peer has', async () => {
    const net = network(['a', 'b', 'c'])
    net.mesh()
    const payload = new TextEncoder().encode('answer')
    const id = messageId('consensus', payload)
    expect(net.nodes.get('a')!.push.send('b', 'consensus', payload, id)).toBe(true)
    expect(net.nodes.get('a')!.push.send('nobody', 'consensus', payload, id)).toBe(false)
    expect([...net.received.values()]).toEqual([[], ['answer'], []])
    const dropped: string[] = []
    net.nodes.get('a')!.push.addLink('c', { send: () => true, drop: (key) => void dropped.push(key) })
    net.publish('c', 'known')
    await net.nodes.get('a')!.push.receive('c', Uint8Array.of(0x10, ...id))
    const known = messageId('consensus', new TextEncoder().encode('known'))
    expect(dropped).toEqual([idKey(known), idKey(id)])
  })

  it('forgets what is too old to be of use', async () => {
    const net = network(['a', 'b'])
    net.publish('a', 'old')
    await net.clock.advance(DEFAULT_LIMITS.cacheTime)
    net.link('b', 'a')
    net.link('a', 'b')
    await net.clock.advance(1_000)
    expect(net.received.get('b')).toEqual([])
  })

  it('asks the next announcer when the first does not deliver', async () => {
    const net = network(['a', 'b', 'c', 'd'])
    net.mesh()
    net.cut.add('ad')
    // A request of d to b never arrives there.
    net.cut.add('db')
    net.publish('a', 'one')
    await net.clock.advance(DEFAULT_LIMITS.announceDelay)
    const asked = net.frames.filter(({ from, kind }) => from === 'd' && kind === 0x11).map(({ to }) => to)
    expect(asked).toEqual(['b'])
    await net.clock.advance(DEFAULT_LIMITS.wantTimeout)
    expect(net.received.get('d')).toEqual(['one'])
  })

  it.each([5, 99])(
    'asks an honest announcer after %i strangers that announced before it and give nothing',
    async (count) => {
      const strangers = Array.from({ length: count }, (_, index) => `stranger ${index}`)
      for (const seed of [1, 2, 3, 4, 5]) {
        const clock = manualClock()
        const random = seededRandom(seed)
        const asked: { peer: string; at: number }[] = []
        const push = new PushGossip({
          clock,
          limits: DEFAULT_LIMITS,
          seen: new SeenMessages(100),
          random: random.below,
          id: messageId,
          receive: async () => 'accept',
        })
        for (const peer of [...strangers, 'honest']) {
          push.addLink(peer, {
            send(frame) {
              if (frame[4] === 0x11) asked.push({ peer, at: clock.monotonic() })
              return true
            },
          })
        }
        const have = Uint8Array.from([0x10, ...random.bytes(32)])
        for (const stranger of strangers) await push.receive(stranger, have)
        await clock.advance(10)
        await push.receive('honest', have)
        await clock.advance(60_000)
        // Twice as many after each timeout: 1, 2, 4, ... in all.
        const steps = Math.ceil(Math.log2(count + 1))
        expect(asked.find(({ peer }) => peer === 'honest')!.at).toBeLessThanOrEqual(steps * DEFAULT_LIMITS.wantTimeout)
        // Nobody is asked twice for one announcement.
        expect(new Set(asked.map(({ peer }) => peer)).size).toBe(asked.length)
      }
    },
  )

  it('asks over a link that it does not push to, and tells it everything when it begins to', async () => {
    const net = network(['a', 'b', 'c'])
    net.link('b', 'a')
    net.link('c', 'b')
    net.link('b', 'c')
    const { push } = net.nodes.get('a')!
    const sent: number[] = []
    push.addLink(
      'b',
      {
        send(frame) {
          sent.push(frame[4]!)
          void net.nodes.get('b')!.push.receive('a', frame.subarray(4))
          return true
        },
      },
      false,
    )
    expect(push.hasLink('b')).toBe(false)
    net.publish('c', 'theirs')
    net.publish('a', 'ours')
    await net.clock.advance(1_000)
    expect(net.received.get('a')).toEqual(['theirs'])
    expect(net.received.get('b')).toEqual(['theirs'])
    expect(sent).toEqual([0x11])
    push.startPushing('b')
    push.startPushing('b')
    await net.clock.advance(1)
    expect(net.received.get('b')).toEqual(['theirs', 'ours'])
    expect(sent).toEqual([0x11, 0x10, 2])
  })

  it('asks the next announcer when a copy is left alone because of who sent it', async () => {
    const net = network(['a', 'b', 'c', 'd'], (node, from) => (node === 'd' && from === 'b' ? 'unheard' : 'accept'))
    net.mesh()
    net.cut.add('ad')
    net.publish('a', 'one')
    await net.clock.advance(DEFAULT_LIMITS.announceDelay + 1)
    // Both have it; b was asked, and then c, which is not put off to the next attempt.
    expect(net.received.get('d')).toEqual(['one', 'one'])
    const asked = net.frames.filter(({ from, kind }) => from === 'd' && kind === 0x11).map(({ to }) => to)
    expect(asked).toEqual(['b', 'c'])
    await net.clock.advance(10 * DEFAULT_LIMITS.wantTimeout)
    expect(net.received.get('d')).toEqual(['one', 'one'])
  })

  it('does not pass on what was not accepted', async () => {
    for (const verdict of ['ignore', 'reject'] as const) {
      const net = network(['a', 'b', 'c'], () => verdict)
      net.link('a', 'b')
      net.link('b', 'c')
      net.link('c', 'b')
      net.publish('a', 'bad')
      await net.clock.advance(1_000)
      expect(net.received.get('b')).toEqual(['bad'])
      expect(net.received.get('c')).toEqual([])
    }
  })

  it('judges again what was ignored, when it is published again', async () => {
    let verdict: GossipVerdict = 'ignore'
    const net = network(['a', 'b'], () => verdict)
    net.link('a', 'b')
    net.publish('a', 'early')
    await net.clock.advance(1)
    verdict = 'accept'
    net.publish('a', 'early')
    net.publish('a', 'early')
    await net.clock.advance(1)
    expect(net.received.get('b')).toEqual(['early', 'early'])
  })

  it('names the fault of a frame and goes on', async () => {
    const net = network(['a', 'b'])
    net.mesh()
    const { push } = net.nodes.get('a')!
    expect(await push.receive('b', new Uint8Array(0))).toMatch('empty frame')
    expect(await push.receive('b', Uint8Array.of(0x42))).toMatch('unknown kind')
    expect(await push.receive('b', new Uint8Array(34).fill(0x10))).toMatch('multiple of 32')
    expect(await push.receive('b', new Uint8Array(1 + 5 * 32).fill(0x11))).toMatch('at most 128')
    const large = new Uint8Array(2 + DEFAULT_LIMITS.messageBytes.tx)
    expect(await push.receive('b', large)).toMatch('a tx message of')
  })

  it('survives any bytes from a link (seeded)', async () => {
    const net = network(['a', 'b', 'c'])
    net.mesh()
    const random = seededRandom(11)
    const { push } = net.nodes.get('a')!
    for (let i = 0; i < 2_000; i++) {
      const frame = random.bytes(random.below(200))
      // Half of them of a kind there is.
      if (i % 2 === 0 && frame.length > 0) frame[0] = [0, 1, 2, 0x10, 0x11][random.below(5)]!
      await push.receive('b', frame)
    }
    await net.clock.advance(10_000)
    net.publish('b', 'still here')
    await net.clock.advance(10)
    expect(net.received.get('a')).toContain('still here')
  })
})

describe('a peer that asks or announces without end', () => {
  const HAVE = 0x10
  const WANT = 0x11
  const PATIENT = { idsBurst: 1_000_000 }
  const list = (kind: number, ids: readonly Uint8Array[]) => Uint8Array.from([kind, ...ids.flatMap((id) => [...id])])

  it('does not keep the announcements of others from being answered', async () => {
    const { nodes, frames, clock, link, publish } = network(['a', 'b', 'x'], () => 'accept', PATIENT)
    const { push } = nodes.get('a')!
    link('a', 'x')
    const random = seededRandom(1)
    for (let sent = 0; sent < DEFAULT_LIMITS.announcedPerPeer + 400; sent += 4) {
      await push.receive('x', list(HAVE, [random.bytes(32), random.bytes(32), random.bytes(32), random.bytes(32)]))
    }
    const asked = frames.filter(({ to, kind }) => to === 'x' && kind === WANT).length
    expect(asked).toBe(DEFAULT_LIMITS.announcedPerPeer / 4)
    // And the places are free again when nothing comes of it.
    await clock.advance(DEFAULT_LIMITS.promiseTime + DEFAULT_LIMITS.wantTimeout)
    await push.receive('x', list(HAVE, [random.bytes(32)]))
    expect(frames.filter(({ to, kind }) => to === 'x' && kind === WANT).length).toBe(asked + 1)
    // Meanwhile b is heard as ever.
    link('a', 'b')
    publish('b', 'news')
    link('b', 'a')
    await clock.advance(100)
    expect(frames.some(({ from, to, kind }) => from === 'a' && to === 'b' && kind === WANT)).toBe(true)
  })

  it('is told that it is at fault', async () => {
    const { nodes, clock } = network(['a', 'x'])
    const { push } = nodes.get('a')!
    const { idsBurst, idsPerSecond } = DEFAULT_LIMITS
    const ids = Array.from({ length: 4 }, () => new Uint8Array(32))
    const faults = async (count: number) => {
      let found = 0
      for (let sent = 0; sent < count; sent++) if ((await push.receive('x', list(WANT, ids))) !== null) found++
      return found
    }
    expect(await faults(idsBurst / 4)).toBe(0)
    expect(await faults(3)).toBe(3)
    await clock.advance(1_000)
    expect(await faults(idsPerSecond / 4 + 1)).toBe(1)
  })

  it('gets a bounded number of bytes for it, and more as time goes by', async () => {
    const { nodes, frames, clock, link } = network(['a', 'x'])
    const { push } = nodes.get('a')!
    link('a', 'x')
    const payload = new Uint8Array(1024 * 1024)
    const id = messageId('block', payload)
    push.accepted('block', payload, id)
    const sent = () => frames.filter(({ to, kind }) => to === 'x' && kind === 1).length
    for (let asked = 0; asked < 1_000; asked++) await push.receive('x', list(WANT, [id]))
    expect(sent()).toBe(DEFAULT_LIMITS.repairBurstBytes / payload.length)
    await clock.advance(1_000)
    for (let asked = 0; asked < 100; asked++) await push.receive('x', list(WANT, [id]))
    expect(sent()).toBe((DEFAULT_LIMITS.repairBurstBytes + DEFAULT_LIMITS.repairBytesPerSecond) / payload.length)
  })
})
