/**
 * How many lines a window still has room for at the pace of a reader. Each line of `devnet up` costs requests to a node,
 * which has better things to do while nobody can read.
 */

/** Lines that a person follows. */
const LINES_PER_SECOND = 20
/** Those that may come at once after a pause: what a test suite sends. */
const LINES_AT_ONCE = 200

export class ReadingPace {
  readonly #now: () => number
  #room = LINES_AT_ONCE
  #at: number

  /** @param now milliseconds of a clock that only goes forwards */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#at = now()
  }

  hasRoom(lines: number): boolean {
    const at = this.#now()
    this.#room = Math.min(LINES_AT_ONCE, this.#room + ((at - this.#at) * LINES_PER_SECOND) / 1_000)
    this.#at = at
    return this.#room >= lines
  }

  take(lines: number): void {
    this.#room -= lines
  }
}
