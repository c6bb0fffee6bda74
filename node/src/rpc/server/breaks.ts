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

  /** Null when the next request may begin at once; else it asks again when this resolves. */
  due(clock: Clock): Promise<void> | null {
    const now = clock.monotonic()
    if (this.#began === null) {
      this.#began = now
      clock.after(0, () => {
        this.#began = null
      })
    }
    if (now - this.#began < LONGEST_STRETCH) return null
    return new Promise((resolve) => clock.after(0, resolve))
  }
}
