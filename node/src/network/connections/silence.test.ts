/** Connections that are held as long as anything comes from the peer, over real ones. */
import type { Connection, Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../runtime/clock.ts'
import { ByteBudget } from '../framing/heldBytes.ts'
import { stopNetworks, TEST_GENESIS, type TestNetwork, testNetwork, until } from '../testing/testNetworks.ts'
import { STATUS_PROTOCOL } from '../topics.ts'
import { greet, makeHello } from './handshake.ts'
import { LOOK_INTERVAL, SILENT_LOOKS } from './silenceWatch.ts'

let peer: Libp2p | undefined
afterEach(async () => {
  await peer?.stop()
  await stopNetworks()
})

/** Looks only when the test says so. */
function lookingClock(): { clock: Clock; look(): void } {
  let next: (() => void) | null = null
  const after: Clock['after'] = (milliseconds, callback) => {
    if (milliseconds !== LOOK_INTERVAL) return systemClock.after(milliseconds, callback)
    next = callback
    return () => {
      next = null
    }
  }
  return {
    clock: { ...systemClock, after },
    look() {
      const look = next!
      next = null
      look()
    },
  }
}

/** A node with a peer that never pings by itself. */
async function connected(clock: Clock): Promise<{ node: TestNetwork; connection: Connection }> {
  const node = await testNetwork(0, { clock })
  await node.network.start()
  peer = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ enableKeepAlive: false })],
    connectionMonitor: { enabled: false },
  })
  const connection = await peer.dial(multiaddr(node.address()))
  const stream = await connection.newStream(STATUS_PROTOCOL)
  const room = new ByteBudget(1 << 20).of('')
  const hello = makeHello(TEST_GENESIS, new Uint8Array(8).fill(1), 'x')
  await greet(stream, { clock: systemClock, timeout: 5_000, room, hello })
  await until(() => node.network.peers().length === 1, 'the node has a peer')
  return { node, connection }
}

const ends = ({ log }: TestNetwork) =>
  log.filter(({ message }) => message === 'peer disconnected').map(({ fields }) => fields)

it('end after so many looks without a byte, and it is said why', async () => {
  const { clock, look } = lookingClock()
  const { node, connection } = await connected(clock)
  // What came last may be on its way still.
  for (let i = 0; i <= SILENT_LOOKS; i++) look()
  await until(() => ends(node).length > 0, 'the connection ends')
  expect(ends(node)).toMatchObject([{ reason: `nothing came from it in ${SILENT_LOOKS} looks, one a second` }])
  await until(() => connection.status !== 'open', 'the peer sees it end')
})

it('end when the peer has ended its streams, whatever else comes', async () => {
  const { clock, look } = lookingClock()
  const { node, connection } = await connected(clock)
  const { muxer } = connection as unknown as { readonly muxer: { sendGoAway(): void } }
  for (let i = 0; i <= SILENT_LOOKS + 1 && connection.status === 'open'; i++) {
    muxer.sendGoAway()
    await new Promise((resolve) => setTimeout(resolve, 10))
    look()
  }
  await until(() => ends(node).length > 0, 'the connection ends')
  expect(ends(node)).toMatchObject([{ reason: 'its streams ended, and it did not' }])
})

it('stay while anything comes, be it no answer to a ping', async () => {
  const { clock, look } = lookingClock()
  const { node, connection } = await connected(clock)
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < SILENT_LOOKS - 1; i++) look()
    // Bytes of a stream that this node does not know are bytes.
    await connection.newStream('/nothing/1.0.0').catch(() => undefined)
  }
  look()
  expect(ends(node)).toEqual([])
  expect(connection.status).toBe('open')
})
