/** A bound on how much runs at the same time. With a parent, both bounds hold. */
export class Slots {
  readonly #limit: number
  readonly #parent: Slots | null
  #taken = 0

  constructor(limit: number, parent: Slots | null = null) {
    this.#limit = limit
    this.#parent = parent
  }

  /** False when there is none left. */
  take(): boolean {
    if (this.#taken >= this.#limit || this.#parent?.take() === false) return false
    this.#taken++
    return true
  }

  give(): void {
    this.#taken--
    this.#parent?.give()
  }
}
