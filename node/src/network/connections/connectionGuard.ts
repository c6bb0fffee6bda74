/**
 * The work that an open connection can cause below its streams, counted: frames of the muxer, streams that are opened,
 * talk about protocols, and answers that nobody reads. It stands between libp2p's layers, each of which it is handed
 * when libp2p makes it, and looks at the bytes before the layer above does.
 *
 * A deed that no honest peer does ends the connection and is a fault of the peer; frames that merely cost much are read
 * later.
 */
import type {
  Connection,
  ConnectionEncrypter,
  MessageStream,
  MultiaddrConnection,
  SecureConnectionOptions,
  SecuredConnection,
  Stream,
  StreamMuxer,
  StreamMuxerFactory,
} from '@libp2p/interface'
import { StreamMessageEvent } from '@libp2p/interface'
import { plainBytes } from '../../codec/bytes.ts'
import type { Clock } from '../../runtime/clock.ts'
import { FairShare } from '../conduct/fairShare.ts'
import { BudgetError, TOO_MUCH } from '../framing/framing.ts'
import type { FrameBudgets } from '../framing/heldBytes.ts'
import { isReadable, resume } from '../framing/streamFrames.ts'
import { NOISE_MESSAGE_BYTES, noiseLength, WholeFrames } from '../framing/wholeFrames.ts'
import type { NetworkLimits } from '../limits.ts'
import { JoinedSends } from './joinedSends.ts'
import { MuxerFrames, muxerFrameLength } from './muxerFrames.ts'
import { Negotiation } from './negotiation.ts'
import { readLengthsQuietly } from './noiseLengths.ts'
import { tellListenersAlone } from './unheardEvents.ts'
import { updateWindowLate } from './windowUpdates.ts'

/** Milliseconds: a flood is read in pieces of this length, so that an honest peer beside it waits no longer. */
const FRAME_WINDOW = 100
/** Milliseconds between looks whether a stream is used. */
const USED_POLL = 20
const IDENTIFY_PROTOCOL = '/ipfs/id/1.0.0'

/** The peer at the other end; none before it has proved its identity. */
export interface Origin {
  readonly peer: string | null
  readonly address: string
}

export interface ConnectionGuardOptions {
  readonly limits: NetworkLimits
  readonly clock: Clock
  /** Of unfinished frames. */
  readonly budgets: FrameBudgets
  /** Named at start: its frames count against a share of their own. */
  isNamed(peer: string): boolean
  /** Protocols of streams that this node takes. */
  isServed(protocol: string): boolean
  readonly onCarried?: ((direction: 'received' | 'sent', bytes: number) => void) | undefined
}

interface Open {
  readonly origin: Origin
  readonly muxer: StreamMuxer
  /** Whether anything came since the last look. */
  heard: boolean
  /** Frames of it are read later, as they are too many. */
  isPaused: boolean
  /** Looks in a row before which nothing came. */
  silentLooks: number
  /** At the last look the muxer had ended; the connection of one that says goodbye ends at once, or soon. */
  hasEndedStreams: boolean
}

export class ConnectionGuard {
  readonly #options: ConnectionGuardOptions
  readonly #origins = new WeakMap<MessageStream, Origin>()
  readonly #share: FairShare
  readonly #namedShare: FairShare
  /**
   * Streams with more bytes than they may have before their purpose is agreed, and those that have all it takes to agree.
   */
  readonly #full = new WeakSet<MessageStream>()
  readonly #agreed = new WeakSet<MessageStream>()
  #onFault: (origin: Origin, what: string) => void = () => undefined
  readonly #open = new Map<MessageStream, Open>()
  #connections = 0

  constructor(options: ConnectionGuardOptions) {
    this.#options = options
    const frames = (options.limits.framesPerSecond * FRAME_WINDOW) / 1_000
    this.#share = new FairShare(frames, FRAME_WINDOW)
    this.#namedShare = new FairShare(frames, FRAME_WINDOW)
  }

  /** Called after the connection was ended. */
  onFault(listener: (origin: Origin, what: string) => void): void {
    this.#onFault = listener
  }

