/** Below the streams, over real connections: what libp2p answers by itself, and what is counted of it. */
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, MessageStream, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { concatBytes } from '../codec/bytes.ts'
import { systemClock } from '../runtime/clock.ts'
import { greet, makeHello } from './connections/handshake.ts'
import { encodeFrame } from './framing/framing.ts'
import { ByteBudget } from './framing/heldBytes.ts'
import type { NetworkLimits } from './limits.ts'
import { stopNetworks, TEST_GENESIS, type TestNetwork, testNetwork, text, until } from './testing/testNetworks.ts'
import { STATUS_PROTOCOL, wireNames } from './topics.ts'

const names = wireNames(TEST_GENESIS)
const room = new ByteBudget(1 << 20).of('')
const attackers: Libp2p[] = []

afterEach(async () => {
  await Promise.all(attackers.splice(0).map((attacker) => attacker.stop()))
  await stopNetworks()
})

interface Attack {
  readonly victim: TestNetwork
  readonly connection: Connection
  readonly encrypted: MessageStream & { readonly stream: { readonly socket: { pause(): void; resume(): void } } }
  newStream(): Promise<Stream>
  /** Why the victim disconnected the attacker. */
  reason(): string | undefined
}

async function attack(limits: Partial<NetworkLimits> = {}, another?: TestNetwork): Promise<Attack> {
  const victim = another ?? (await testNetwork(0, { limits }))
  if (another === undefined) await victim.network.start()
  const attacker = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ maxOutboundStreams: 10_000 })],
    services: { identify: identify() },
  })
  attackers.push(attacker)
  const connection = await attacker.dial(multiaddr(victim.address()))
  const { muxer } = connection as unknown as { muxer: { maConn: Attack['encrypted']; createStream(): Promise<Stream> } }
  return {
    victim,
    connection,
    encrypted: muxer.maConn,
    newStream: () => muxer.createStream(),
    reason: () =>
      victim.log
        .filter(({ message }) => message === 'disconnected a peer that misbehaved')
        .map(({ fields }) => (fields as { readonly reason: string }).reason)[0],
  }
}

function headers(count: number, type: number, flags: number, length = 0): Uint8Array {
  const bytes = new Uint8Array(12 * count)
  for (let at = 0; at < count; at++) {
    const view = new DataView(bytes.buffer, 12 * at)
    view.setUint16(0, type)
    view.setUint16(2, flags)
    view.setUint32(4, type === 2 ? 0 : 1_000_001 + 2 * at)
    view.setUint32(8, length)
  }
  return bytes
}

const hello = (session: number) => makeHello(TEST_GENESIS, new Uint8Array(8).fill(session), 'x')

async function joined(connection: Connection, session: number) {
  const stream = await connection.newStream(STATUS_PROTOCOL)
  return greet(stream, { clock: systemClock, timeout: 5_000, room, hello: hello(session) })
}

const mss = (name: string) => concatBytes(Uint8Array.of(name.length + 1), text(`${name}\n`))

