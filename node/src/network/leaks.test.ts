/**
 * Peers that come and go leave nothing behind, and what a peer can name is bounded. libp2p 3 left 43 MB a day in
 * ChainSafe's Lodestar (#8969: streams of closed connections), js gossipsub kept every topic a peer named
 * (GHSA-4f8r-922h-2vgv). The test counts objects, by their class, after the heap was collected.
 */
import { queryObjects } from 'node:v8'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type ServiceFactoryMap } from 'libp2p'
import { afterEach, expect, it } from 'vitest'
import { concatBytes } from '../codec/bytes.ts'
import { gossipService } from './gossip/gossip.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { stopNetworks, TEST_GENESIS, type TestNetwork, testNetwork, text, until } from './testing/testNetworks.ts'
import { STATUS_PROTOCOL, TOPICS, wireNames } from './topics.ts'

const MESHSUB = '/meshsub/1.2.0'
const names = wireNames(TEST_GENESIS)
const strangers: Libp2p[] = []

afterEach(async () => {
  await Promise.all(strangers.splice(0).map((stranger) => stranger.stop()))
  await stopNetworks()
})

async function stranger(
  services: ServiceFactoryMap = { identify: identify() },
  listen: string[] = [],
): Promise<Libp2p> {
  const made = await createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services,
  })
  strangers.push(made)
  return made
}

const count = (kind: abstract new (...args: never[]) => object) => queryObjects(kind as never, { format: 'count' })

const CYCLES = 40
const FEW = 15

interface Kinds {
  readonly connection: abstract new (...args: never[]) => object
  readonly stream: abstract new (...args: never[]) => object
}

/** Dials, opens streams that end in different ways, hangs up: gently, which takes a second, or not. */
async function comeAndGo(from: Libp2p, to: TestNetwork, gently: boolean): Promise<Kinds> {
  const connection: Connection = await from.dial(multiaddr(to.address()))
  const streams: Stream[] = []
  for (const protocol of [STATUS_PROTOCOL, MESHSUB, names.protocol('push')]) {
    streams.push(await connection.newStream(protocol, { runOnLimitedConnection: true }))
  }
  const [first, second] = streams
  first!.send(text('no hello'))
  second!.abort(new Error('changed my mind'))
  const kinds = { connection: connection.constructor, stream: first!.constructor } as unknown as Kinds
  if (gently) await connection.close().catch(() => undefined)
  connection.abort(new Error('enough'))
  return kinds
}

it('connections that end leave no connection, stream or socket behind', async () => {
  const victim = await testNetwork(0, { limits: { penaltyLimit: Number.POSITIVE_INFINITY, inboundPerSecond: 10_000 } })
  await victim.network.start()
  const peer = await stranger()
  const openSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  const before = openSockets()
  let kinds: Kinds | null = null
  for (let i = 0; i < CYCLES; i++) kinds = await comeAndGo(peer, victim, i % 20 === 0)
  await until(() => peer.getConnections().length === 0 && victim.network.peers().length === 0, 'all have hung up')
  await until(() => openSockets() <= before, 'the sockets are closed')
  const counted = () => ({ connections: count(kinds!.connection), streams: count(kinds!.stream) })
  // Resources that end by a timer (greetings and pings wait for up to twenty seconds) are given their time, in rounds:
  // counting collects the whole heap.
  let now = counted()
  for (let round = 0; round < 30 && Object.values(now).some((left) => left > FEW); round++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    now = counted()
  }
  // Each cycle makes two connections, one at each end, and six streams.
  expect(Object.entries(now).filter(([, left]) => left > FEW)).toEqual([])
})

it('a peer that names topics without end is remembered for none but ours', async () => {
  const service = gossipService({ names, limits: DEFAULT_LIMITS, score: () => 0 })
  const victim = await stranger({ identify: identify(), pubsub: service }, ['/ip4/127.0.0.1/tcp/0'])
  // Private to the library, and what grew without bound in it.
  const { topics } = victim.services['pubsub'] as unknown as {
    readonly topics: ReadonlyMap<string, ReadonlySet<string>>
  }
  const peer = await stranger()
  // A peer that says, when it is asked, that it has no gossip is forgotten by gossipsub with all its topics: before it
  // names any.
  const identified = new Promise((resolve) => victim.addEventListener('peer:identify', resolve, { once: true }))
  const connection = await peer.dial(victim.getMultiaddrs()[0]!)
  await identified
  const stream = await connection.newStream(MESHSUB)
  const own = TOPICS.map((topic) => names.topic[topic])
  for (let i = 0; i < 100; i++) {
    // One of ours goes last: it is known only when all before it were read.
    const named = Array.from({ length: 15 }, (_, k) => `/a topic that nobody has/${i}/${k}`)
    const rpc = concatBytes(...[...named, i === 99 ? own[0]! : `/last/${i}`].map(subscription))
    if (!stream.send(concatBytes(varint(rpc.length), rpc))) await stream.onDrain()
  }
  const id = peer.peerId.toString()
  await until(() => topics.get(own[0]!)?.has(id) === true, 'the last subscription has been read')
  expect([...topics.keys()].filter((name) => !own.includes(name))).toEqual([])
})

function subscription(topic: string): Uint8Array {
  const options = concatBytes(Uint8Array.of(0x08, 1), field(2, text(topic)))
  return field(1, options)
}

function field(number: number, bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of((number << 3) | 2), varint(bytes.length), bytes)
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 127) | 128)
    rest >>>= 7
  }
  return Uint8Array.of(...bytes, rest)
}
