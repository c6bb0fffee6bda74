/**
 * Garbage over real libp2p: a peer that speaks the transports and nothing else properly. Whatever it sends on any
 * stream or topic, the node keeps talking to an honest peer, accepts nothing, and in the end drops it.
 */
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { seededRandom } from '@touchstone/vm/testing/random'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { concatBytes } from '../codec/bytes.ts'
import { systemClock } from '../runtime/clock.ts'
import { greet, makeHello } from './connections/handshake.ts'
import { encodeFrame } from './framing/framing.ts'
import { ByteBudget } from './framing/heldBytes.ts'
import type { NetworkLimits } from './limits.ts'
import {
  stopNetworks,
  TEST_GENESIS,
  type TestNetwork,
  testNetwork,
  text,
  untext,
  until,
} from './testing/testNetworks.ts'
import { STATUS_PROTOCOL, wireNames } from './topics.ts'

const names = wireNames(TEST_GENESIS)
const MESHSUB = '/meshsub/1.2.0'
const random = seededRandom(2026)
const attackers: Libp2p[] = []

afterEach(async () => {
  await Promise.all(attackers.splice(0).map((attacker) => attacker.stop()))
  await stopNetworks()
})

async function attack(victim: TestNetwork): Promise<Connection> {
  const attacker = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  attackers.push(attacker)
  // Gossipsub forgets a peer, and hears it no more, that says it has no gossip, which it may say after a stream is open.
  await attacker.handle(MESHSUB, () => undefined)
  return attacker.dial(multiaddr(victim.address()))
}

/** A victim that rejects everything but what an honest peer says, and that peer. */
async function scene(limits: Partial<NetworkLimits>) {
  const victim = await testNetwork(0, { limits })
  const judged = { tx: 0, block: 0, consensus: 0 }
  const accepted: string[] = []
  for (const topic of ['tx', 'block', 'consensus'] as const) {
    victim.network.setGossipHandler(topic, (message) => {
      judged[topic]++
      if (!untext(message).startsWith('honest')) return 'reject'
      accepted.push(untext(message))
      return 'accept'
    })
  }
  victim.network.setRequestHandler('echo', async (request) => {
    if (untext(request) !== 'honest') throw new Error('what is that?')
    return [request]
  })
  await victim.network.start()
  const honest = await testNetwork(1, { bootstrap: [victim.address()] })
  await honest.network.start()
  await until(() => honest.network.peers().length === 1, 'the honest peer is connected')
  const stillWorks = async (word: string) => {
    await honest.network.publish('consensus', text(`honest ${word}`))
    await until(() => accepted.includes(`honest ${word}`), 'an honest message')
    const answer = await honest.network.request(victim.network.id, 'echo', text('honest'))
    expect(answer.map(untext)).toEqual(['honest'])
    expect(accepted.every((message) => message.startsWith('honest'))).toBe(true)
  }
  return { victim, honest, judged, stillWorks }
}

/** Sends in pieces as large as the transport takes, and waits for it. */
async function write(stream: Stream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += 65_536) {
    if (!stream.send(bytes.subarray(at, at + 65_536))) await stream.onDrain()
  }
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

const field = (number: number, bytes: Uint8Array) =>
  concatBytes(Uint8Array.of((number << 3) | 2), varint(bytes.length), bytes)
const randomString = () => random.bytes(1 + random.below(80))

/** A gossipsub RPC whose messages are random bytes on one topic. */
function gossipRpc(topic: string, messages: number): Uint8Array {
  const publish = Array.from({ length: messages }, () =>
    field(2, concatBytes(field(2, randomString()), field(4, text(topic)))),
  )
  const rpc = concatBytes(...publish)
  return concatBytes(varint(rpc.length), rpc)
}

const PATIENT = { penaltyLimit: Number.POSITIVE_INFINITY, handshakeTimeout: 60_000 }

