/**
 * Bytes that unfinished frames of all peers may hold together. When they do, the worst of them loses what it has: who has
 * held the most for the longest, counted in bytes times milliseconds since each of its frames began. A frame that is gone
 * on with is soon whole, however large it is; one that is not weighs more with every moment, and many small ones of one
 * peer weigh as much as a large one.
 */

/** A stream or a connection that holds bytes of a budget. */
export interface Holder {
  /** Its peer is the worst. It holds nothing from now on, and ends what it reads. */
  evict(): void
}

/** The part of a budget that one peer has. */
export interface Room {
  /**
   * From now on the holder has so many bytes. False when there is not enough and its own peer is the worst; then it, and
   * all else of that peer, holds nothing.
   * @param isAnother they are of another frame than what it held before
   */
  hold(holder: Holder, bytes: number, isAnother: boolean): boolean
}

interface Held {
  readonly peer: string
  bytes: number
  /** Bytes times milliseconds of the frame so far, up to `at`. */
  weight: number
  at: number
}

export class ByteBudget {
  readonly #limit: number
  readonly #now: () => number
  readonly #onWorst: (peer: string) => void
  readonly #held = new Map<Holder, Held>()
  #used = 0

  /**
   * @param limit bytes
   * @param now milliseconds; without it only the bytes count
   * @param onWorst told of a peer that has lost what it held
   */
  constructor(limit: number, now: () => number = () => 0, onWorst: (peer: string) => void = () => undefined) {
    this.#limit = limit
    this.#now = now
    this.#onWorst = onWorst
  }

  get used(): number {
    return this.#used
  }

  of(peer: string): Room {
    return { hold: (holder, bytes, isAnother) => this.#hold(peer, holder, bytes, isAnother) }
  }

  #hold(peer: string, holder: Holder, bytes: number, isAnother: boolean): boolean {
    const now = this.#now()
    this.#set(peer, holder, bytes, isAnother, now)
    while (this.#used > this.#limit) {
      const worst = this.#worst(now)
      this.#evict(worst, holder)
      this.#onWorst(worst)
      if (worst === peer) return false
    }
    return true
  }

  #set(peer: string, holder: Holder, bytes: number, isAnother: boolean, now: number): void {
    const held = this.#held.get(holder)
    this.#used += bytes - (held?.bytes ?? 0)
    if (bytes === 0) this.#held.delete(holder)
    else if (held === undefined) this.#held.set(holder, { peer, bytes, weight: 0, at: now })
    else {
      held.weight = isAnother ? 0 : held.weight + held.bytes * (now - held.at)
      held.at = now
      held.bytes = bytes
    }
  }

  /** Somebody holds something. */
  #worst(now: number): string {
    const weights = new Map<string, number>()
    let worst = ''
    let most = -1
    for (const { peer, bytes, weight, at } of this.#held.values()) {
      // As if it had been there for a moment at least: of what came just now, the larger weighs more.
      const sum = (weights.get(peer) ?? 0) + weight + bytes * (now - at + 1)
      weights.set(peer, sum)
      if (sum > most) {
        most = sum
        worst = peer
      }
    }
    return worst
  }

  /** @param asking learns it by the answer it gets. */
  #evict(peer: string, asking: Holder): void {
    for (const [holder, held] of [...this.#held]) {
      // An eviction may take other holdings of the peer with it.
      if (held.peer !== peer || !this.#held.has(holder)) continue
      this.#used -= held.bytes
      this.#held.delete(holder)
      if (holder !== asking) holder.evict()
    }
  }
}

/** Of strangers and of peers named at start, of what was asked for and of what was not: none of these takes what is another's. */
export class FrameBudgets {
  readonly #isNamed: (peer: string) => boolean
  readonly #named: ByteBudget
  readonly #strangers: ByteBudget
  readonly #answers: ByteBudget
  #onWorst: (peer: string) => void = () => undefined

  /**
   * @param limit of each, bytes
   * @param now milliseconds
   */
  constructor(limit: number, isNamed: (peer: string) => boolean, now: () => number) {
    const budget = (clock?: () => number) => new ByteBudget(limit, clock, (peer) => this.#onWorst(peer))
    this.#isNamed = isNamed
    // Without time: who holds the most bytes holds more than an equal part, and so each named peer has such a part for itself,
    // however slowly it goes on with it. With time a faulty one that always begins anew would take it from an honest slow one.
    this.#named = budget()
    this.#strangers = budget(now)
    this.#answers = budget(now)
  }

  /** Told, in the midst of reading, of each peer that has lost what it held. */
  onWorst(listener: (peer: string) => void): void {
    this.#onWorst = listener
  }

  of(peer: string): Room {
    return (this.#isNamed(peer) ? this.#named : this.#strangers).of(peer)
  }

  ofAnswers(peer: string): Room {
    return (this.#isNamed(peer) ? this.#named : this.#answers).of(peer)
  }
}
