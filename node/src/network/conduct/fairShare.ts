/**
 * Work that all strangers together may cause in a window of time. Once it is spent, a peer that had more than an equal part
 * of it waits for the next window; a peer that had less goes on, so a flood of one peer does not slow the others.
 */
export class FairShare {
  readonly #total: number
  readonly #window: number
  readonly #used = new Map<string, number>()
  #spent = 0
  #ends = Number.NEGATIVE_INFINITY

  /** @param total of one window. @param window milliseconds. */
  constructor(total: number, window: number) {
    this.#total = total
    this.#window = window
  }

  /** @returns milliseconds that `who` has to wait; 0 to go on. */
  take(who: string, amount: number, now: number): number {
    if (now >= this.#ends) {
      this.#used.clear()
      this.#spent = 0
      this.#ends = now + this.#window
    }
    const used = (this.#used.get(who) ?? 0) + amount
    this.#used.set(who, used)
    this.#spent += amount
    return this.#spent > this.#total && used * this.#used.size > this.#total ? this.#ends - now : 0
  }
}
