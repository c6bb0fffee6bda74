/**
 * A peer that speaks libp2p and, where it helps, the status handshake, and beyond that sends whatever it is told to.
 * Its streams are never read unless it is asked for an answer.
 */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Connection, Ed25519PrivateKey, Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { greet, type HandshakeOutcome, makeHello } from '../../../src/network/connections/handshake.ts'
import { encodeFrame } from '../../../src/network/framing/framing.ts'
import { ByteBudget } from '../../../src/network/framing/heldBytes.ts'
import { FrameQueue, sendFrame } from '../../../src/network/framing/streamFrames.ts'
import { DEFAULT_LIMITS } from '../../../src/network/limits.ts'
import type { Topic } from '../../../src/network/network.ts'
import { ask } from '../../../src/network/requests/requestResponse.ts'
import { STATUS_PROTOCOL, TOPICS, type WireNames, wireNames } from '../../../src/network/topics.ts'
import { systemClock } from '../../../src/runtime/clock.ts'

export const MESHSUB = '/meshsub/1.2.0'
const room = new ByteBudget(1 << 30).of('')
/** A victim that stops reading must not stop the attacker's script. Milliseconds. */
const WRITE_TIMEOUT = 500

export interface Target {
  /** Multiaddr with the peer id. */
  readonly address: string
  readonly genesisHash: Uint8Array
}

export class Attacker {
  readonly names: WireNames
  readonly #target: Target
  readonly #libp2p: Libp2p
  readonly #privateKey: Ed25519PrivateKey
  #connection: Connection | null = null
  readonly #streams = new Map<string, Stream>()

  private constructor(target: Target, libp2p: Libp2p, privateKey: Ed25519PrivateKey) {
    this.#target = target
    this.#libp2p = libp2p
    this.#privateKey = privateKey
    this.names = wireNames(target.genesisHash)
  }

  /** Not connected yet. `privateKey`: of an identity used before. */
  static async make(target: Target, privateKey?: Ed25519PrivateKey): Promise<Attacker> {
    const key = privateKey ?? (await generateKeyPair('Ed25519'))
    const libp2p = await createLibp2p({
      privateKey: key,
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ maxOutboundStreams: 100_000, maxInboundStreams: 1_000 })],
      services: { identify: identify() },
      connectionManager: { reconnectRetries: 0, maxConnections: 10_000 },
    })
    const attacker = new Attacker(target, libp2p, key)
    // The attacker takes the victim's pushes and never reads them.
    await libp2p.handle(attacker.names.protocol('push'), stopReading)
    return attacker
  }

  get id(): string {
    return this.#libp2p.peerId.toString()
  }

  /** Null before it has connected. */
  get connection(): Connection | null {
    return this.#connection
  }

  get isConnected(): boolean {
    return this.#connection?.status === 'open'
  }

  /** @throws when refused. */
  async connect(): Promise<Connection> {
    this.#streams.clear()
    this.#connection = await this.#libp2p.dial(multiaddr(this.#target.address), { signal: AbortSignal.timeout(5_000) })
    return this.#connection
  }

  /** Connects and becomes a peer. `genesisHash` and `version` may be wrong. */
  async join(hello: { readonly genesisHash?: Uint8Array; readonly version?: number } = {}): Promise<HandshakeOutcome> {
    const connection = await this.connect()
    const ours = makeHello(
      hello.genesisHash ?? this.#target.genesisHash,
      crypto.getRandomValues(new Uint8Array(8)),
      'x',
    )
    const stream = await connection.newStream(STATUS_PROTOCOL)
    const options = { clock: systemClock, timeout: 5_000, room }
    return greet(stream, { ...options, hello: { ...ours, version: hello.version ?? ours.version } })
  }

  /** @throws when the victim refuses the stream or hung up. */
  open(protocol: string): Promise<Stream> {
    if (this.#connection === null) throw new Error('not connected')
    return this.#connection.newStream(protocol, { maxOutboundStreams: 100_000, signal: AbortSignal.timeout(2_000) })
  }

  /** Raw bytes on the stream kept for a protocol, opened again when it broke. False when the victim does not take them. */
  async write(protocol: string, bytes: Uint8Array): Promise<boolean> {
    try {
      let stream = this.#streams.get(protocol)
      if (stream === undefined || stream.writeStatus !== 'writable') {
        stream = await this.open(protocol)
        this.#streams.set(protocol, stream)
      }
      for (let at = 0; at < bytes.length; at += 65_536) {
        if (stream.send(bytes.subarray(at, at + 65_536))) continue
        await stream.onDrain({ signal: AbortSignal.timeout(WRITE_TIMEOUT) })
      }
      return true
    } catch {
      return false
    }
  }

  /** A message on the kept stream. */
  push(topic: Topic, ...payloads: readonly Uint8Array[]): Promise<boolean> {
    const frames = payloads.map((payload) => encodeFrame(Uint8Array.of(TOPICS.indexOf(topic)), payload))
    return this.write(this.names.protocol('push'), Buffer.concat(frames))
  }

  request(protocol: string, request: Uint8Array): Promise<readonly Uint8Array[]> {
    if (this.#connection === null) return Promise.reject(new Error('not connected'))
    return ask(this.#connection, this.names.protocol(protocol), request, {
      clock: systemClock,
      limits: DEFAULT_LIMITS,
      room,
    })
  }

  /** Reads what the victim pushes, unlike before, and hands out each frame. */
  async hear(listener: (frame: Uint8Array) => void): Promise<void> {
    const reading = async (stream: Stream) => {
      const limits = { maxFrameBytes: 16 << 20, maxWaiting: 1_024, room }
      for (const frames = new FrameQueue(stream, limits); ; ) listener(await frames.next())
    }
    await this.#libp2p.unhandle(this.names.protocol('push'))
    // The victim may hang up in the middle.
    await this.#libp2p.handle(this.names.protocol('push'), (stream) => void reading(stream).catch(() => undefined))
  }

  /** Answers requests of the victim. */
  async serve(name: string, answer: (request: Uint8Array) => Promise<readonly Uint8Array[]>): Promise<void> {
    const serving = async (stream: Stream) => {
      const limits = { maxFrameBytes: DEFAULT_LIMITS.requestBytes, maxWaiting: 1, room }
      const frames = await answer(await new FrameQueue(stream, limits).next())
      // Status 0: an answer; and how many frames it has.
      const head = Uint8Array.of(0, frames.length >> 8, frames.length & 0xff)
      for (const frame of [head, ...frames]) await sendFrame(stream, encodeFrame(frame))
      await stream.close()
    }
    // The victim may hang up in the middle.
    const handler = (stream: Stream) => void serving(stream).catch(() => undefined)
    await this.#libp2p.handle(this.names.protocol(name), handler, { maxInboundStreams: 1_000 })
  }

  /** Whether the victim takes this identity back. */
  async isTakenBack(): Promise<boolean> {
    const again = await Attacker.make(this.#target, this.#privateKey)
    try {
      return (await again.join()).ok
    } catch {
      return false
    } finally {
      await again.stop()
    }
  }

  async stop(): Promise<void> {
    for (const connection of this.#libp2p.getConnections()) connection.abort(new Error('done'))
    await this.#libp2p.stop()
  }
}

/** Unless the victim has closed it already. */
export function stopReading(stream: Stream): void {
  if (stream.readStatus === 'readable') stream.pause()
}
