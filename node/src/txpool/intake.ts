/**
 * The price that peers may put on the pool: how much of their transactions is judged, and when they are a flood.
 *
 * Nobody is blamed for a transaction that does not fit this node's state: nodes are never at the same block at the same
 * moment. But work for nothing is counted, and a peer that caused too much of it is not heard until its allowance has
 * come back. Two things are blamed, beyond bounds that no honest peer comes near: transactions nobody can pay, while
 * this node is not catching up; and bytes that bring nothing, whatever is wrong with them.
 */
import { Quota } from '../bounds/quota.ts'
import {
  CHECKED_BYTES_PER_PEER,
  CHECKED_PER_PEER,
  HOPELESS_BURST,
  HOPELESS_PER_SECOND,
  NAMED_HOPELESS_BURST,
  NAMED_HOPELESS_PER_SECOND,
  RECOVERY_WORK,
  RELAYED_DENOMINATOR,
  RELAYED_NUMERATOR,
  REMEMBERED_PEERS,
  STRANGERS_WASTED_BURST,
  STRANGERS_WASTED_PER_SECOND,
  USELESS_BYTES_BURST,
  USELESS_BYTES_PER_SECOND,
  WASTED_BURST,
  WASTED_PER_SECOND,
  WORTH_REMEMBERED,
} from './limits.ts'
import type { PeerSource } from './senderRecovery.ts'
import type { AddOutcome } from './txpoolView.ts'

/** `flood`: what the peer is to blame for. */
export type Ruling = { readonly judge: boolean; readonly flood: string | null }

const JUDGE: Ruling = { judge: true, flood: null }
const IGNORE: Ruling = { judge: false, flood: null }

interface PeerState {
  readonly source: PeerSource
  readonly wasted: Quota
  readonly hopeless: Quota
  readonly uselessBytes: Quota
  /** Transactions it brought, less those it wasted. */
  worth: number
  /** Being checked now. */
  transactions: number
  bytes: number
}

export interface IntakeOptions {
  /** Milliseconds, monotonic. */
  now(): number
  /** Whether a peer was named at start. */
  isNamed(peer: string): boolean
  /** Whether this node has the newest state: a sender without funds by an old state may have them by now. */
  isCurrent(): boolean
}

export class Intake {
  readonly #options: IntakeOptions
  readonly #peers = new Map<string, PeerState>()
  readonly #strangers: Quota

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#strangers = new Quota(STRANGERS_WASTED_PER_SECOND, STRANGERS_WASTED_BURST, options.now())
  }

  source(peer: string): PeerSource {
    return this.#of(peer).source
  }

  /** Before anything is done with a message. */
  admit(peer: string, bytes: number): Ruling {
    const state = this.#of(peer)
    const now = this.#options.now()
    if (!state.hopeless.take(now, 0)) {
      if (this.#options.isCurrent())
        return { judge: false, flood: 'a flood of transactions whose senders cannot pay for them' }
      return this.#useless(state, bytes)
    }
    if (!state.wasted.take(now, 0)) return this.#useless(state, bytes)
    if (!state.source.named && state.worth < 0 && !this.#strangers.take(now, 0)) return this.#useless(state, bytes)
    return JUDGE
  }

  /** Before its transactions are checked; when they may be, {@link Intake.end} must follow. */
  begin(peer: string, transactions: number, bytes: number): Ruling {
    const state = this.#of(peer)
    const isFull =
      state.transactions > 0 &&
      (state.transactions + transactions > CHECKED_PER_PEER || state.bytes + bytes > CHECKED_BYTES_PER_PEER)
    // The exchange of pools fetches transactions over the bound again, if they are worth anything.
    if (isFull) return this.#useless(state, bytes)
    state.transactions += transactions
    state.bytes += bytes
    return JUDGE
  }

  end(peer: string, transactions: number, bytes: number): void {
    const state = this.#of(peer)
    // It may have been forgotten meanwhile.
    state.transactions = Math.max(0, state.transactions - transactions)
    state.bytes = Math.max(0, state.bytes - bytes)
  }

  /** The outcome of a bundle's transactions. `judge` says whether the bundle was of use as it is. */
  settle(peer: string, raws: readonly Uint8Array[], outcomes: readonly AddOutcome[], bytes: number): Ruling {
    const state = this.#of(peer)
    let work = 0
    let hopeless = 0
    let good = 0
    for (const outcome of outcomes) {
      if (outcome.ok) good++
      else {
        work += outcome.standing === 'known' || outcome.standing === 'unchecked' ? 1 : RECOVERY_WORK
        if (outcome.standing === 'hopeless') hopeless++
      }
    }
    state.wasted.spend(work)
    state.hopeless.spend(hopeless)
    if (!state.source.named) this.#strangers.spend(work)
    const worth = state.worth + good - work
    state.worth = Math.max(-WORTH_REMEMBERED, Math.min(WORTH_REMEMBERED, worth))
    return isRelayed(raws, outcomes) ? JUDGE : this.#useless(state, bytes)
  }

  #useless(state: PeerState, bytes: number): Ruling {
    if (!state.uselessBytes.take(this.#options.now(), 0)) {
      return { judge: false, flood: `a flood: over ${USELESS_BYTES_PER_SECOND} bytes a second of useless transactions` }
    }
    state.uselessBytes.spend(bytes)
    return IGNORE
  }

  /**
   * Not forgotten when the peer leaves, or it would come back for each burst; the longest unheard goes when there are many.
   */
  #of(peer: string): PeerState {
    const known = this.#peers.get(peer)
    if (known !== undefined) {
      this.#peers.delete(peer)
      this.#peers.set(peer, known)
      return known
    }
    const now = this.#options.now()
    const named = this.#options.isNamed(peer)
    const state: PeerState = {
      source: { peer, named },
      wasted: new Quota(WASTED_PER_SECOND, WASTED_BURST, now),
      hopeless: named
        ? new Quota(NAMED_HOPELESS_PER_SECOND, NAMED_HOPELESS_BURST, now)
        : new Quota(HOPELESS_PER_SECOND, HOPELESS_BURST, now),
      uselessBytes: new Quota(USELESS_BYTES_PER_SECOND, USELESS_BYTES_BURST, now),
      worth: 0,
      transactions: 0,
      bytes: 0,
    }
    this.#peers.set(peer, state)
    if (this.#peers.size > REMEMBERED_PEERS) this.#peers.delete(this.#peers.keys().next().value!)
    return state
  }
}

/**
 * Whether a bundle goes on as it came: who gets it next must not be able to blame this node, so every signature in it was
 * checked, and it must be worth its bytes, so most of it was new.
 */
export function isRelayed(raws: readonly Uint8Array[], outcomes: readonly AddOutcome[]): boolean {
  let good = 0
  let goodBytes = 0
  let bytes = 0
  for (const [index, outcome] of outcomes.entries()) {
    const { length } = raws[index]!
    bytes += length
    if (outcome.ok) {
      good++
      goodBytes += length
    } else if (outcome.standing !== 'known' && outcome.standing !== 'unfit') return false
  }
  return (
    good * RELAYED_DENOMINATOR >= raws.length * RELAYED_NUMERATOR &&
    goodBytes * RELAYED_DENOMINATOR >= bytes * RELAYED_NUMERATOR
  )
}
