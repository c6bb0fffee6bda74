/**
 * Places for the requests of peers that are not named at start. A place is held while an answer is made and while its
 * reader takes it, and given up by who does not read when somebody else wants it. So peers that ask and do not read keep
 * nobody out for longer than `readerGrace`:
 *
 * - When no place is free, the answer whose reader has been too slow for the longest time is ended. Too slow is who has
 *   not taken `readerBytesPerSecond` in all its answers together, and used up its grace of `readerGrace`. Nobody is ended
 *   while there is room.
 * - A peer that lost an answer in this way is slow until it has read a long one whole: it has one request at a time,
 *   none within `slowReaderPause`, and shares a quarter of the places with its like. A peer that has read a long answer
 *   whole is a reader: the last quarter is for readers alone. One address has half of them at most.
 * - A peer that finds no place waits for `placeWait`: readers before the unknown before the slow, and the one with the
 *   fewest requests here first.
 */
import type { Clock } from '../../runtime/clock.ts'
import type { NetworkLimits } from '../limits.ts'

export interface PlacesOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  isNamed(peer: string): boolean
  /** Equal for peers that may be one: those of one address. */
  groupOf(peer: string): string
  /** The peer has read a long answer whole. */
  onRead?(peer: string): void
}

/** An answer on its way. */
export interface SentAnswer {
  readonly bytes: number
  /** Bytes that the reader has not taken yet. */
  unsent(): number
  /** Somebody else needs the place. */
  abort(): void
}

export interface Place {
  /** From now on it depends on the reader. */
  sending(answer: SentAnswer): void
  /** The place is free; `wasRead` when the answer was sent to its end. */
  leave(wasRead: boolean): void
}

const SLOW = 0
const UNKNOWN = 1
const READS = 2

/** The size of the buffers on the way says nothing about the reader: yamux's window at the start of a stream. */
const WINDOW_BYTES = 256 * 1024
/** Milliseconds between two looks at what readers have taken. */
const LOOK_INTERVAL = 250
/** A node that was busy itself for longer does not blame readers for it. Milliseconds. */
const LONGEST_LOOK = 2 * LOOK_INTERVAL

interface Held {
  readonly reader: Reader
  readonly group: string
  answer: SentAnswer | null
  /** At the last look. */
  unsent: number
}

interface Reader {
  readonly peer: string
  readonly held: Set<Held>
  waiting: number
  standing: typeof SLOW | typeof UNKNOWN | typeof READS
  /** Milliseconds for which the peer may take nothing; below 0 it is too slow. */
  grace: number
  pausedUntil: number
}

interface Waiter {
  readonly peer: string
  readonly reader: Reader
  readonly order: number
  settle(outcome: Place | string): void
}

const OF_NAMED: Place = { sending: () => undefined, leave: () => undefined }
const BUSY = 'busy: too many requests of others are being answered'

