/**
 * Messages that wait to go to one peer on one stream. Below this queue (the stream, the system, the wire) nothing can be
 * taken back or overtaken. So the queue hands down little at a time: as much as the peer lately took in
 * {@link SendQueueLimits.time}. The rest waits here, where urgent messages go first and outdated ones are taken out.
 *
 * Pure: the caller hands down what {@link SendQueue.next} gives, and tells what the peer says it has taken.
 *
 * Why it is so: docs/rationale/network.md.
 */
import type { Delivery } from '../network.ts'

export interface SendQueueLimits {
  /** Bytes that wait; a frame counts {@link FRAME_COST} more, so that small ones are bounded too. */
  readonly waiting: number
  /**
   * Bytes handed down and not taken yet: at least and at most so many, and between them what was taken in `time`
   * milliseconds.
   */
  readonly leastUnderWay: number
  readonly mostUnderWay: number
  readonly time: number
}

export interface QueuedFrame {
  readonly frame: Uint8Array
  /** 0 goes first. */
  readonly rank: number
  /** The same key is the same message. Null: not a message. */
  readonly key: string | null
  readonly delivery?: Delivery | undefined
}

/** A part of a frame, to be handed down. */
export interface Piece<T extends QueuedFrame = QueuedFrame> {
  readonly bytes: Uint8Array
  readonly of: T
  readonly isLast: boolean
}

/** Bytes of memory that an entry of the queue takes besides its message, about. */
const FRAME_COST = 128
const RANKS = 2

export class SendQueue<T extends QueuedFrame = QueuedFrame> {
  readonly #limits: SendQueueLimits
  /** By number, ascending: the oldest first. */
  readonly #ranks: readonly Map<number, T>[] = Array.from({ length: RANKS }, () => new Map())
  readonly #byKey = new Map<string, number>()
  readonly #byKind = new Map<string, Set<number>>()
  #next = 0
  #waiting = 0
  /** The frame that is handed down in part. */
  #current: { readonly queued: T; at: number } | null = null
  /** The messages handed down and not taken yet, oldest first: where in the stream it ends. */
  readonly #underWay: { readonly key: string | null; readonly kind: string | null; readonly end: number }[] = []
  #sent = 0
  #taken = 0
  /** Bytes taken in the stretch of `time` that began at `#since`, and in the one before it. */
  #since = 0
  #takenNow = 0
  #takenBefore = 0

  constructor(limits: SendQueueLimits) {
    this.#limits = limits
  }

  /** Bytes that wait, with what entries cost. */
  get waiting(): number {
    return this.#waiting
  }

  /** Bytes handed down that the peer has not taken yet. */
  get underWay(): number {
    return this.#sent - this.#taken
  }

  /** False when the frame has no room. True also when it need not be sent: its message waits already or is under way. */
  add(queued: T): boolean {
    const { frame, rank, key, delivery } = queued
    if (key !== null && (this.#byKey.has(key) || this.#isUnderWay((other) => other.key === key))) return true
    const kind = delivery?.replaces
    if (kind !== undefined) {
      if (delivery?.unlessUnderWay === true && this.#isUnderWay((other) => other.kind === kind)) return true
      for (const number of this.#byKind.get(kind) ?? []) this.#remove(number)
    }
    const cost = frame.length + FRAME_COST
    if (this.#waiting > 0 && this.#waiting + cost > this.#limits.waiting) return false
    const number = this.#next++
    this.#ranks[Math.min(rank, RANKS - 1)]!.set(number, queued)
    this.#waiting += cost
    if (key !== null) this.#byKey.set(key, number)
    if (kind !== undefined) {
      const numbers = this.#byKind.get(kind) ?? new Set()
      this.#byKind.set(kind, numbers.add(number))
    }
    return true
  }

  /** The message need not be sent, unless a part of it is handed down already. */
  drop(key: string): void {
    const number = this.#byKey.get(key)
    if (number !== undefined) this.#remove(number)
  }

  /** The next piece to hand down, of `most` bytes at most; null when nothing waits or enough is under way. */
  next(most: number, now: number): Piece<T> | null {
    const room = this.#room(now) - this.underWay
    if (room <= 0) return null
    this.#current ??= this.#begin()
    if (this.#current === null) return null
    const { queued, at } = this.#current
    const bytes = queued.frame.subarray(at, at + Math.min(most, room))
    const isLast = at + bytes.length === queued.frame.length
    this.#sent += bytes.length
    if (isLast) this.#current = null
    else this.#current.at += bytes.length
    return { bytes, of: queued, isLast }
  }

  /** The peer has taken so many more bytes. False when it says more than it was sent. */
  take(bytes: number, now: number): boolean {
    if (bytes > this.underWay) return false
    this.#taken += bytes
    this.#turn(now)
    this.#takenNow += bytes
    let done = 0
    while (done < this.#underWay.length && this.#underWay[done]!.end <= this.#taken) done++
    this.#underWay.splice(0, done)
    return true
  }

  /** Bytes that may be under way. */
  #room(now: number): number {
    this.#turn(now)
    const { leastUnderWay, mostUnderWay } = this.#limits
    return Math.min(mostUnderWay, Math.max(leastUnderWay, this.#takenNow, this.#takenBefore))
  }

  #turn(now: number): void {
    const { time } = this.#limits
    if (now - this.#since < time) return
    this.#takenBefore = now - this.#since < 2 * time ? this.#takenNow : 0
    this.#takenNow = 0
    this.#since = now
  }

  #begin(): { readonly queued: T; at: number } | null {
    for (const rank of this.#ranks) {
      const first = rank.entries().next().value
      if (first === undefined) continue
      const [number, queued] = first
      this.#remove(number)
      const { key, delivery, frame } = queued
      this.#underWay.push({ key, kind: delivery?.replaces ?? null, end: this.#sent + frame.length })
      return { queued, at: 0 }
    }
    return null
  }

  #remove(number: number): void {
    for (const rank of this.#ranks) {
      const queued = rank.get(number)
      if (queued === undefined) continue
      const { frame, key, delivery } = queued
      rank.delete(number)
      this.#waiting -= frame.length + FRAME_COST
      if (key !== null) this.#byKey.delete(key)
      if (delivery === undefined) return
      const numbers = this.#byKind.get(delivery.replaces)
      numbers?.delete(number)
      if (numbers?.size === 0) this.#byKind.delete(delivery.replaces)
      return
    }
  }

  /** Few: what is under way is bounded. */
  #isUnderWay(test: (other: { readonly key: string | null; readonly kind: string | null }) => boolean): boolean {
    return this.#underWay.some(test)
  }
}
