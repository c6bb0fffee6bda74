/** A bound on how much there is at the same time: requests that run, bytes that are held. With a parent, both bounds hold. */
export class Slots {
  readonly #limit: number
  readonly #parent: Slots | null
  #taken = 0

  constructor(limit: number, parent: Slots | null = null) {
    this.#limit = limit
    this.#parent = parent
  }

  /** False, and nothing taken, when there is not enough left. */
  take(amount = 1): boolean {
    if (this.#taken + amount > this.#limit || this.#parent?.take(amount) === false) return false
    this.#taken += amount
    return true
  }

  give(amount = 1): void {
    this.#taken -= amount
    this.#parent?.give(amount)
  }
}
