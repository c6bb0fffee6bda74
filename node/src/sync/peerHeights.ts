/** What peers say they have, and which of them may be asked now. Nothing here is believed: it only decides whom to ask. */

export class PeerHeights {
  readonly #heights = new Map<string, bigint>()
  readonly #pausedUntil = new Map<string, number>()
  readonly #busy = new Map<string, number>()
  readonly #lastAsked = new Map<string, number>()
  #asked = 0

  /** A peer's own word, or another's: only ever up, until it fails to keep it. */
  claim(peer: string, height: bigint): void {
    const known = this.#heights.get(peer)
    if (known === undefined || known < height) this.#heights.set(peer, height)
  }

  /** It does not have what it claimed. */
  lower(peer: string, height: bigint): void {
    if (this.#heights.has(peer)) this.#heights.set(peer, height)
  }

  forget(peer: string): void {
    this.#heights.delete(peer)
    this.#pausedUntil.delete(peer)
    this.#lastAsked.delete(peer)
  }

  /** Not to be asked before `until`. */
  pause(peer: string, until: number): void {
    this.#pausedUntil.set(peer, until)
  }

  /** The greatest height claimed by peers that may be asked; 0 when there are none. */
  highest(now: number): bigint {
    let highest = 0n
    for (const [peer, height] of this.#heights) {
      if (height > highest && !this.#isPaused(peer, now)) highest = height
    }
    return highest
  }

  /** Of the peers that claim `height` the least busy one, of equally busy ones that which was not asked for longest. */
  pick(height: bigint, now: number): string | undefined {
    let best: string | undefined
    for (const [peer, claimed] of this.#heights) {
      if (claimed < height || this.#isPaused(peer, now)) continue
      if (best === undefined || this.#isBefore(peer, best)) best = peer
    }
    if (best !== undefined) this.#lastAsked.set(best, ++this.#asked)
    return best
  }

  /** Counts requests under way. */
  busy(peer: string, change: 1 | -1): void {
    const load = this.#load(peer) + change
    if (load === 0) this.#busy.delete(peer)
    else this.#busy.set(peer, load)
  }

  #isBefore(peer: string, other: string): boolean {
    const difference = this.#load(peer) - this.#load(other)
    if (difference !== 0) return difference < 0
    return (this.#lastAsked.get(peer) ?? 0) < (this.#lastAsked.get(other) ?? 0)
  }

  #load(peer: string): number {
    return this.#busy.get(peer) ?? 0
  }

  #isPaused(peer: string, now: number): boolean {
    const until = this.#pausedUntil.get(peer)
    if (until === undefined) return false
    if (until > now) return true
    this.#pausedUntil.delete(peer)
    return false
  }
}
