import type { GossipSub } from '@libp2p/gossipsub'
import type { RPC } from '@libp2p/gossipsub/message'
import type { PeerId } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../../../testing/manualClock.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { GossipRpcs } from './gossipRpcs.ts'

const limits = { ...DEFAULT_LIMITS, gossipPerSecondOfPeer: 10, gossipBurstOfPeer: 20, gossipPerSecond: 30 }

function scene() {
  const clock = manualClock()
  const faults: string[] = []
  const note = (peer: string, what: string) => void faults.push(`${peer}: ${what}`)
  const rpcs = new GossipRpcs({ limits, clock, isNamed: (peer) => peer === 'named', onFault: note, onFlood: note })
  return { clock, faults, rpcs }
}

const rpc = (fields: object = {}, control: object = {}): RPC => ({
  subscriptions: [],
  messages: [],
  ...fields,
  control: { ihave: [], iwant: [], graft: [], prune: [], idontwant: [], ...control },
})
const messages = (count: number) => rpc({ messages: Array.from({ length: count }, () => ({ topic: 'x' })) })

describe('RPCs of gossipsub', () => {
  it.each(['ihave', 'iwant', 'idontwant'])('have ids of 32 bytes: %s', (kind) => {
    const { rpcs, faults } = scene()
    const ids = (length: number) => rpc({}, { [kind]: [{ messageIDs: [new Uint8Array(32), new Uint8Array(length)] }] })
    expect(rpcs.admits('a', ids(32))).toBe(true)
    expect(faults).toEqual([])
    expect([31, 33, 8_000].map((length) => rpcs.admits('a', ids(length)))).toEqual([false, false, false])
    expect(faults).toHaveLength(3)
  })

  it('are counted for each peer, with what is in them', async () => {
    const { rpcs, faults, clock } = scene()
    expect(rpcs.admits('a', messages(19))).toBe(true)
    expect(rpcs.admits('a', rpc())).toBe(false)
    expect(faults).toEqual([expect.stringMatching(/^a: a flood: over 10 /)])
    expect(rpcs.admits('named', messages(20))).toBe(false)
    expect(faults).toHaveLength(1)
    await clock.advance(1_000)
    expect(rpcs.admits('a', messages(9))).toBe(true)
    const ids = { ihave: [{ topicID: 'x', messageIDs: Array.from({ length: 1_000 }, () => new Uint8Array(32)) }] }
    await clock.advance(500)
    expect(rpcs.admits('a', rpc({}, ids))).toBe(true)
    expect(rpcs.admits('a', rpc())).toBe(false)
  })

  it('are counted for all strangers together; who has less than its part is heard, and so is who is named', () => {
    const { rpcs, faults } = scene()
    expect(['a', 'b'].map((peer) => rpcs.admits(peer, messages(14)))).toEqual([true, true])
    expect(['a', 'c', 'named', 'b'].map((peer) => rpcs.admits(peer, messages(3)))).toEqual([false, true, true, false])
    expect(faults).toEqual([])
  })

  it('of who is no peer to gossipsub are kept from it, and counted all the same', async () => {
    const { rpcs, faults } = scene()
    const heard: string[] = []
    const peerOf = (id: string) => ({ toString: () => id, equals: (other: unknown) => String(other) === id }) as PeerId
    const pubsub = {
      getPeers: () => [peerOf('known')],
      handleReceivedRpc: async (from: PeerId, _rpc: RPC) => void heard.push(`${from}`),
    }
    rpcs.guard(pubsub as unknown as GossipSub)
    for (const id of ['known', 'gone', 'gone']) await pubsub.handleReceivedRpc(peerOf(id), messages(19))
    expect(heard).toEqual(['known'])
    expect(faults).toEqual([expect.stringMatching(/^gone: a flood/)])
  })

  it('cannot make gossipsub keep more than what they say', () => {
    const { rpcs } = scene()
    const large = new Uint8Array(1_000_000)
    const small = rpc(
      { messages: [{ topic: 'x', data: large.subarray(5, 8) }] },
      { prune: [{ topicID: 'x', backoff: 2 ** 40, peers: [] }] },
    )
    expect(rpcs.admits('a', small)).toBe(true)
    expect(small.messages[0]!.data!.buffer.byteLength).toBe(3)
    expect(small.control!.prune[0]!.backoff).toBe(60)
  })
})
