/** A token bucket: its owner may save up `burst` and gets `perSecond` back. Time is handed in, milliseconds. */
export class Quota {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor(perSecond: number, burst: number, now: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  /** Whether there is enough; nothing is taken. */
  has(now: number, cost = 1): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
    return this.#tokens >= cost
  }

  /** False, and nothing is taken, when there is not enough, or when more was spent than there was. */
  take(now: number, cost = 1): boolean {
    if (!this.has(now, cost)) return false
    this.#tokens -= cost
    return true
  }

  /**
   * Takes it in any case. @returns milliseconds until there is enough for it: an owner that waits so long gets no more
   * than its share.
   */
  reserve(now: number, cost = 1): number {
    this.has(now, 0)
    this.#tokens -= cost
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000
  }

  /** For a cost that is known afterwards: what is lacking has to come back first. */
  spend(cost: number): void {
    this.#tokens -= cost
  }
}
