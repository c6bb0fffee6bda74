/** Which blocks were made after this node started, as far as their timestamps and its own clock can tell. */
import type { Clock } from '../../runtime/clock.ts'
import { MAX_CLOCK_DRIFT } from '../limits.ts'

export class StartTime {
  readonly #clock: Clock
  /** Milliseconds, by the clock as it was then, and by the one that nobody sets. */
  readonly #now: number
  readonly #monotonic: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#now = clock.now()
    this.#monotonic = clock.monotonic()
  }

  /**
   * Unix seconds: a block later than this was made after the start. If this clock was behind then and has been put
   * right since, the start was later than it said.
   */
  get madeAfter(): bigint {
    const byClockOfToday = this.#clock.now() - (this.#clock.monotonic() - this.#monotonic)
    return BigInt(Math.floor(Math.max(this.#now, byClockOfToday) / 1000)) + MAX_CLOCK_DRIFT
  }

  /**
   * Whether a decided block shows that it was made since. One from this clock's future may be as old as any, as clocks
   * were ahead when it was made; and so may one with its parent's time, which such a parent hands on until the clocks
   * have come to it.
   */
  isBefore(timestamp: bigint, parent: bigint | undefined): boolean {
    if (timestamp > BigInt(Math.floor(this.#clock.now() / 1000)) + MAX_CLOCK_DRIFT) return false
    if (parent !== undefined && timestamp <= parent) return false
    return timestamp > this.madeAfter
  }
}
