/** The attacks, by name. Each goes on until `until`; its required outcome is beside it. */
import { connect, type Socket } from 'node:net'
import type { Stream } from '@libp2p/interface'
import type { Random } from '@touchstone/vm/testing/random'
import { WebSocket } from 'ws'
import { concatBytes } from '../../../src/codec/bytes.ts'
import { signingKey } from '../../../src/consensus/signing/signer.ts'
import { encodeFrame } from '../../../src/network/framing/framing.ts'
import { DEFAULT_LIMITS } from '../../../src/network/limits.ts'
import { STATUS_PROTOCOL } from '../../../src/network/topics.ts'
import { encodeRange } from '../../../src/sync/messages.ts'
import { encodeBundle } from '../../../src/txpool/bundleCodec.ts'
import { type Attacker, MESHSUB, stopReading, type Target } from './attacker.ts'
import { BELOW_ATTACKS } from './attacks/below.ts'
import { JUNK_ATTACKS } from './attacks/junk.ts'
import { PLACES_ATTACKS } from './attacks/places.ts'
import { WITHHELD_ATTACKS } from './attacks/withheld.ts'
import { FAULTY_INDEX, FAULTY_SEED } from './scene.ts'
import { flood, going, joined, many, pause } from './steps.ts'
import {
  blockWithWrongRoots,
  control,
  fetchHead,
  gossipRpc,
  graft,
  ihave,
  iwant,
  proposal,
  prune,
  published,
  strangersKey,
  subscription,
  unaffordable,
  vote,
} from './wire.ts'

export interface AttackContext {
  readonly target: Target
  readonly random: Random
  /** Milliseconds of `performance.now()` at which to end. */
  readonly until: number
  /** Of the victim, now. */
  height(): Promise<number>
  /** Makes a peer that is stopped after the attack. */
  attacker(): Promise<Attacker>
  /** Sockets are destroyed after the attack. */
  socket(port: number): Socket
  readonly rpcPort: number
}

export interface Attack {
  readonly name: string
  /**
   * `banned`: the victim hangs up and refuses the identity. `bounded`: nothing in it is provably wrong, or it is the work
   * of a validator; it has to cost the victim little.
   */
  readonly outcome: 'banned' | 'bounded'
  /** Resolves with the attackers whose fate is looked at. */
  run(context: AttackContext): Promise<readonly Attacker[]>
}

const faultyKey = signingKey(FAULTY_SEED)

