/**
 * The kept streams of push.ts over libp2p: one to each peer for what we send, one from each for what it sends. A
 * stream that breaks while the connection lives is opened again. Reading stops while too many of a peer's messages are
 * being judged, so a flood fills the peer's own buffers and not ours.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { Clock } from '../runtime/clock.ts'
import { BudgetError, type ByteBudget, FrameReader, FramingError } from './framing.ts'
import type { Judging } from './judging.ts'
import type { NetworkLimits } from './limits.ts'
import type { PushGossip, PushLink } from './push.ts'
import { isPaused, isReadable, messageOf, resume } from './streamFrames.ts'
import type { ThrottledKind } from './throttle.ts'
import { TOPICS } from './topics.ts'

const REOPEN_DELAY = 100

export interface PushStreamsOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  /** Of unfinished frames: strangers' and that of peers named at start, which strangers cannot use up. */
  readonly budget: ByteBudget
  readonly namedBudget: ByteBudget
  readonly judging: Judging
  readonly protocol: string
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
  readonly #outbound = new Map<string, Stream | 'opening'>()
  /** Peers that messages are pushed to; others have a stream for what this node wants of them. */
  readonly #pushedTo = new Set<string>()
  readonly #inbound = new Map<string, Stream>()
  #stopped = false

  constructor(options: PushStreamsOptions) {
    this.#options = options
  }

  /** Opens the stream to a peer, unless there is one. When messages are pushed to enough peers, it is for asking alone. */
  open(peer: string): void {
    const { limits, protocol, push, onDebug } = this.#options
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
    connection
      .newStream(protocol, { maxOutboundStreams: 2 })
      .then((stream) => this.#opened(peer, stream))
      .catch((error: unknown) => {
        this.#removeOutbound(peer)
        onDebug(peer, `no push stream: ${messageOf(error)}`)
        this.#reopen(peer)
      })
  }

  /** The peer is gone. */
  close(peer: string): void {
    const stream = this.#outbound.get(peer)
    this.#removeOutbound(peer)
    this.#options.push.removeLink(peer)
    if (stream !== undefined && stream !== 'opening') stream.abort(new Error('the peer is gone'))
    this.#inbound.get(peer)?.abort(new Error('the peer is gone'))
    this.#inbound.delete(peer)
  }

  /** Whether the peer keeps a stream to this node. */
  hears(peer: string): boolean {
    return this.#inbound.has(peer)
  }

  /** For libp2p's `handle`. */
  accept(stream: Stream, peer: string): void {
    const { limits, judging, push, onViolation, onDebug } = this.#options
    const previous = this.#inbound.get(peer)
    this.#inbound.set(peer, stream)
    previous?.abort(new Error('replaced by a newer stream'))
    const largest = Math.max(...Object.values(limits.messageBytes))
    const budget = this.#options.isNamed(peer) ? this.#options.namedBudget : this.#options.budget
    const reader = new FrameReader(1 + largest, budget)
    let failed = false
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
    /** Frames that came while too much of the peer's was being judged: as many as its window brought. */
    let queue: Uint8Array[] = []
    const next = () => {
      let at = 0
      for (; at < queue.length && !failed && !judging.isFull(peer); at++) void judge(queue[at]!)
      queue = queue.slice(at)
      if (failed) return
      if (judging.isFull(peer)) {
        if (isReadable(stream)) stream.pause()
        judging.whenRoom(peer, next)
      } else if (isPaused(stream)) resume(stream)
    }
    stream.addEventListener('message', (event) => {
      if (failed) return
      push.heard(peer, event.data.byteLength)
      try {
        for (const frame of reader.push(event.data.subarray())) queue.push(frame)
      } catch (error) {
        if (!(error instanceof FramingError)) throw error
        if (!(error instanceof BudgetError)) return fail(error.message)
        // Others use up what there is: that is not the fault of this one, which may try again.
        failed = true
        onDebug(peer, error.message)
        stream.abort(error)
        return
      }
      next()
    })
    const closed = () => {
      reader.close()
      if (this.#inbound.get(peer) !== stream) return
      this.#inbound.delete(peer)
      judging.forget(peer)
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

  #opened(peer: string, stream: Stream): void {
    if (this.#stopped || this.#outbound.get(peer) !== 'opening') {
      stream.abort(new Error('the peer is gone'))
      return
    }
    if (stream.writeStatus !== 'writable') throw new Error('the peer reset the stream at once')
    this.#outbound.set(peer, stream)
    const { limits, push } = this.#options
    stream.addEventListener('close', () => {
      if (this.#outbound.get(peer) !== stream) return
      this.#removeOutbound(peer)
      push.removeLink(peer)
      this.#reopen(peer)
    })
    const link: PushLink = {
      send(frame) {
        if (stream.writeStatus !== 'writable') return false
        if (stream.writeBufferLength + frame.length > limits.pushBacklogBytes) return false
        try {
          stream.send(frame)
          return true
        } catch {
          return false
        }
      },
    }
    push.addLink(peer, link, this.#pushedTo.has(peer))
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
