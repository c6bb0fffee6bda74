/**
 * How long the answer to a send is held back where blocks come at once, so that clients made for slower chains work.
 *
 * They look for the receipt right after the hash, so the answer waits for the block. And ethers 6 takes an answer to
 * eth_getTransactionCount for current for 250 ms: a script that has its receipt sooner sends its next transaction with
 * the same nonce. So a sender that asked for its nonce waits that long; one that did not (viem fills in the nonce by
 * eth_fillTransaction) does not.
 */
import { keyOf } from '../../codec/bytes.ts'
import type { Clock } from '../../runtime/clock.ts'

/** Milliseconds; ethers' `cacheTimeout` is 250. */
const NONCE_CACHE = 260
/** Senders whose last question is remembered; the oldest is forgotten first. */
export const MAX_SENDERS = 1_024

export class SendHold {
  readonly #clock: Clock
  readonly #asked = new Map<string, number>()
  /** The ends of the sends that are held until their block, in the order in which they came. */
  readonly #held = new Set<() => void>()
  /** Of those whose block came, and which wait for their sender's nonce to be asked for again. */
  readonly #passed = new Set<() => void>()
  /** Those that wait for their receipt, and whose callers know that they do. */
  waiting = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Holds one send more, and lets the one go that was held longest where they are more than `most`. So all who send at a
   * time are answered about as soon: a newcomer that was not held in its place had its next transaction in before the
   * others' block, and made that longer. One that is in a block already is not let go: its receipt is there, and ethers
   * would send the same nonce again. Where all are, it is the newcomer that is answered at once.
   */
  hold(letGo: () => void, most: number): void {
    this.#held.add(letGo)
    if (this.#held.size + this.#passed.size <= most) return
    const [oldest] = this.#held
    this.#held.delete(oldest!)
    oldest!()
  }

  /** Its block came, and it ends by itself. */
  pass(letGo: () => void): void {
    this.#held.delete(letGo)
    this.#passed.add(letGo)
  }

  /** It has ended, or was never held. */
  end(letGo: () => void): void {
    this.#held.delete(letGo)
    this.#passed.delete(letGo)
  }

  /** `sender` was told its nonce. */
  noteNonceAsked(sender: Uint8Array): void {
    const key = keyOf(sender)
    this.#asked.delete(key)
    this.#asked.set(key, this.#clock.monotonic())
    if (this.#asked.size > MAX_SENDERS) this.#asked.delete(this.#asked.keys().next().value!)
  }

  /** Milliseconds until a client may be relied on to ask again for the nonce of `sender`. */
  nonceWait(sender: Uint8Array): number {
    const asked = this.#asked.get(keyOf(sender))
    return asked === undefined ? 0 : Math.max(0, asked + NONCE_CACHE - this.#clock.monotonic())
  }
}