  /** Bytes that wait for the peer to read them, by connection: those of its streams and those below them. */
  unsent(): { readonly peer: string; readonly bytes: number }[] {
    return this.#held(({ writeBufferLength }) => writeBufferLength)
  }

  /** Bytes that came on streams which nobody here reads yet, by connection. */
  unread(): { readonly peer: string; readonly bytes: number }[] {
    return this.#held(({ readBufferLength }) => readBufferLength)
  }

  /**
   * A look at all connections. Ends those from which nothing came between any two of the last looks, so many, and those
   * that have had no streams since the look before: no stream can be opened there, whatever else comes.
   */
  endSilent(looks: number): void {
    for (const [stream, open] of this.#open) {
      if (open.hasEndedStreams) {
        stream.abort(new Error('its streams ended, and it did not'))
        continue
      }
      open.hasEndedStreams = open.muxer.status === 'closed'
      // Bytes may wait while this node reads nothing of it.
      open.silentLooks = open.heard || open.isPaused ? 0 : open.silentLooks + 1
      open.heard = false
      if (open.silentLooks >= looks) stream.abort(new Error(`nothing came from it in ${looks} looks, one a second`))
    }
  }

  #held(bytesOf: (stream: MessageStream) => number): { readonly peer: string; readonly bytes: number }[] {
    return [...this.#open].map(([stream, { origin, muxer }]) => ({
      peer: origin.peer ?? '',
      bytes: muxer.streams.reduce((sum, one) => sum + bytesOf(one), bytesOf(stream)),
    }))
  }

  /**
   * libp2p has made a connection of it, and listens to new streams. Not before: the muxer keeps streams for the first
   * who listens, and that has to be libp2p.
   */
  connected(connection: Connection): void {
    const { streams } = connection
    for (const stream of streams) adapt(stream)
    const { negotiatingStreams } = this.#options.limits
    const open = [...this.#open.values()].find(({ muxer }) => muxer.streams === streams)
    open?.muxer.addEventListener('stream', ({ detail: opened }) => {
      adapt(opened)
      const negotiating = streams.filter(({ direction, protocol }) => direction === 'inbound' && protocol === '').length
      if (negotiating > negotiatingStreams) opened.abort(new Error('too many streams that are for nothing yet'))
      else this.#limitNegotiation(opened, open.origin, this.#options.isServed, () => this.#nowAgreed(opened))
    })
  }

  /** A new connection of the transport, before anything is read from it. */
  admit(raw: MultiaddrConnection): void {
    raw.maxWriteBufferLength = this.#options.limits.connectionBacklogBytes
    sendInOnePiece(raw)
    tellListenersAlone(raw)
    if (raw.direction === 'outbound') return
    const origin = { peer: null, address: raw.remoteAddr.toString() }
    const negotiation = this.#negotiation((protocol) => protocol === '/noise')
    const messages = new WholeFrames(noiseLength)
    let agreed = false
    interceptData(raw, (bytes, pass) => {
      if (agreed) return pass(messages.push(bytes))
      const state = negotiation.push(bytes)
      if (state === 'broken') return this.#comesToNoPoint(raw, origin)
      agreed = state === 'agreed'
      pass(bytes.subarray(0, negotiation.taken))
      if (agreed) pass(messages.push(bytes.subarray(negotiation.taken)))
    })
  }

  encrypter<C>(make: (components: C) => ConnectionEncrypter): (components: C) => ConnectionEncrypter {
    return (components) => {
      const inner = make(components)
      const secured = (raw: MessageStream, connection: SecuredConnection) => {
        const { remotePeer, streamMuxer } = connection
        const address = (raw as Partial<MultiaddrConnection>).remoteAddr?.toString() ?? ''
        const origin = { peer: remotePeer.toString(), address }
        this.#origins.set(connection.connection, origin)
        readLengthsQuietly(connection.connection)
        tellListenersAlone(connection.connection)
        if (raw.direction === 'inbound' && streamMuxer === undefined) {
          this.#limitNegotiation(connection.connection, origin, (protocol) => protocol.startsWith('/yamux/'))
        }
        return connection
      }
      return {
        protocol: inner.protocol,
        async secureInbound(raw: MessageStream, options?: SecureConnectionOptions) {
          return secured(raw, await inner.secureInbound(raw, options))
        },
        async secureOutbound(raw: MessageStream, options?: SecureConnectionOptions) {
          return secured(raw, await inner.secureOutbound(raw, options))
        },
      }
    }
  }

  muxer(make: () => StreamMuxerFactory): () => StreamMuxerFactory {
    return () => {
      const inner = make()
      return {
        protocol: inner.protocol,
        createStreamMuxer: (stream) => this.#muxed(stream, (below) => inner.createStreamMuxer(below)),
      }
    }
  }

  #muxed(stream: MessageStream, make: (stream: MessageStream) => StreamMuxer): StreamMuxer {
    const { limits, clock, isNamed, budgets } = this.#options
    const origin = this.#origins.get(stream) ?? { peer: null, address: '' }
    const key = `${this.#connections++}`
    const share = origin.peer !== null && isNamed(origin.peer) ? this.#namedShare : this.#share
    let muxer: StreamMuxer | null = null
    const early = new EarlyBytes(() => muxer?.streams ?? [], limits.earlyStreamBytes)
    let fault: string | null = null
    const counter = new MuxerFrames(limits, clock.monotonic(), (id, bytes) => {
      const full = early.add(id, bytes)
      if (full === null) return
      this.#full.add(full)
      if (full.protocol === '') this.#pauseUntilUsed(full)
      else fault ??= `over ${limits.earlyStreamBytes} bytes before it has said its identity`
    })
    const room = origin.peer === null ? undefined : budgets.of(origin.peer)
    const whole = new WholeFrames(muxerFrameLength, room, () => stream.abort(new BudgetError(TOO_MUCH)))
    let handed: StreamMessageEvent | null = null
    stream.maxWriteBufferLength = limits.connectionBacklogBytes
    const joined = new JoinedSends(stream, clock, stream.send.bind(stream))
    stream.send = (data) => {
      this.#options.onCarried?.('sent', data.byteLength)
      return joined.send(data)
    }
    stream.addEventListener('message', (event) => {
      if (event === handed) return
      const now = clock.monotonic()
      const open = this.#open.get(stream)
      if (open !== undefined) open.heard = true
      let counted = 0
      for (const chunk of pieces(event.data)) {
        this.#options.onCarried?.('received', chunk.length)
        const begun = counter.push(chunk, now)
        if (typeof begun === 'string') fault ??= begun
        else counted += begun
        if (fault === null) continue
        // The muxer would do the rest of it all the same.
        event.stopImmediatePropagation()
        stream.abort(new Error(fault))
        this.#onFault(origin, fault)
        return
      }
      event.stopImmediatePropagation()
      const frames = whole.push(plainBytes(event.data.subarray()))
      if (frames.length > 0) {
        handed = new StreamMessageEvent(frames)
        stream.dispatchEvent(handed)
      }
      const wait = share.take(key, counted, now)
      if (wait === 0 || stream.status !== 'open') return
      stream.pause()
      if (open !== undefined) open.isPaused = true
      clock.after(wait, () => {
        if (open !== undefined) open.isPaused = false
        resume(stream)
      })
    })
    stream.addEventListener('close', (event) => {
      this.#open.delete(stream)
      whole.close()
      if (event.error?.name !== 'StreamBufferError') return
      // Later: in the midst of closing, libp2p throws at who ends the connection.
      queueMicrotask(() =>
        this.#onFault(origin, `reads nothing: over ${limits.connectionBacklogBytes} bytes wait for it`),
      )
    })
    muxer = make(stream)
    adaptOpened(muxer)
    if (origin.peer !== null && stream.status === 'open') {
      this.#open.set(stream, { origin, muxer, heard: true, isPaused: false, silentLooks: 0, hasEndedStreams: false })
    }
    return muxer
  }

  /**
   * Looks on while a stream's purpose is agreed. It stops looking with the last byte of that, before the layer above
   * does: a listener that stayed would take what comes until the stream's user listens.
   */
  #limitNegotiation(
    stream: MessageStream,
    origin: Origin,
    isServed: (protocol: string) => boolean,
    onAgreed: () => void = () => undefined,
  ): void {
    const negotiation = this.#negotiation(isServed)
    const look = (event: { readonly data: Uint8Array | Iterable<Uint8Array> }) => {
      for (const chunk of pieces(event.data)) {
        const state = negotiation.push(chunk)
        if (state === 'going-on') continue
        stream.removeEventListener('message', look)
        if (state === 'agreed') onAgreed()
        else this.#comesToNoPoint(stream, origin)
        return
      }
    }
    stream.addEventListener('message', look)
  }

  #negotiation(isServed: (protocol: string) => boolean): Negotiation {
    return new Negotiation(this.#options.limits.negotiationMessages, isServed)
  }

  #comesToNoPoint(stream: MessageStream, origin: Origin): void {
    stream.abort(new Error('this stream does not come to its point'))
    this.#onFault(origin, 'talks about protocols without end')
  }

  #nowAgreed(stream: Stream): void {
    this.#agreed.add(stream)
    if (this.#full.has(stream)) this.#pauseUntilUsed(stream)
  }

  /** Nobody uses the stream yet, though it is agreed what for; the peer's window of it bounds what comes meanwhile. */
  #pauseUntilUsed(stream: Stream): void {
    if (!this.#agreed.has(stream) || !isReadable(stream)) return
    stream.pause()
    const look = () => {
      if (stream.status === 'open' && stream.protocol === '') this.#options.clock.after(USED_POLL, look)
      else resume(stream)
    }
    this.#options.clock.after(USED_POLL, look)
  }
}

