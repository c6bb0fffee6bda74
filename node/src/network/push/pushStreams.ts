/**
 * The kept streams of push.ts over libp2p: two to each peer for what we send, two from each for what it sends. One is
 * for what is short and urgent, votes above all, the other for transactions and large messages, so that a large one
 * does not hold up a vote. Streams that break while the connection lives are opened again. A stream is not read while
 * too many of a peer's messages of its kind are being judged, so a flood fills the peer's own buffers and not ours.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../../runtime/clock.ts'
import type { Judging } from '../conduct/judging.ts'
import type { ThrottledKind } from '../conduct/throttle.ts'
import { BudgetError, FrameReader, FramingError, TOO_MUCH } from '../framing/framing.ts'
import type { FrameBudgets } from '../framing/heldBytes.ts'
import { isPaused, isReadable, messageOf, resume } from '../framing/streamFrames.ts'
import type { NetworkLimits } from '../limits.ts'
import { TOPICS } from '../topics.ts'
import type { FramedMessage, PushGossip, PushLink } from './push.ts'
import { PushLane, TakenBytes } from './pushLane.ts'

/** Names of the protocols: `push` for what is urgent, `push-bulk` for the rest. */
export const PUSH_PROTOCOLS = { urgent: 'push', bulk: 'push-bulk' } as const
export type LaneName = keyof typeof PUSH_PROTOCOLS
export const LANES: readonly LaneName[] = ['urgent', 'bulk']

const REOPEN_DELAY = 100
/** Bytes that are cut into frames at a time. */
const CUT_BYTES = 16 * 1024

export interface PushStreamsOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  /** Of unfinished frames. */
  readonly budgets: FrameBudgets
  readonly judging: Readonly<Record<LaneName, Judging>>
  /** Ids of the two protocols. */
  readonly protocols: Readonly<Record<LaneName, string>>
  readonly push: PushGossip
  /** Named at start: messages are pushed to it even when there are enough. */
  isNamed(peer: string): boolean
  /** When a throttled peer's frame may be taken; null when at once. */
  turn(peer: string, kind: ThrottledKind, bytes: number): Promise<void> | null
  /** A live connection to a peer whose handshake is done; undefined when there is none. */
  connectionTo(peer: string): Connection | undefined
  onViolation(peer: string, what: string): void
  onDebug(peer: string, what: string): void
}

export class PushStreams {
  readonly #options: PushStreamsOptions
  readonly #outbound = new Map<string, readonly Stream[] | 'opening'>()
  /** Peers that messages are pushed to; others have streams for what this node wants of them. */
  readonly #pushedTo = new Set<string>()
  readonly #inbound = new Map<string, Map<LaneName, Stream>>()
  #stopped = false

  constructor(options: PushStreamsOptions) {
    this.#options = options
  }