describe('a hostile peer', () => {
  it('sends 10 000 random messages on each topic over kept streams', async () => {
    const { victim, judged, stillWorks } = await scene(PATIENT)
    const connection = await attack(victim)
    const stream = await connection.newStream(names.protocol('push'))
    for (const topic of [0, 1, 2]) {
      for (let sent = 0; sent < 10_000; sent += 500) {
        const frames = Array.from({ length: 500 }, () => encodeFrame(Uint8Array.of(topic), randomString()))
        await write(stream, concatBytes(...frames))
      }
    }
    // Each is judged once; two of the shortest may be the same.
    await until(() => Math.min(judged.tx, judged.block, judged.consensus) > 9_000, 'all are judged', 20_000)
    await stillWorks('after push')
  })

  it('sends 10 000 random messages on each topic by gossipsub', async () => {
    const { victim, judged, stillWorks } = await scene(PATIENT)
    const connection = await attack(victim)
    const stream = await connection.newStream(MESHSUB)
    // A flood at once may be the end of the peer before anything of it is judged; and gossipsub's own score shuts it out
    // after a while: that all are judged is not the point.
    await until(() => {
      if (judged.tx === 0) stream.send(gossipRpc(names.topic.tx, 1))
      return judged.tx > 0
    }, 'some are judged')
    for (const topic of ['tx', 'block', 'consensus'] as const) {
      for (let sent = 0; sent < 10_000; sent += 200) {
        await write(stream, gossipRpc(names.topic[topic], 200)).catch(() => undefined)
      }
    }
    await stillWorks('after gossip')
  })

  it('sends random bytes on every stream there is', async () => {
    const { victim, stillWorks } = await scene(PATIENT)
    const connection = await attack(victim)
    const protocols = [names.protocol('push'), names.protocol('echo'), STATUS_PROTOCOL, MESHSUB]
    for (const protocol of protocols) {
      for (let i = 0; i < 40; i++) {
        const stream = await connection.newStream(protocol).catch(() => null)
        if (stream === null) continue
        await write(stream, random.bytes(random.below(3_000))).catch(() => undefined)
        if (i % 2 === 0) stream.abort(new Error('done'))
        else void stream.close().catch(() => undefined)
      }
    }
    await stillWorks('after garbage')
    expect(victim.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('announces frames that are too large, or never ends them', async () => {
    const { victim, stillWorks } = await scene(PATIENT)
    for (const protocol of [names.protocol('push'), names.protocol('echo'), STATUS_PROTOCOL]) {
      // A broken handshake ends the whole connection.
      const connection = await attack(victim)
      const endless = await connection.newStream(protocol)
      await write(endless, Uint8Array.of(0, 0, 0, 40, 1, 2, 3))
      const large = await connection.newStream(protocol)
      await write(large, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3))
      await until(() => large.status !== 'open', `the ${protocol} stream is reset`)
    }
    await stillWorks('after large frames')
  })

  it('that goes on is disconnected and refused for a while', async () => {
    const { victim, stillWorks } = await scene({})
    const connection = await attack(victim)
    for (let i = 0; i < 2; i++) {
      const stream = await connection.newStream(names.protocol('push')).catch(() => null)
      if (stream !== null) await write(stream, Uint8Array.of(0xff, 0xff, 0xff, 0xff)).catch(() => undefined)
      await until(() => stream === null || stream.status !== 'open', 'the stream is reset')
    }
    // A fraction of a point was forgiven meanwhile.
    const last = await connection.newStream(names.protocol('push')).catch(() => null)
    if (last !== null) await write(last, Uint8Array.of(0xff, 0xff, 0xff, 0xff)).catch(() => undefined)
    await until(() => connection.status !== 'open', 'it is disconnected')
    // The dialler may see the connection open for a moment before it is refused.
    const again = await attackers[0]!.dial(multiaddr(victim.address())).catch(() => null)
    await until(() => again === null || again.status !== 'open', 'it is refused')
    await stillWorks('after the ban')
  })

  it('that does not read costs the others nothing', async () => {
    const { victim, honest } = await scene({ pushBacklogBytes: 1024 * 1024 })
    const slow = await testNetwork(2, { bootstrap: [victim.address()], limits: { pendingBytesPerPeer: 1024 } })
    let taken = 0
    slow.network.setGossipHandler('block', () => {
      taken++
      return new Promise(() => undefined)
    })
    const got: number[] = []
    honest.network.setGossipHandler('block', (message) => {
      got.push(message[0]!)
      return 'accept'
    })
    await slow.network.start()
    await until(() => victim.network.peers().length === 2, 'both are connected')
    for (let i = 0; i < 60; i++) {
      await victim.network.publish('block', new Uint8Array(256 * 1024).fill(i))
      // The honest peer must not be overwhelmed as well.
      await until(() => got.length === i + 1, `message ${i} at the honest peer`)
    }
    expect(got).toEqual(Array.from({ length: 60 }, (_, index) => index))
    expect(taken).toBeLessThan(60)
  })

  it('that asks and does not read keeps no places from who reads', async () => {
    const victim = await testNetwork(0, { limits: { inboundRequests: 8, readerGrace: 200, placeWait: 20_000 } })
    // Four times what fits into the window of a new stream.
    const answer = new Uint8Array(1024 * 1024)
    victim.network.setRequestHandler('much', async () => [answer])
    await victim.network.start()
    for (let joined = 0; joined < 3; joined++) {
      const connection = await attack(victim)
      const hello = makeHello(TEST_GENESIS, random.bytes(8), 'x')
      const options = { clock: systemClock, timeout: 10_000, room: new ByteBudget(1_000_000).of(''), hello }
      expect(await greet(await connection.newStream(STATUS_PROTOCOL), options)).toMatchObject({ ok: true })
      for (let opened = 0; opened < 4; opened++) {
        const stream = await connection.newStream(names.protocol('much'))
        stream.pause()
        stream.send(encodeFrame(new Uint8Array(1)))
      }
    }
    const reader = await testNetwork(1, { bootstrap: [victim.address()], limits: { firstByteTimeout: 30_000 } })
    await reader.network.start()
    await until(() => reader.network.peers().length === 1, 'the reader is connected')
    for (let asked = 0; asked < 3; asked++) {
      const [frame] = await reader.network.request(victim.network.id, 'much', text('x'))
      expect(frame).toHaveLength(answer.length)
    }
  })

  it('in numbers does not get more connections than there are', async () => {
    const { victim, stillWorks } = await scene({ connections: 4, handshakeTimeout: 60_000 })
    const connections = (await Promise.all(Array.from({ length: 10 }, () => attack(victim).catch(() => null)))).filter(
      (connection) => connection !== null,
    )
    await until(() => connections.filter(({ status }) => status === 'open').length <= 4, 'the rest is closed')
    await stillWorks('among many')
  })
})
