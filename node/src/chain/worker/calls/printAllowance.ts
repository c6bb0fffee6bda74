/**
 * How much of what contracts print in calls is logged. Nobody pays for a call, any web page may ask for one, and what
 * it prints goes to a file that grows: so all calls together have an allowance for each minute, and the rest is dropped.
 */
import type { Clock } from '../../../runtime/clock.ts'
import { MAX_CALL_OUTPUT, MAX_CALL_PRINTS } from '../../limits.ts'

const MINUTE = 60_000

export class PrintAllowance {
  readonly #clock: Clock
  #began = Number.NEGATIVE_INFINITY
  #characters = 0
  #prints = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `last`: it is logged, with the word that no more is in this minute. */
  take(text: string): 'logged' | 'last' | 'dropped' {
    const now = this.#clock.monotonic()
    if (now - this.#began >= MINUTE) {
      this.#began = now
      this.#characters = 0
      this.#prints = 0
    }
    if (this.#isUsedUp()) return 'dropped'
    this.#characters += text.length
    this.#prints += 1
    return this.#isUsedUp() ? 'last' : 'logged'
  }

  #isUsedUp(): boolean {
    return this.#characters >= MAX_CALL_OUTPUT || this.#prints >= MAX_CALL_PRINTS
  }
}