describe('a peer is banned for', () => {
  it('pings of the muxer, before it has said who it is', async () => {
    const { encrypted, reason } = await attack({ pingsBurst: 100 })
    encrypted.send(headers(200, 2, 1))
    await until(() => reason()?.includes('pings of the muxer') === true, 'it is banned')
  })

  it('opening streams', async () => {
    const { encrypted, reason } = await attack({ streamsBurst: 100 })
    encrypted.send(headers(200, 1, 1))
    await until(() => reason()?.includes('new streams') === true, 'it is banned')
  })

  it('a frame of the muxer that is longer than a window, when its header has come', async () => {
    const { encrypted, reason } = await attack()
    encrypted.send(headers(1, 0, 1, 1_048_577))
    await until(() => reason()?.includes('1048577 bytes') === true, 'it is banned')
  })

  it('answers that it does not read', async () => {
    const { victim, connection, encrypted, reason } = await attack({ connectionBacklogBytes: 1_000_000 })
    victim.network.setRequestHandler('large', async () => [new Uint8Array(8_000_000)])
    await joined(connection, 1)
    const streams = []
    for (let count = 0; count < 4; count++) streams.push(await connection.newStream(names.protocol('large')))
    encrypted.stream.socket.pause()
    for (const stream of streams) {
      stream.send(encodeFrame(new Uint8Array(0)))
      // The peer may send all of it at once, says this.
      const window = headers(1, 1, 0, 0x7fff_ffff)
      new DataView(window.buffer).setUint32(4, Number(stream.id))
      encrypted.send(window)
    }
    await until(() => reason()?.includes('reads nothing') === true, 'it is banned')
  })

  it.each(['ls', '/not/served'])('talk about protocols that comes to nothing: %s', async (name) => {
    const { newStream, reason } = await attack()
    const stream = await newStream()
    stream.send(concatBytes(mss('/multistream/1.0.0'), ...Array.from({ length: 20 }, () => mss(name))))
    await until(() => reason()?.includes('talks about protocols') === true, 'it is banned')
  })

  it('more status handshakes than one connection needs', async () => {
    const { victim, connection, reason } = await attack({ handshakesPerConnection: 2 })
    expect(await joined(connection, 1)).toMatchObject({ ok: true })
    await until(() => victim.network.peers().length === 1, 'it is a peer')
    const events: string[] = []
    victim.network.onPeer(({ kind }) => events.push(kind))
    await joined(connection, 1)
    expect(events).toEqual([])
    await joined(connection, 2).catch(() => null)
    await until(() => reason()?.includes('status handshakes') === true, 'it is banned')
    expect(events.filter((kind) => kind === 'connected')).toEqual([])
  })
})

