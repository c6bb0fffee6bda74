/**
 * The state of the newest call, kept open for the next one at the same root: whatever a call does to it is undone, and the
 * next finds in memory the accounts, slots and codes that it would read out of the tries again.
 *
 * Why it is so: docs/rationale/chain.md.
 */
import { equalBytes } from '../../../codec/bytes.ts'
import type { JournaledState } from '../../../state/journaledState.ts'

export class LentState {
  readonly #open: (root: Uint8Array) => JournaledState
  readonly #mostBytes: number
  #state: JournaledState | null = null

  /** @param mostBytes of one that is kept, as it estimates them itself */
  constructor(open: (root: Uint8Array) => JournaledState, mostBytes: number) {
    this.#open = open
    this.#mostBytes = mostBytes
  }

  /** For who undoes all that they do to it before another asks. */
  at(root: Uint8Array): JournaledState {
    if (this.#state === null || !equalBytes(this.#state.openedAt(), root)) this.#state = this.#open(root)
    return this.#state
  }

  /** After a call that came to its end. */
  takeBack(): void {
    if (this.#state !== null && this.#state.heldBytes > this.#mostBytes) this.forget()
  }

  /** After one that did not: what it left undone is nobody's. */
  forget(): void {
    this.#state = null
  }
}