export const ATTACKS: readonly Attack[] = [
  ...BELOW_ATTACKS,
  {
    name: 'garbage frames',
    outcome: 'banned',
    run: flood((attacker, { random }) => {
      const bodies = many(50, () => concatBytes(Uint8Array.of(random.below(3)), random.bytes(random.below(200))))
      return attacker.write(attacker.names.protocol('push'), concatBytes(...bodies.map((body) => encodeFrame(body))))
    }),
  },
  {
    name: 'oversized frames',
    outcome: 'banned',
    run: flood((attacker, _context, turn) => {
      const protocols = ['push', 'status', 'blocks', 'pool-hashes', 'pool-transactions'].map(attacker.names.protocol)
      const announced = encodeFrame(new Uint8Array(0)).fill(0xff)
      return attacker.write(protocols[turn % protocols.length]!, announced)
    }),
  },
  {
    name: 'garbage by gossipsub',
    outcome: 'banned',
    run: flood((attacker, { random }) => {
      const name = attacker.names.topic[random.pick(['tx', 'block', 'consensus'] as const)]
      return attacker.write(MESHSUB, gossipRpc(...many(50, () => published(name, random.bytes(1 + random.below(80))))))
    }),
  },
  {
    name: 'gossipsub control floods',
    outcome: 'bounded',
    run: flood((attacker, { random }) => {
      const name = attacker.names.topic.consensus
      const ids = many(500, () => random.bytes(32))
      const strangers = many(16, () => random.bytes(38))
      const rpc = gossipRpc(
        subscription(`invalid ${random.below(1_000_000)}`),
        control(ihave(name, ids), iwant(ids), graft(name), graft('nothing'), prune(name, strangers)),
        published('/another/topic', random.bytes(1_000)),
      )
      return attacker.write(MESHSUB, rpc)
    }),
  },
  {
    name: 'announcements of nothing',
    outcome: 'banned',
    run: flood((attacker, { random }) => {
      const list = (kind: number) => encodeFrame(Uint8Array.of(kind), ...many(256, () => random.bytes(32)))
      const lists = concatBytes(list(0x10), list(0x11))
      return attacker.write(attacker.names.protocol('push'), concatBytes(...many(50, () => lists)))
    }),
  },
  {
    name: 'wrong roots, signed by nobody',
    outcome: 'banned',
    run: flood(async (attacker, context) => {
      const head = await fetchHead(attacker, await context.height())
      if (head === null) return
      const block = blockWithWrongRoots(head, context.random)
      const rounds = many(4, (round) => proposal(context.target.genesisHash, block, round, strangersKey))
      await attacker.push('consensus', ...rounds)
    }),
  },
  {
    name: 'wrong roots, signed by a validator',
    outcome: 'bounded',
    run: flood(async (attacker, context) => {
      const head = await fetchHead(attacker, await context.height())
      if (head === null) return
      // It is the proposer of some rounds only, and only then is the signature good.
      const round = context.random.below(2)
      const block = blockWithWrongRoots(head, context.random)
      await attacker.push('consensus', proposal(context.target.genesisHash, block, round, faultyKey))
      await pause(200)
    }),
  },
  {
    name: 'votes with bad signatures',
    outcome: 'banned',
    run: flood(async (attacker, { random, target, height }) => {
      const next = BigInt(await height()) + 1n
      const votes = many(20, (index) =>
        vote(target.genesisHash, { height: next, round: random.below(3), index: index % 3, key: null }, random),
      )
      await attacker.push('consensus', ...votes)
    }),
  },
  {
    name: 'votes of unknown validators',
    outcome: 'banned',
    run: flood(async (attacker, { random, target, height }) => {
      const next = BigInt(await height()) + 1n
      const index = 3 + random.below(90)
      await attacker.push(
        'consensus',
        ...many(5, () => vote(target.genesisHash, { height: next, round: 0, index, key: strangersKey }, random)),
      )
    }),
  },
  {
    name: 'votes of far heights',
    outcome: 'banned',
    run: flood((attacker, { random, target }) => {
      const votes = many(100, () => {
        const height = 1_000_000n + random.bigint(40)
        return vote(
          target.genesisHash,
          { height, round: random.below(1 << 30), index: random.below(3), key: null },
          random,
        )
      })
      return attacker.push('consensus', ...votes)
    }),
  },
  {
    name: 'votes of far rounds, by a validator',
    outcome: 'bounded',
    run: flood(async (attacker, { random, target, height }) => {
      const next = BigInt(await height()) + 1n
      const index = FAULTY_INDEX
      const votes = many(20, () =>
        vote(target.genesisHash, { height: next, round: random.below(1 << 30), index, key: faultyKey }, random),
      )
      await attacker.push('consensus', ...votes)
    }),
  },
  {
    name: 'malformed transactions',
    outcome: 'banned',
    run: flood((attacker, { random }) =>
      attacker.push('tx', encodeBundle(many(50, () => concatBytes(Uint8Array.of(2), random.bytes(100))))),
    ),
  },
  {
    name: 'transactions nobody can pay',
    // Thrown out after some 2 000 of them, which a slow machine may not get through in time: each is signed.
    outcome: 'bounded',
    async run(context) {
      const attacker = await joined(context)
      // Signing is slower than checking, so the same ones go round, in another order each time.
      const raws = many(256, () => unaffordable(context.random))
      while (going(context) && attacker.isConnected) {
        const from = context.random.below(raws.length)
        await attacker.push('tx', encodeBundle([...raws.slice(from), ...raws.slice(0, from)]))
      }
      return [attacker]
    },
  },
  {
    name: 'readers that do not read',
    outcome: 'bounded',
    async run(context) {
      const attackers = await Promise.all(many(8, () => joined(context)))
      // Their kept streams are paused; they also ask for as many blocks as they can and read no answer.
      while (going(context)) {
        for (const attacker of attackers) {
          if (!attacker.isConnected) continue
          const stream = await attacker.open(attacker.names.protocol('blocks')).catch(() => null)
          if (stream === null || stream.writeStatus !== 'writable') continue
          stopReading(stream)
          stream.send(encodeFrame(encodeRange({ from: 1n, count: 64 })))
        }
        await pause(20)
      }
      return attackers
    },
  },
  {
    name: 'writers that do not finish',
    outcome: 'bounded',
    async run(context) {
      const attackers = await Promise.all(many(4, () => joined(context)))
      const streams: Stream[] = []
      for (const attacker of attackers) {
        const { protocol } = attacker.names
        const names = ['push', 'status', 'blocks', 'pool-hashes', 'pool-transactions'].map(protocol)
        for (const name of [...names, STATUS_PROTOCOL, MESHSUB]) {
          const stream = await attacker.open(name).catch(() => null)
          if (stream !== null) streams.push(stream)
        }
      }
      // A frame of 4 MiB that comes byte by byte.
      const start = Uint8Array.of(0, 0x3f, 0xff, 0xff)
      for (let turn = 0; going(context); turn++) {
        for (const stream of streams) {
          if (stream.writeStatus === 'writable') stream.send(turn === 0 ? start : Uint8Array.of(turn & 0xff))
        }
        await pause(50)
      }
      return attackers
    },
  },
  {
    name: 'a thousand connections',
    outcome: 'bounded',
    async run(context) {
      const port = Number(context.target.address.split('/')[4])
      const sockets = many(1_000, () => context.socket(port))
      const peers: Attacker[] = []
      while (going(context)) {
        const attacker = await context.attacker()
        await attacker.join().catch(() => undefined)
        peers.push(attacker)
        await pause(20)
      }
      for (const socket of sockets) socket.destroy()
      return peers
    },
  },
  {
    name: 'thousands of streams',
    outcome: 'bounded',
    async run(context) {
      const attacker = await joined(context)
      const protocols = [
        ...['push', 'status', 'blocks', 'state'].map(attacker.names.protocol),
        STATUS_PROTOCOL,
        MESHSUB,
      ]
      while (going(context) && attacker.isConnected) {
        await Promise.all(many(100, (index) => attacker.open(protocols[index % protocols.length]!).catch(() => null)))
      }
      return [attacker]
    },
  },
  {
    name: 'another genesis',
    outcome: 'banned',
    run: async (context) => [await joined(context, { genesisHash: new Uint8Array(32).fill(1) })],
  },
  {
    name: 'another protocol version',
    outcome: 'banned',
    run: async (context) => [await joined(context, { version: 99 })],
  },
  {
    name: 'requests without end',
    outcome: 'bounded',
    run: flood(async (attacker) => {
      const names = ['blocks', 'status', 'pool-hashes']
      await Promise.all(
        many(60, (index) =>
          attacker.request(names[index % names.length]!, encodeRange({ from: 1n, count: 64 })).catch(() => null),
        ),
      )
    }),
  },
  {
    name: 'HTTP that does not finish',
    outcome: 'bounded',
    async run(context) {
      const sockets = many(500, () => context.socket(context.rpcPort))
      for (const socket of sockets)
        socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n[')
      while (going(context)) {
        for (const socket of sockets) if (!socket.destroyed) socket.write(' ')
        await pause(100)
      }
      return []
    },
  },
  {
    name: 'JSON-RPC floods',
    outcome: 'bounded',
    async run(context) {
      const url = `http://127.0.0.1:${context.rpcPort}`
      const call = { jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: ['latest', true] }
      const bodies = [
        JSON.stringify(many(1_000, () => call)),
        '['.repeat(100_000),
        JSON.stringify({ ...call, params: ['x'.repeat(3_000_000)] }),
      ]
      while (going(context)) {
        await Promise.all(
          many(12, async (index) => {
            const body = bodies[index % bodies.length]!
            const response = await fetch(url, { method: 'POST', body }).catch(() => null)
            await response?.arrayBuffer().catch(() => null)
          }),
        )
      }
      return []
    },
  },
  {
    name: 'HTTP clients that do not read',
    outcome: 'bounded',
    async run(context) {
      const call = { jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: ['0x0', true] }
      const body = JSON.stringify(many(1_000, () => call))
      const request = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`
      // Megabytes of answer each. More at a time would only be told that the node is busy (maxInFlight).
      const sockets = many(48, () => context.socket(context.rpcPort).pause())
      for (const socket of sockets) socket.write(request)
      while (going(context)) await pause(50)
      for (const socket of sockets) socket.destroy()
      return []
    },
  },
  {
    name: 'WebSockets that do not read',
    outcome: 'bounded',
    async run(context) {
      const sockets = many(300, () => new WebSocket(`ws://127.0.0.1:${context.rpcPort}`))
      for (const socket of sockets) socket.on('open', () => socket.pause()).on('error', () => undefined)
      const subscribe = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] })
      const large = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getLogs', params: [{ fromBlock: '0x0' }] })
      while (going(context)) {
        for (const socket of sockets) {
          if (socket.readyState !== WebSocket.OPEN) continue
          socket.send(subscribe)
          socket.send(large)
        }
        await pause(50)
      }
      for (const socket of sockets) socket.terminate()
      return []
    },
  },
  ...PLACES_ATTACKS,
  ...WITHHELD_ATTACKS,
  ...JUNK_ATTACKS,
]

/** Connections a victim may have: peers, handshakes under way, JSON-RPC, and a few of its own. */
export const MAX_SOCKETS = DEFAULT_LIMITS.connections + DEFAULT_LIMITS.pendingConnections + 1_024 + 16

export function openSocket(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  // Being refused is what is expected.
  socket.on('error', () => undefined)
  return socket
}
