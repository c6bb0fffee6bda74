import { identify } from '@libp2p/identify'
import type { MessageStream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { stopNetworks, testNetwork, until } from '../testing/testNetworks.ts'
import { JoinedSends, MAX_JOINED_BYTES } from './joinedSends.ts'

afterEach(stopNetworks)

const SYN = 1
const ACK = 2
const PING = 2
const GO_AWAY = 3

/** As the muxer hands it over: pieces, and how long they are together. */
function list(...pieces: readonly Uint8Array[]): Sent {
  const byteLength = pieces.reduce((sum, { length }) => sum + length, 0)
  return Object.assign([...pieces], { byteLength }) as unknown as Sent
}

type Sent = Parameters<MessageStream['send']>[0]

function scene() {
  const sent: Uint8Array[] = []
  const stream = { status: 'open', writableNeedsDrain: false, failure: null as Error | null, abort: (_: Error) => {} }
  stream.abort = () => {
    stream.status = 'aborted'
  }
  const clock = manualClock()
  const joined = new JoinedSends(stream as unknown as MessageStream, clock, (data) => {
    if (stream.failure !== null) throw stream.failure
    sent.push(data.subarray())
    return !stream.writableNeedsDrain
  })
  return { sent, stream, clock, joined }
}

const frame = (type: number, length = 12) => new Uint8Array(length).fill(9).fill(type, 1, 2)

describe('what is sent in one turn', () => {
  it('goes out as one piece, in its order, when the turn is over', async () => {
    const { sent, clock, joined } = scene()
    expect(joined.send(Uint8Array.of(0, 1))).toBe(true)
    expect(joined.send(list(Uint8Array.of(2), Uint8Array.of(3, 4)))).toBe(true)
    expect(sent).toEqual([])
    await clock.advance(0)
    expect(sent).toEqual([Uint8Array.of(0, 1, 2, 3, 4)])
    joined.send(Uint8Array.of(0, 5))
    await clock.advance(0)
    expect(sent.slice(1)).toEqual([Uint8Array.of(0, 5)])
    await clock.advance(10)
    expect(sent).toHaveLength(2)
  })

  it('goes out at once where it fills a message of noise, and where it ends the session', () => {
    const { sent, joined } = scene()
    joined.send(frame(0, MAX_JOINED_BYTES - 1))
    expect(sent).toEqual([])
    joined.send(frame(0))
    expect(sent.map(({ length }) => length)).toEqual([MAX_JOINED_BYTES + 11])
    joined.send(frame(1))
    joined.send(list(frame(GO_AWAY)))
    expect(sent.map(({ length }) => length)).toEqual([MAX_JOINED_BYTES + 11, 24])
  })

  it('tells the sender to wait while the connection is full', async () => {
    const { stream, clock, joined } = scene()
    stream.writableNeedsDrain = true
    expect(joined.send(frame(0))).toBe(false)
    await clock.advance(0)
    expect(joined.send(frame(0, MAX_JOINED_BYTES))).toBe(false)
    stream.writableNeedsDrain = false
    expect(joined.send(frame(0))).toBe(true)
  })

  it('goes nowhere on a connection that ended, also one that ended within the turn', async () => {
    const { sent, stream, clock, joined } = scene()
    joined.send(frame(0))
    stream.status = 'closed'
    await clock.advance(0)
    expect(joined.send(frame(0))).toBe(false)
    await clock.advance(0)
    expect(sent).toEqual([])
  })

  it('ends a connection that refuses it', async () => {
    const { stream, clock, joined } = scene()
    stream.failure = new Error('closing')
    joined.send(frame(0))
    await clock.advance(0)
    expect(stream.status).toBe('aborted')
  })
})

it('frames that answer what came at once are one message of noise, over real connections', async () => {
  const { network, address } = await testNetwork(0)
  await network.start()
  const peer = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })
  try {
    const connection = await peer.dial(multiaddr(address()))
    const { maConn } = (connection as unknown as { muxer: { maConn: MessageStream } }).muxer
    const answers: number[] = []
    const answer = String.fromCharCode(0, PING, 0, ACK, 0, 0, 0, 0)
    maConn.addEventListener('message', ({ data }) => {
      answers.push(Buffer.from(data.subarray()).toString('latin1').split(answer).length - 1)
    })
    const pings = new Uint8Array(12 * 10)
    for (let at = 0; at < pings.length; at += 12) pings.set([0, PING, 0, SYN], at)
    maConn.send(pings)
    await until(() => answers.some((count) => count >= 10), 'all pings are answered in one message')
  } finally {
    await peer.stop()
  }
})