describe('a peer is not banned, and costs little, for', () => {
  it('reading slowly; when all strangers together hold too much, who holds most is disconnected', async () => {
    const { victim, connection, encrypted, reason } = await attack({ unsentBytes: 1_000_000 })
    victim.network.setRequestHandler('large', async () => [new Uint8Array(8_000_000)])
    await joined(connection, 1)
    const streams = []
    for (let count = 0; count < 2; count++) streams.push(await connection.newStream(names.protocol('large')))
    encrypted.stream.socket.pause()
    for (const stream of streams) stream.send(encodeFrame(new Uint8Array(0)))
    const why = () => victim.log.some(({ fields }) => JSON.stringify(fields).includes('reads too slowly'))
    await until(() => why() && victim.network.peers().length === 0, 'it is disconnected')
    expect(reason()).toBeUndefined()
  })

  it.each([
    [
      'frames of the muxer',
      async ({ encrypted }: Attack, bytes: number) => {
        encrypted.send(concatBytes(headers(1, 0, 1, 1_000_000), new Uint8Array(bytes)))
      },
    ],
    [
      'messages',
      async ({ connection }: Attack, bytes: number) => {
        await joined(connection, 1)
        const stream = await connection.newStream(names.protocol('push'))
        stream.send(concatBytes(Uint8Array.of(0, 0x10, 0, 0, 0), new Uint8Array(bytes)))
      },
    ],
    [
      'RPCs of gossipsub',
      async ({ connection }: Attack, bytes: number) => {
        await joined(connection, 1)
        const stream = await connection.newStream('/meshsub/1.2.0')
        stream.send(concatBytes(Uint8Array.of(0x80, 0x80, 0x40), new Uint8Array(bytes)))
      },
    ],
  ])('unfinished %s; when all strangers hold too much, who held most for longest is disconnected', async (_, begin) => {
    const first = await attack({ partialFrameBytes: 100_000 })
    await begin(first, 40_000)
    // The other begins when the first has had it for some time.
    await new Promise((resolve) => setTimeout(resolve, 100))
    const other = await attack({}, first.victim)
    await begin(other, 70_000)
    await until(() => first.connection.status !== 'open', 'the first is disconnected')
    expect(first.victim.log.some(({ fields }) => JSON.stringify(fields).includes('unfinished frames'))).toBe(true)
    expect(other.connection.status).toBe('open')
    expect(first.reason()).toBeUndefined()
  })

  it('what it sends on a stream that cannot be read; at the bound of all, who sent most is disconnected', async () => {
    const { victim, connection, reason } = await attack({ unreadBytes: 100_000, pendingMessagesPerPeer: 1 })
    victim.network.setGossipHandler('tx', () => new Promise(() => undefined))
    await joined(connection, 1)
    const stream = await connection.newStream(names.protocol('push-bulk'))
    for (let at = 0; at < 4; at++) stream.send(concatBytes(Uint8Array.of(0, 0, 0xc3, 0x51, 0), new Uint8Array(50_000)))
    const why = () => victim.log.some(({ fields }) => JSON.stringify(fields).includes('cannot be read yet'))
    await until(() => why() && connection.status !== 'open', 'it is disconnected')
    expect(reason()).toBeUndefined()
  })

  it('another session now and then; more often it is disconnected', async () => {
    const { victim, connection, reason } = await attack({ sessionsBurst: 2, sessionsPerMinute: 1 })
    const events: string[] = []
    victim.network.onPeer(({ kind }) => events.push(kind))
    for (const session of [1, 2]) expect(await joined(connection, session)).toMatchObject({ ok: true })
    await until(() => events.filter((kind) => kind === 'connected').length === 2, 'both sessions')
    await joined(connection, 3).catch(() => null)
    await until(() => connection.status !== 'open', 'it is disconnected')
    expect(events.filter((kind) => kind === 'connected')).toHaveLength(2)
    expect(reason()).toBeUndefined()
  })

  it('many frames: it is read later', async () => {
    const { encrypted, connection, reason } = await attack({ framesPerSecond: 1_000 })
    for (let count = 0; count < 10; count++) encrypted.send(headers(2_000, 1, 0))
    expect(await joined(connection, 1)).toMatchObject({ ok: true })
    expect(reason()).toBeUndefined()
  })

  it('what it sends on a stream before its purpose is agreed: that comes to whom it is for, later', async () => {
    const { victim, connection, newStream, reason } = await attack({ earlyStreamBytes: 1_000 })
    let judged = 0
    victim.network.setGossipHandler('tx', () => {
      judged++
      return 'ignore'
    })
    await joined(connection, 1)
    const stream = await newStream()
    const message = (at: number) => concatBytes(Uint8Array.of(0, 0, 0, 101, 0), new Uint8Array(100).fill(at))
    const first = Array.from({ length: 50 }, (_, at) => message(at))
    stream.send(concatBytes(mss('/multistream/1.0.0'), mss(names.protocol('push')), ...first))
    stream.send(message(50))
    await until(() => judged === 51, 'all messages')
    expect(reason()).toBeUndefined()
  })
})

describe('streams for gossip', () => {
  it('are read one of a peer, the last: what it began on others is not kept', async () => {
    const { victim, connection } = await attack()
    victim.network.setGossipHandler('tx', () => 'accept')
    await joined(connection, 1)
    const [first, second, third] = [
      await connection.newStream('/meshsub/1.2.0'),
      await connection.newStream('/meshsub/1.2.0'),
      await connection.newStream('/meshsub/1.1.0'),
    ]
    for (const stream of [first, second]) await until(() => stream.status !== 'open', 'an older stream is reset')
    expect(third.status).toBe('open')
  })
})

describe('pings by a stream', () => {
  it('come back, until there are too many', async () => {
    const { connection } = await attack({ pingsBurst: 4, pingsPerSecond: 1 })
    const stream = await connection.newStream('/ipfs/ping/1.0.0')
    let got = 0
    stream.addEventListener('message', ({ data }) => {
      got += data.byteLength
    })
    const ping = new Uint8Array(32).fill(7)
    stream.send(ping.subarray(0, 5))
    stream.send(concatBytes(ping.subarray(5), ping))
    await until(() => got === 64, 'two answers')
    stream.send(new Uint8Array(32 * 10))
    await until(() => stream.status !== 'open', 'the stream is reset')
    expect(got).toBeLessThanOrEqual(4 * 32)
    expect(connection.status).toBe('open')
  })
})
