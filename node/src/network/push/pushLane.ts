/**
 * One kept stream of our own to a peer, with what waits for it. The peer says on the same stream how many bytes it has
 * taken, so that we know what the way to it still holds.
 *
 * Its messages are four bytes each: the number of bytes taken since the last time, big-endian.
 */
import type { Stream } from '@libp2p/interface'
import type { Clock } from '../../runtime/clock.ts'
import type { NetworkLimits } from '../limits.ts'
import { type QueuedFrame, SendQueue } from './sendQueue.ts'

/** Bytes handed down at a time. */
const PIECE_BYTES = 64 * 1024
const COUNT_BYTES = 4

export class PushLane {
  readonly #clock: Clock
  readonly #queue: SendQueue
  readonly #stream: Stream
  readonly #onViolation: (what: string) => void
  readonly #count = new Uint8Array(COUNT_BYTES)
  #counted = 0

  constructor(stream: Stream, clock: Clock, limits: NetworkLimits, onViolation: (what: string) => void) {
    this.#stream = stream
    this.#clock = clock
    this.#onViolation = onViolation
    this.#queue = new SendQueue({
      waiting: limits.pushQueueBytes,
      leastUnderWay: limits.pushLeastUnderWay,
      mostUnderWay: limits.pushMostUnderWay,
      time: limits.pushUnderWayTime,
    })
    stream.addEventListener('message', (event) => this.#onTaken(event.data.subarray()))
  }

  /** False when the frame has no room, or the stream is gone. */
  send(queued: QueuedFrame): boolean {
    if (this.#stream.writeStatus !== 'writable') return false
    const isTaken = this.#queue.add(queued)
    this.#handDown()
    return isTaken
  }

  drop(key: string): void {
    this.#queue.drop(key)
  }

  #handDown(): void {
    const now = this.#clock.monotonic()
    for (;;) {
      if (this.#stream.writeStatus !== 'writable') return
      const piece = this.#queue.next(PIECE_BYTES, now)
      if (piece === null) return
      try {
        // False only says that the transport is full; the queue bounds the frames under way.
        this.#stream.send(piece.bytes)
      } catch (error) {
        this.#stream.abort(error instanceof Error ? error : new Error(String(error)))
        return
      }
    }
  }

  #onTaken(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#count[this.#counted++] = byte
      if (this.#counted < COUNT_BYTES) continue
      this.#counted = 0
      const taken = new DataView(this.#count.buffer).getUint32(0, false)
      if (taken > 0 && this.#queue.take(taken, this.#clock.monotonic())) continue
      this.#onViolation('it says that it has taken bytes that it was not sent')
      return
    }
    this.#handDown()
  }
}

/** The other end: says what was taken, after so many bytes or a short time. */
export class TakenBytes {
  readonly #clock: Clock
  readonly #limits: Pick<NetworkLimits, 'pushTakenBytes' | 'pushTakenDelay'>
  readonly #stream: Stream
  #bytes = 0
  #cancel: (() => void) | null = null

  constructor(stream: Stream, clock: Clock, limits: Pick<NetworkLimits, 'pushTakenBytes' | 'pushTakenDelay'>) {
    this.#stream = stream
    this.#clock = clock
    this.#limits = limits
  }

  take(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes >= this.#limits.pushTakenBytes) this.#say()
    else this.#cancel ??= this.#clock.after(this.#limits.pushTakenDelay, () => this.#say())
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#bytes = 0
  }

  #say(): void {
    this.#cancel?.()
    this.#cancel = null
    const count = new Uint8Array(COUNT_BYTES)
    new DataView(count.buffer).setUint32(0, this.#bytes, false)
    this.#bytes = 0
    if (this.#stream.writeStatus !== 'writable') return
    try {
      this.#stream.send(count)
    } catch (error) {
      this.#stream.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }
}
