/**
 * One direction of a slow link of a simulation: bytes enter it one after the other, at its bandwidth. Messages wait for it
 * in the same queues as in a node, urgent ones and the rest apart; requests share it.
 */
import { DEFAULT_LIMITS } from '../../src/network/limits.ts'
import { type QueuedFrame, SendQueue } from '../../src/network/push/sendQueue.ts'
import type { Scheduler } from './scheduler.ts'

const PIECE_BYTES = 64 * 1024

export interface SimFrame extends QueuedFrame {
  /** It arrives. */
  readonly deliver: () => void
}

export class SimLink {
  readonly #scheduler: Scheduler
  /** Bytes a millisecond. */
  readonly #bandwidth: number
  readonly #latency: () => number
  readonly #lanes = ['urgent', 'bulk'].map(
    () =>
      new SendQueue<SimFrame>({
        waiting: DEFAULT_LIMITS.pushQueueBytes,
        leastUnderWay: DEFAULT_LIMITS.pushLeastUnderWay,
        mostUnderWay: DEFAULT_LIMITS.pushMostUnderWay,
        time: DEFAULT_LIMITS.pushUnderWayTime,
      }),
  )
  /** When the last byte that was given to it has entered it. */
  #freeAt = 0
  /** When the newest of them arrives: none overtakes another. */
  #arrivesAt = 0
  #closed = false
  /** Bytes that went over it. */
  passed = 0

  constructor(scheduler: Scheduler, bandwidth: number, latency: () => number) {
    this.#scheduler = scheduler
    this.#bandwidth = bandwidth
    this.#latency = latency
  }

  send(frame: SimFrame, isUrgent: boolean): void {
    this.#lanes[isUrgent ? 0 : 1]!.add(frame)
    this.#pump()
  }

  drop(key: string): void {
    for (const lane of this.#lanes) lane.drop(key)
  }

  /**
   * Beside the queues, piece after piece, as on a stream of its own, which is reset when nobody wants the rest. Calls
   * `arrived` with the number of each of the frames when its last byte is there.
   */
  pass(frames: readonly number[], isWanted: () => boolean, arrived: (index: number) => void): void {
    const next = (index: number, left: number): void => {
      if (!isWanted()) return
      const length = Math.min(left, PIECE_BYTES)
      const arrival = this.#enter(length)
      const isWhole = length === left
      if (isWhole) this.#scheduler.after(arrival - this.#scheduler.now, () => arrived(index))
      if (isWhole && index + 1 === frames.length) return
      const follow = () => (isWhole ? next(index + 1, frames[index + 1]!) : next(index, left - length))
      this.#scheduler.after(this.#freeAt - this.#scheduler.now, follow)
    }
    if (frames.length > 0) next(0, frames[0]!)
  }

  /** Waiting messages are lost; those that have entered arrive. */
  close(): void {
    this.#closed = true
  }

  #pump(): void {
    if (this.#closed) return
    for (const lane of this.#lanes) {
      for (;;) {
        const piece = lane.next(PIECE_BYTES, this.#scheduler.now)
        if (piece === null) break
        const { bytes, of, isLast } = piece
        this.#scheduler.after(this.#enter(bytes.length) - this.#scheduler.now, () => {
          if (isLast) of.deliver()
          this.#scheduler.after(this.#latency(), () => {
            lane.take(bytes.length, this.#scheduler.now)
            this.#pump()
          })
        })
      }
    }
  }

  /** When the last of these bytes arrives. */
  #enter(bytes: number): number {
    this.passed += bytes
    this.#freeAt = Math.max(this.#freeAt, this.#scheduler.now) + bytes / this.#bandwidth
    this.#arrivesAt = Math.max(this.#arrivesAt, this.#freeAt + this.#latency())
    return this.#arrivesAt
  }
}
