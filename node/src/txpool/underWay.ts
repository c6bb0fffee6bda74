/** Work that is under way, for callers who wait until none is. */
export class UnderWay {
  #count = 0
  readonly #waiting: (() => void)[] = []

  /** Rejects as the work does. */
  async run(work: () => Promise<void>): Promise<void> {
    this.#count++
    try {
      await work()
    } finally {
      this.#count--
      if (this.#count === 0) for (const settle of this.#waiting.splice(0)) settle()
    }
  }

  async none(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}
