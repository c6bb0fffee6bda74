/** Repeats a round's votes while its height is undecided, ever more slowly until something happens. */
import type { Clock } from '../../runtime/clock.ts'
import { REBROADCAST_FIRST, REBROADCAST_MAX, REBROADCAST_TO_PEER } from '../limits.ts'

export class Repetition {
  readonly #clock: Clock
  readonly #isUnderWay: () => boolean
  readonly #repeat: () => void
  #next: { readonly at: number; readonly cancel: () => void } | null = null

  /** `repeat` is called while `isUnderWay`. */
  constructor(clock: Clock, isUnderWay: () => boolean, repeat: () => void) {
    this.#clock = clock
    this.#isUnderWay = isUnderWay
    this.#repeat = repeat
  }

  /** Milliseconds until the first repetition; the wait for each next one doubles. */
  arm(wait: number): void {
    this.#next?.cancel()
    const cancel = this.#clock.after(wait, () => {
      this.#next = null
      if (!this.#isUnderWay()) return
      this.#repeat()
      this.arm(Math.min(Math.max(2 * wait, REBROADCAST_FIRST), REBROADCAST_MAX))
    })
    this.#next = { at: this.#clock.monotonic() + wait, cancel }
  }

  /** A new peer may lack what was sent before, and need not wait for the next repetition. */
  onPeer(): void {
    if (!this.#isUnderWay()) return
    const due = this.#clock.monotonic() + REBROADCAST_TO_PEER
    if (this.#next === null || this.#next.at > due) this.arm(REBROADCAST_TO_PEER)
  }

  stop(): void {
    this.#next?.cancel()
  }
}
