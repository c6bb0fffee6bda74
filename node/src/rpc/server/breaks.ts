/**
 * Breaks between requests. Those whose answers are at hand follow each other without anything else on the thread in between,
 * as promises do: the thousand of a batch, those of a WebSocket. So before each it is asked for how long that has gone on,
 * and votes, blocks and other clients have a turn when it was long enough.
 */
import type { Clock } from '../../runtime/clock.ts'
import { LONGEST_STRETCH } from '../limits.ts'

export class Breaks {
  /** When the first request began since others had a turn; null before it. */
  #began: number | null = null
  /** Requests that begin after the break, in the order in which they came. */
  #waiting: (() => void)[] = []

  /** Null when the next request may begin at once; else it may when this resolves. */
  due(clock: Clock): Promise<void> | null {
    // None goes before those that wait: a long batch would begin each stretch, and the others never.
    if (this.#waiting.length === 0 && !this.#isLong(clock)) return null
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) this.#breakNow(clock)
    })
  }

  #breakNow(clock: Clock): void {
    clock.after(0, () => void this.#goOn(clock))
  }

  /** Lets as many begin as fit a stretch, at least one. */
  async #goOn(clock: Clock): Promise<void> {
    for (let begun = 0; begun < this.#waiting.length; ) {
      if (this.#isLong(clock)) {
        this.#waiting = this.#waiting.slice(begun)
        this.#breakNow(clock)
        return
      }
      this.#waiting[begun++]!()
      // It goes first, as far as it comes.
      await null
    }
    this.#waiting = []
  }

  #isLong(clock: Clock): boolean {
    const now = clock.monotonic()
    if (this.#began === null) {
      this.#began = now
      clock.after(0, () => {
        this.#began = null
      })
    }
    return now - this.#began >= LONGEST_STRETCH
  }
}