export class Places {
  readonly #options: PlacesOptions
  readonly #held = new Set<Held>()
  readonly #readers = new Map<string, Reader>()
  #waiters: Waiter[] = []
  #order = 0
  #lookedAt = 0
  #cancelLook: (() => void) | null = null

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  get taken(): number {
    return this.#held.size
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /** Resolves with a place, or with the reason why there is none. */
  async enter(peer: string): Promise<Place | string> {
    const { clock, limits, isNamed } = this.#options
    if (isNamed(peer)) return OF_NAMED
    const reader = this.#readerOf(peer)
    if (reader.standing === SLOW) {
      const pause = reader.pausedUntil - clock.monotonic()
      if (pause > 0) return `busy: your last answer was not read; ask again in ${Math.ceil(pause)} ms`
      if (reader.held.size + reader.waiting > 0)
        return 'busy: your last answer was not read; one at a time until one is'
    }
    const place = this.#take(peer, reader)
    if (place !== null) return place
    const { promise, resolve } = Promise.withResolvers<Place | string>()
    const waiter: Waiter = {
      peer,
      reader,
      order: this.#order++,
      settle: (outcome) => {
        cancel()
        reader.waiting--
        this.#waiters = this.#waiters.filter((other) => other !== waiter)
        resolve(outcome)
      },
    }
    const cancel = clock.after(limits.placeWait, () => waiter.settle(BUSY))
    reader.waiting++
    this.#waiters.push(waiter)
    this.#waiters.sort(compareWaiters)
    if (this.#waiters.length > limits.waitingInboundRequests) this.#waiters.at(-1)!.settle(BUSY)
    this.#lookLater()
    return promise
  }

  /** The peer is gone. Places it holds are left by those who answer. */
  forget(peer: string): void {
    for (const waiter of this.#waiters) if (waiter.peer === peer) waiter.settle('the peer is gone')
    this.#readers.delete(peer)
  }

  #readerOf(peer: string): Reader {
    let reader = this.#readers.get(peer)
    if (reader === undefined) {
      const { readerGrace } = this.#options.limits
      reader = { peer, held: new Set(), waiting: 0, standing: UNKNOWN, grace: readerGrace, pausedUntil: 0 }
      this.#readers.set(peer, reader)
    }
    return reader
  }

  /** A place, one of somebody slow if there is no other; null when there is none. */
  #take(peer: string, reader: Reader): Place | null {
    const { limits, groupOf } = this.#options
    const group = groupOf(peer)
    const of = (condition: (held: Held) => boolean) => [...this.#held].filter(condition)
    const isOfGroup = (held: Held) => held.group === group
    const isOfShare = (held: Held) => held.reader.standing <= reader.standing
    const groupIsFull = of(isOfGroup).length >= limits.inboundRequestsPerAddress
    const shareIsFull = of(isOfShare).length >= shareOf(reader, limits.inboundRequests)
    if (groupIsFull || shareIsFull || this.#held.size >= limits.inboundRequests) {
      const slowest = this.#slowest((held) => (!groupIsFull || isOfGroup(held)) && (!shareIsFull || isOfShare(held)))
      if (slowest === null) return null
      this.#end(slowest)
    }
    const held: Held = { reader, group, answer: null, unsent: 0 }
    this.#held.add(held)
    reader.held.add(held)
    return {
      sending: (answer) => this.#sending(held, answer),
      leave: (wasRead) => this.#left(held, wasRead),
    }
  }

  #sending(held: Held, answer: SentAnswer): void {
    const { readerGrace } = this.#options.limits
    const { reader } = held
    // A peer with other answers under way keeps the grace that is left.
    if (![...reader.held].some((other) => other.answer !== null)) {
      reader.grace = reader.standing === SLOW ? readerGrace / 4 : readerGrace
    }
    held.answer = answer
    held.unsent = answer.bytes
    this.#lookLater()
  }

  #left(held: Held, wasRead: boolean): void {
    const { reader } = held
    reader.held.delete(held)
    if (!this.#held.delete(held)) return
    if (wasRead && held.answer !== null && held.answer.bytes > WINDOW_BYTES) {
      reader.standing = READS
      this.#options.onRead?.(reader.peer)
    }
    this.#serve()
  }

  /** The first of those that are too slow: of the lowest standing, and for the longest time. */
  #slowest(condition: (held: Held) => boolean): Held | null {
    let slowest: Held | null = null
    for (const held of this.#held) {
      if (held.answer === null || held.reader.grace > 0 || !condition(held)) continue
      if (slowest === null || compareSlowness(held.reader, slowest.reader) < 0) slowest = held
    }
    return slowest
  }

  #end(held: Held): void {
    const { clock, limits } = this.#options
    const { reader } = held
    reader.held.delete(held)
    this.#held.delete(held)
    reader.standing = SLOW
    reader.pausedUntil = clock.monotonic() + limits.slowReaderPause
    held.answer?.abort()
  }

  #serve(): void {
    for (const waiter of [...this.#waiters].sort(compareWaiters)) {
      if (!this.#waiters.includes(waiter)) continue
      const place = this.#take(waiter.peer, waiter.reader)
      if (place !== null) waiter.settle(place)
    }
  }

  #lookLater(): void {
    if (this.#cancelLook !== null) return
    const { clock } = this.#options
    this.#lookedAt = clock.monotonic()
    this.#cancelLook = clock.after(LOOK_INTERVAL, () => {
      this.#cancelLook = null
      this.#look(clock.monotonic())
      if (this.#waiters.length > 0 || [...this.#held].some(({ answer }) => answer !== null)) this.#lookLater()
    })
  }

  #look(now: number): void {
    const { readerGrace, readerBytesPerSecond } = this.#options.limits
    const elapsed = Math.min(now - this.#lookedAt, LONGEST_LOOK)
    for (const reader of this.#readers.values()) {
      let taken = 0
      let isSending = false
      for (const held of reader.held) {
        if (held.answer === null) continue
        isSending = true
        const unsent = held.answer.unsent()
        taken += held.unsent - unsent
        held.unsent = unsent
      }
      if (!isSending) continue
      reader.grace = Math.min(readerGrace, reader.grace + (taken * 1000) / readerBytesPerSecond - elapsed)
    }
    this.#serve()
  }
}

function shareOf(reader: Reader, places: number): number {
  const quarters = reader.standing === READS ? 4 : reader.standing === UNKNOWN ? 3 : 1
  return Math.max(1, Math.floor((places * quarters) / 4))
}

function compareSlowness(a: Reader, b: Reader): number {
  return a.standing - b.standing || a.grace - b.grace
}

/** The order in which peers are served. */
function compareWaiters(a: Waiter, b: Waiter): number {
  return (
    b.reader.standing - a.reader.standing ||
    a.reader.held.size + a.reader.waiting - b.reader.held.size - b.reader.waiting ||
    a.order - b.order
  )
}