/**
 * Bytes that came on streams whose user does not listen yet: while a protocol is agreed, and on those that ask for the
 * peer's identity, where libp2p keeps what it does not need.
 */
class EarlyBytes {
  readonly #streams: () => readonly Stream[]
  readonly #limit: number
  readonly #bytes = new WeakMap<Stream, number>()
  /** The stream of the frame before, as most frames are of one stream. */
  #last: Stream | undefined
  #lastId = -1

  constructor(streams: () => readonly Stream[], limit: number) {
    this.#streams = streams
    this.#limit = limit
  }

  /** @returns the stream when it has more than the limit. */
  add(id: number, bytes: number): Stream | null {
    if (id !== this.#lastId || this.#last?.status !== 'open') {
      const name = String(id)
      this.#last = this.#streams().find((stream) => stream.id === name)
      this.#lastId = id
    }
    const stream = this.#last
    if (stream === undefined || (stream.protocol !== '' && stream.protocol !== IDENTIFY_PROTOCOL)) return null
    const total = (this.#bytes.get(stream) ?? 0) + bytes
    this.#bytes.set(stream, total)
    return total > this.#limit ? stream : null
  }
}

function adapt(stream: Stream): void {
  updateWindowLate(stream)
  tellListenersAlone(stream)
}

function adaptOpened(muxer: StreamMuxer): void {
  const create = muxer.createStream.bind(muxer)
  muxer.createStream = async (options) => {
    const stream = await create(options)
    adapt(stream)
    return stream
  }
}

/**
 * A transport writes each piece of a list to the socket by itself, and the length of a message of noise is one. More than a
 * message stays in pieces: what the socket has taken, and the peer does not read, is in no count of this process.
 */
function sendInOnePiece(raw: MultiaddrConnection): void {
  const send = raw.send.bind(raw)
  raw.send = (data) => send(data.byteLength <= NOISE_MESSAGE_BYTES ? data.subarray() : data)
}

/**
 * `look` is handed what comes from the socket before libp2p keeps any of it, and hands on what it likes. It stands in the
 * way of `onData`, by which a transport gives libp2p what it has read.
 */
function interceptData(raw: MultiaddrConnection, look: (bytes: Uint8Array, pass: (bytes: Uint8Array) => void) => void) {
  const receiver = raw as unknown as { onData(data: Uint8Array): void }
  const receive = receiver.onData.bind(raw)
  receiver.onData = (data) => look(plainBytes(data), receive)
}

function pieces(data: Uint8Array | Iterable<Uint8Array>): Iterable<Uint8Array> {
  return data instanceof Uint8Array ? [data] : data
}
