/** Requests that this node makes of one peer: so many at a time. */
import { NetworkError } from '../networkError.ts'

/** At most `limit` at a time; the rest wait in order, at most `waiting` of them. */
export class Gate {
  readonly #limit: number
  readonly #waiting: number
  readonly #queue: (() => void)[] = []
  #running = 0

  constructor(limit: number, waiting: number) {
    this.#limit = limit
    this.#waiting = waiting
  }

  /** @throws NetworkError `busy` when too many wait. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) {
      if (this.#queue.length >= this.#waiting) {
        throw new NetworkError('busy', `${this.#queue.length} requests to this peer wait already`)
      }
      await new Promise<void>((resolve) => this.#queue.push(resolve))
    } else this.#running++
    try {
      return await task()
    } finally {
      const next = this.#queue.shift()
      // The place goes straight to the next that waits, so that nobody slips in between.
      if (next === undefined) this.#running--
      else next()
    }
  }
}
