/** The attacks of a peer below the streams, and with the answers that libp2p gives by itself. */
import type { MessageStream, Stream } from '@libp2p/interface'
import type { Random } from '@touchstone/vm/testing/random'
import { concatBytes } from '../../../../src/codec/bytes.ts'
import { greet, makeHello } from '../../../../src/network/connections/handshake.ts'
import { encodeFrame } from '../../../../src/network/framing/framing.ts'
import { ByteBudget } from '../../../../src/network/framing/heldBytes.ts'
import { STATUS_PROTOCOL, TOPICS } from '../../../../src/network/topics.ts'
import { systemClock } from '../../../../src/runtime/clock.ts'
import { encodeBundle } from '../../../../src/txpool/bundleCodec.ts'
import { type Attacker, MESHSUB, stopReading } from '../attacker.ts'
import type { Attack, AttackContext } from '../attacks.ts'
import { flood, going, joined, many, pause } from '../steps.ts'
import { control, field, gossipRpc, unaffordable } from '../wire.ts'

const DATA = 0
const WINDOW_UPDATE = 1
const PING = 2
const SYN = 1
const RST = 8

const HEADERS_AT_ONCE = 5_000
const room = new ByteBudget(1 << 30).of('')

/** Headers of yamux frames without body. */
function headers(count: number, make: (at: number) => { type: number; flags: number; stream: number; length: number }) {
  const bytes = new Uint8Array(12 * count)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < count; at++) {
    const { type, flags, stream, length } = make(at)
    view.setUint16(12 * at, type)
    view.setUint16(12 * at + 2, flags)
    view.setUint32(12 * at + 4, stream)
    view.setUint32(12 * at + 8, length)
  }
  return bytes
}

interface Below {
  /** The encrypted connection, on which the muxer sends its frames. */
  readonly encrypted: MessageStream
  readonly socket: {
    pause(): void
    resume(): void
    removeAllListeners(name: string): void
    readonly writableLength: number
  }
}

/** libp2p has no way to these; they are where it keeps them. */
function below(attacker: Attacker): Below {
  const encrypted = (attacker.connection as unknown as { muxer: { maConn: MessageStream & { stream: Below } } }).muxer
    .maConn
  return { encrypted, socket: encrypted.stream.socket }
}

/** Frames that the muxer of this side knows nothing of, over and over, from a peer that reads or does not. */
function frames(isReading: boolean, make: (turn: number) => Uint8Array) {
  return async (context: AttackContext) => {
    const attacker = await joined(context)
    const { encrypted, socket } = below(attacker)
    if (!isReading) {
      socket.removeAllListeners('data')
      socket.pause()
    }
    for (let turn = 0; going(context) && attacker.isConnected; turn++) {
      if (socket.writableLength < 4_000_000 && encrypted.status === 'open') encrypted.send(make(turn))
      await pause(turn % 16 === 0 ? 1 : 0)
    }
    return [attacker]
  }
}

/** A stream whose purpose is not agreed, and what is said on it. */
async function rawStream(attacker: Attacker): Promise<Stream> {
  const muxer = (attacker.connection as unknown as { muxer: { createStream(): Promise<Stream> } }).muxer
  return muxer.createStream()
}

/** A bundle of transactions of ever other made-up senders: another value under the same signature is another sender. */
function madeUp(random: Random, template: Uint8Array): Uint8Array {
  const raw = template.slice()
  // The recipient's 20 bytes, which nothing checks.
  const at = raw.length - 67 - 3 - 20
  raw.set(random.bytes(20), at)
  return raw
}