  /**
   * Opens the streams to a peer, unless there are some. When messages are pushed to enough peers, they are for asking alone.
   */
  open(peer: string): void {
    const { limits, push, onDebug } = this.#options
    if (this.#stopped) return
    const isPushedTo = this.#pushedTo.size < limits.pushPeers || this.#options.isNamed(peer)
    if (this.#outbound.has(peer)) {
      if (isPushedTo) {
        this.#pushedTo.add(peer)
        push.startPushing(peer)
      }
      return
    }
    const connection = this.#options.connectionTo(peer)
    if (connection === undefined) return
    if (isPushedTo) this.#pushedTo.add(peer)
    this.#outbound.set(peer, 'opening')
    this.#openLanes(connection)
      .then((streams) => this.#opened(peer, streams))
      .catch((error: unknown) => {
        this.#removeOutbound(peer)
        onDebug(peer, `no push stream: ${messageOf(error)}`)
        this.#reopen(peer)
      })
  }

  /** The peer is gone. */
  close(peer: string): void {
    const streams = this.#outbound.get(peer)
    this.#removeOutbound(peer)
    this.#options.push.removeLink(peer)
    if (streams !== undefined && streams !== 'opening') abortAll(streams)
    abortAll([...(this.#inbound.get(peer)?.values() ?? [])])
    this.#inbound.delete(peer)
  }

  /** Whether the peer keeps a stream to this node. */
  hears(peer: string): boolean {
    return this.#inbound.has(peer)
  }

  /** For libp2p's `handle`. */
  accept(stream: Stream, peer: string, lane: LaneName): void {
    const { clock, limits, push, onViolation, onDebug } = this.#options
    const judging = this.#options.judging[lane]
    const streams = this.#inbound.get(peer) ?? new Map<LaneName, Stream>()
    this.#inbound.set(peer, streams)
    const previous = streams.get(lane)
    streams.set(lane, stream)
    previous?.abort(new Error('replaced by a newer stream'))
    const largest = Math.max(...Object.values(limits.messageBytes))
    const taken = new TakenBytes(stream, clock, limits)
    let failed = false
    // Others use up what there is: that is not the fault of this one, which may try again.
    const giveUp = (error: BudgetError) => {
      failed = true
      onDebug(peer, error.message)
      stream.abort(error)
    }
    const room = this.#options.budgets.of(peer)
    const reader = new FrameReader(1 + largest, room, giveUp)
    const fail = (what: string) => {
      if (failed) return
      failed = true
      stream.abort(new Error(what))
      onViolation(peer, what)
    }
    const judge = async (frame: Uint8Array) => {
      judging.begin(peer, frame.length)
      const turn = this.#options.turn(peer, kindOf(frame), frame.length)
      if (turn !== null) await turn
      const fault = await push.receive(peer, frame)
      judging.end(peer, frame.length)
      if (fault !== null) fail(fault)
    }
    /** The bytes that came while too much of the peer's was being judged, as they came: at most its window. */
    const pieces: Uint8Array[] = []
    const waiting = { evict: () => giveUp(new BudgetError(TOO_MUCH)) }
    let waitingBytes = 0
    const hold = () => {
      if (!room.hold(waiting, waitingBytes, waitingBytes === 0)) waiting.evict()
    }
    /** Frames of the piece before. A window of the shortest frames would be a hundred times as large in frames. */
    let frames: readonly Uint8Array[] = []
    let at = 0
    const cut = (piece: Uint8Array) => {
      at = 0
      try {
        frames = reader.push(piece)
      } catch (error) {
        if (!(error instanceof FramingError)) throw error
        frames = []
        if (error instanceof BudgetError) giveUp(error)
        else fail(error.message)
      }
    }
    const next = () => {
      while (!failed && !judging.isFull(peer)) {
        if (at < frames.length) void judge(frames[at++]!)
        else if (pieces.length > 0) {
          const piece = pieces.shift()!
          waitingBytes -= piece.length
          cut(piece)
        } else break
      }
      if (failed) waitingBytes = 0
      hold()
      if (failed) {
        pieces.length = 0
        frames = []
        return
      }
      if (judging.isFull(peer)) {
        if (isReadable(stream)) stream.pause()
        judging.whenRoom(peer, next)
      } else if (isPaused(stream)) resume(stream)
    }
    stream.addEventListener('message', (event) => {
      if (failed) return
      push.heard(peer, event.data.byteLength)
      taken.take(event.data.byteLength)
      const bytes = event.data.subarray()
      for (let from = 0; from < bytes.length; from += CUT_BYTES) pieces.push(bytes.subarray(from, from + CUT_BYTES))
      waitingBytes += bytes.length
      next()
    })
    const closed = () => {
      taken.stop()
      reader.close()
      room.hold(waiting, 0, true)
      if (streams.get(lane) !== stream) return
      streams.delete(lane)
      judging.forget(peer)
      if (streams.size === 0 && this.#inbound.get(peer) === streams) this.#inbound.delete(peer)
    }
    stream.addEventListener('close', closed)
    stream.addEventListener('remoteCloseWrite', () => {
      closed()
      stream.abort(new Error('the peer ended the stream'))
    })
  }

  stop(): void {
    this.#stopped = true
    for (const peer of [...this.#outbound.keys(), ...this.#inbound.keys()]) this.close(peer)
  }

  /** In the order of {@link LANES}. */
  async #openLanes(connection: Connection): Promise<readonly Stream[]> {
    const streams: Stream[] = []
    try {
      for (const lane of LANES) {
        const stream = await connection.newStream(this.#options.protocols[lane], { maxOutboundStreams: 2 })
        streams.push(stream)
        if (stream.writeStatus !== 'writable') throw new Error('the peer reset the stream at once')
      }
      return streams
    } catch (error) {
      abortAll(streams)
      throw error
    }
  }

  #opened(peer: string, streams: readonly Stream[]): void {
    if (this.#stopped || this.#outbound.get(peer) !== 'opening') {
      abortAll(streams)
      return
    }
    this.#outbound.set(peer, streams)
    const { clock, limits, push, onViolation } = this.#options
    const closed = () => {
      if (this.#outbound.get(peer) !== streams) return
      this.#removeOutbound(peer)
      push.removeLink(peer)
      abortAll(streams)
      this.#reopen(peer)
    }
    const lanes = streams.map((stream) => {
      stream.addEventListener('close', closed)
      return new PushLane(stream, clock, limits, (what) => {
        stream.abort(new Error(what))
        onViolation(peer, what)
      })
    })
    push.addLink(peer, linkOver(lanes[0]!, lanes[1]!, limits), this.#pushedTo.has(peer))
    // The other may have ended while the second was opened.
    if (streams.some(({ status }) => status !== 'open')) closed()
  }

  #removeOutbound(peer: string): void {
    this.#outbound.delete(peer)
    this.#pushedTo.delete(peer)
  }

  #reopen(peer: string): void {
    if (!this.#stopped) this.#options.clock.after(REOPEN_DELAY, () => this.open(peer))
  }
}

function kindOf(frame: Uint8Array): ThrottledKind {
  return TOPICS[frame[0] ?? TOPICS.length] ?? 'control'
}

/** Votes first, then ids, on a stream that nothing large is on; proposals go before transactions on the other. */
function linkOver(urgent: PushLane, bulk: PushLane, limits: NetworkLimits): PushLink {
  return {
    send(frame, message) {
      const { key = null, delivery } = message ?? {}
      const queued = { frame, rank: rankOf(message), key, delivery }
      return isUrgent(frame, message, limits) ? urgent.send(queued) : bulk.send(queued)
    },
    drop(key) {
      urgent.drop(key)
      bulk.drop(key)
    },
  }
}

function isUrgent(frame: Uint8Array, message: FramedMessage | undefined, limits: NetworkLimits): boolean {
  if (message === undefined) return true
  return message.topic !== 'tx' && frame.length <= limits.pushUrgentBytes
}

function rankOf(message: FramedMessage | undefined): number {
  return message === undefined || message.topic === 'tx' ? 1 : 0
}

function abortAll(streams: readonly Stream[]): void {
  for (const stream of streams) stream.abort(new Error('the kept streams to this peer end'))
}
