/**
 * Notices that others have committed a height this node has not, and says so once a grace period has passed: most often
 * the commit arrives by itself meanwhile.
 */
import type { Clock } from '../../runtime/clock.ts'
import { BEHIND_GRACE } from '../limits.ts'

export class BehindWatch {
  readonly #clock: Clock
  readonly #report: (height: bigint, peer: string) => void
  #ahead: { readonly height: bigint; readonly peer: string; readonly cancel: () => void } | null = null

  constructor(clock: Clock, report: (height: bigint, peer: string) => void) {
    this.#clock = clock
    this.#report = report
  }

  /** A report is due soon; further hints add nothing. */
  isDue(): boolean {
    return this.#ahead !== null
  }

  /** `height` is committed elsewhere, says `peer`. */
  note(height: bigint, peer: string): void {
    const cancel =
      this.#ahead?.cancel ??
      this.#clock.after(BEHIND_GRACE, () => {
        const ahead = this.#ahead
        this.#ahead = null
        if (ahead !== null) this.#report(ahead.height, ahead.peer)
      })
    // The timer is not put off: a peer that claims ever greater heights must not keep this node from asking.
    if (this.#ahead === null || height > this.#ahead.height) this.#ahead = { height, peer, cancel }
  }

  cancel(): void {
    this.#ahead?.cancel()
    this.#ahead = null
  }
}
