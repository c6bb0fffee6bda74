/** Of four validators no more than one is faulty at a time: by its key, by being down, or by being far behind the others. */

interface Waiting {
  readonly index: number
  begin(): void
}

export class OneFaulty {
  /** The holders that make {@link #index} faulty now. */
  #holders = 0
  #index = 0
  readonly #queue: Waiting[] = []

  /** Runs `work` while nobody but the validator `index` is faulty, in the order of the calls. */
  async run<T>(index: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.#queue.push({ index, begin })
      this.#next()
    })
    try {
      return await work()
    } finally {
      this.#holders--
      this.#next()
    }
  }

  #next(): void {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (this.#holders > 0 && first.index !== this.#index) return
      this.#queue.shift()
      this.#holders++
      this.#index = first.index
      first.begin()
    }
  }
}