export const BELOW_ATTACKS: readonly Attack[] = [
  {
    name: 'pings of the muxer, unread',
    outcome: 'banned',
    run: frames(false, (turn) =>
      headers(HEADERS_AT_ONCE, (at) => ({ type: PING, flags: SYN, stream: 0, length: turn * HEADERS_AT_ONCE + at })),
    ),
  },
  {
    name: 'pings of the muxer, unread, of ever new peers',
    outcome: 'bounded',
    async run(context) {
      const attackers: Attacker[] = []
      const bytes = headers(HEADERS_AT_ONCE, () => ({ type: PING, flags: SYN, stream: 0, length: 0 }))
      // They do not say who they are: a connection is enough.
      const one = async () => {
        while (going(context)) {
          const attacker = await context.attacker()
          attackers.push(attacker)
          await attacker.connect().catch(() => undefined)
          if (!attacker.isConnected) continue
          const { encrypted, socket } = below(attacker)
          socket.removeAllListeners('data')
          socket.pause()
          while (going(context) && encrypted.status === 'open') {
            if (socket.writableLength < 4_000_000) encrypted.send(bytes)
            await pause(1)
          }
        }
      }
      await Promise.all(many(3, one))
      return attackers
    },
  },
  {
    name: 'streams opened and reset',
    outcome: 'banned',
    run: frames(true, (turn) =>
      headers(2_000, (at) => ({
        type: WINDOW_UPDATE,
        flags: at % 2 === 0 ? SYN : RST,
        stream: 1_000_001 + 2 * (turn * 1_000 + (at >> 1)),
        length: 0,
      })),
    ),
  },
  {
    name: 'streams that are refused, unread',
    outcome: 'banned',
    run: frames(false, (turn) =>
      headers(HEADERS_AT_ONCE, (at) => ({
        type: WINDOW_UPDATE,
        flags: SYN,
        stream: 1_000_001 + 2 * (turn * HEADERS_AT_ONCE + at),
        length: 0,
      })),
    ),
  },
  {
    name: 'a frame of the muxer without end',
    outcome: 'banned',
    run: frames(true, (turn) =>
      turn === 0
        ? headers(1, () => ({ type: DATA, flags: SYN, stream: 1_000_001, length: 0xffff_ffff }))
        : new Uint8Array(1_000_000),
    ),
  },
  {
    name: 'frames of the muxer in single bytes',
    outcome: 'bounded',
    async run(context) {
      const attackers = await Promise.all(many(4, () => joined(context)))
      const begin = headers(1, () => ({ type: DATA, flags: SYN, stream: 1_000_001, length: 1 << 20 }))
      for (const attacker of attackers) below(attacker).encrypted.send(begin)
      while (going(context)) {
        for (const { encrypted, socket } of attackers.map(below)) {
          // Each a message of noise by itself.
          for (let sent = 0; sent < 1_000 && encrypted.status === 'open' && socket.writableLength < 100_000; sent++) {
            encrypted.send(Uint8Array.of(0))
          }
        }
        await pause(0)
      }
      return attackers
    },
  },
  {
    name: 'frames that are not finished, on every layer',
    outcome: 'bounded',
    async run(context) {
      const attackers = await Promise.all(many(12, () => joined(context)))
      const most = 4 << 20
      const frame = concatBytes(Uint8Array.of(0, 0x40, 0, 0, 1), new Uint8Array(most - 2))
      // As a varint.
      const rpc = concatBytes(Uint8Array.of(0x80, 0x80, 0x80, 0x02), new Uint8Array(most - 1))
      await Promise.all(
        attackers.map(async (attacker) => {
          while (going(context)) {
            for (const name of ['push', 'push-bulk']) await attacker.write(attacker.names.protocol(name), frame)
            await attacker.write(MESHSUB, rpc)
            const { encrypted } = below(attacker)
            if (encrypted.status === 'open') {
              const begin = headers(1, () => ({ type: DATA, flags: SYN, stream: 1_000_001, length: 1 << 20 }))
              encrypted.send(concatBytes(begin, new Uint8Array(1_000_000)))
            }
            while (going(context) && attacker.isConnected) await pause(50)
            await attacker.join().catch(() => pause(200))
          }
        }),
      )
      return attackers
    },
  },
  {
    name: 'frames for streams that are not there',
    outcome: 'bounded',
    run: frames(true, () => headers(HEADERS_AT_ONCE, () => ({ type: WINDOW_UPDATE, flags: 0, stream: 9, length: 0 }))),
  },
  {
    name: 'status handshakes without end',
    outcome: 'banned',
    run: flood(async (attacker, { target, random }) => {
      await Promise.all(
        many(16, async () => {
          const stream = await attacker.open(STATUS_PROTOCOL).catch(() => null)
          if (stream === null) return
          const hello = makeHello(target.genesisHash, random.bytes(8), 'x'.repeat(64))
          await greet(stream, { clock: systemClock, timeout: 1_000, room, hello }).catch(() => null)
        }),
      )
    }),
  },
  {
    name: 'talk about protocols without end',
    outcome: 'banned',
    run: flood(async (attacker) => {
      const stream = await rawStream(attacker).catch(() => null)
      const ls = new TextEncoder().encode('\u0003ls\n')
      const hello = new TextEncoder().encode('\u0013/multistream/1.0.0\n')
      stream?.send(concatBytes(hello, ...many(10_000, () => ls)))
    }),
  },
  {
    name: 'pings by a stream, unread',
    outcome: 'bounded',
    async run(context) {
      const attacker = await joined(context)
      const { socket } = below(attacker)
      const streams: Stream[] = []
      for (let count = 0; count < 2; count++) streams.push(await attacker.open('/ipfs/ping/1.0.0'))
      for (const stream of streams) stopReading(stream)
      const bytes = new Uint8Array(65_536)
      while (going(context) && attacker.isConnected) {
        for (const [at, stream] of streams.entries()) {
          if (stream.writeStatus !== 'writable') {
            const next = await attacker.open('/ipfs/ping/1.0.0').catch(() => null)
            if (next === null) continue
            stopReading(next)
            streams[at] = next
          } else if (socket.writableLength < 4_000_000 && !stream.writableNeedsDrain) stream.send(bytes)
        }
        await pause(0)
      }
      return [attacker]
    },
  },
  {
    name: 'long ids by gossipsub',
    outcome: 'banned',
    run: flood((attacker, { random }) => {
      // idontwant is field 5 of ControlMessage, its ids field 1.
      const ids = many(100, () => field(1, random.bytes(32), new Uint8Array(8_000)))
      return attacker.write(MESHSUB, gossipRpc(control(field(5, ...ids))))
    }),
  },
  {
    name: 'bundles to be judged, of many peers',
    outcome: 'bounded',
    async run(context) {
      const attackers = await Promise.all(many(12, () => joined(context)))
      const template = unaffordable(context.random)
      await Promise.all(
        attackers.map(async (attacker) => {
          while (going(context) && attacker.isConnected) {
            const bundle = encodeBundle(many(500, () => madeUp(context.random, template)))
            const frame = encodeFrame(Uint8Array.of(TOPICS.indexOf('tx')), bundle)
            await attacker.write(attacker.names.protocol('push'), frame)
            await pause(1)
          }
        }),
      )
      return attackers
    },
  },
]
