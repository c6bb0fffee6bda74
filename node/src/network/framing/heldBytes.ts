/**
 * Bytes that unfinished frames of all peers may hold together. When they do, the worst of them loses what it has: who has
 * held the most for the longest, counted in bytes times milliseconds since each of its frames began. A frame that is gone
 * on with is soon whole, however large it is; one that is not weighs more with every moment, and many small ones of one
 * peer weigh as much as a large one. A peer may have a part for itself, which it never loses, however long it takes.
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
  readonly #part: number
  readonly #held = new Map<Holder, Held>()
  #used = 0

  /**
   * @param limit bytes
   * @param now milliseconds; without it only the bytes count
   * @param onWorst told of a peer that has lost what it held
   * @param part bytes that each peer may hold whatever the others do, where all of them fit in the limit
   */
  constructor(
    limit: number,
    now: () => number = () => 0,
    onWorst: (peer: string) => void = () => undefined,
    part: number = 0,
  ) {
    this.#limit = limit
    this.#now = now
    this.#onWorst = onWorst
    this.#part = part
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

  /** Somebody holds something; more than the part, unless there are more peers than parts. */
  #worst(now: number): string {
    const sums = new Map<string, { peer: string; bytes: number; weight: number }>()
    for (const { peer, bytes, weight, at } of this.#held.values()) {
      const sum = sums.get(peer) ?? { peer, bytes: 0, weight: 0 }
      sum.bytes += bytes
      // As if it had been there for a moment at least: of what came just now, the larger weighs more.
      sum.weight += weight + bytes * (now - at + 1)
      sums.set(peer, sum)
    }
    const all = [...sums.values()]
    const over = all.filter(({ bytes }) => bytes > this.#part)
    return (over.length > 0 ? over : all).reduce((worst, sum) => (sum.weight > worst.weight ? sum : worst)).peer
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

/**
 * Of strangers and of peers named at start, of what was asked for and of what was not: none of these takes what is
 * another's.
 */
export class FrameBudgets {
  readonly #isNamed: (peer: string) => boolean
  readonly #named: ByteBudget
  readonly #strangers: ByteBudget
  readonly #answers: ByteBudget
  #onWorst: (peer: string) => void = () => undefined

  /**
   * @param limit of each, bytes
   * @param now milliseconds
   * @param named how many peers are named at start
   */
  constructor(limit: number, isNamed: (peer: string) => boolean, now: () => number, named: number) {
    const budget = (part: number) => new ByteBudget(limit, now, (peer) => this.#onWorst(peer), part)
    this.#isNamed = isNamed
    // An equal part each: else a faulty one that always begins anew would take it from an honest slow one. Beyond it time
    // counts: by bytes alone, few that stop in the midst of frames would leave no other room for a large one.
    this.#named = budget(Math.floor(limit / Math.max(named, 1)))
    this.#strangers = budget(0)
    this.#answers = budget(0)
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
