/**
 * Puts a proposed block together: its head and the list of its transactions came with the proposal, signed by the
 * proposer; the transactions come from the message, from this node's pool, from other blocks of the height, and what is then
 * missing from peers, asked for by its place. Each is known by its hash, so a wrong one is its giver's fault; a block whose whole list
 * does not give the root in its head is the proposer's.
 *
 * What is much is not asked for at once: most likely it is on its way already, as transactions that were sent to
 * everybody. What a peer does not give in time is asked of another one too.
 */
import { keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { NetworkError } from '../network/networkError.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Block } from '../types/block.ts'
import type { TransactionEnvelope } from '../types/transaction.ts'
import { decodeTransaction } from '../types/transactionCodec.ts'
import type { BlockForm } from './blockForm.ts'
import type { Listed } from './contents.ts'
import {
  FETCH_AT_ONCE_BYTES,
  FETCH_RATE,
  MAX_FETCH_WAIT,
  MAX_PARTS_PER_REQUEST,
  PART_HEDGE,
  PART_RETRY_MAX,
  PART_RETRY_MIN,
  PARTS_ASKED_AT_A_TIME,
} from './limits.ts'

export interface AssemblyOptions {
  readonly form: BlockForm
  readonly clock: Clock
  readonly head: Uint8Array
  readonly listed: readonly Listed[]
  request(peer: string, indexes: readonly number[]): Promise<readonly Uint8Array[]>
  peers(): readonly string[]
  /** The peer gave something that was not asked for. */
  onFault(peer: string, reason: string): void
  onFailure(error: unknown): void
  /** Once: the block, or why there is none of this list. */
  onEnd(outcome: AssemblyOutcome): void
}

export type AssemblyOutcome =
  | { readonly ok: true; readonly block: Block }
  /** The proposer signed what is no block. */
  | { readonly ok: false; readonly reason: string }

interface Source {
  failures: number
  /** Asked again from then on, milliseconds. */
  retryAt: number
  isAsked: boolean
}

export class Assembly {
  readonly #options: AssemblyOptions
  readonly #transactions: (TransactionEnvelope | undefined)[]
  /** Places of what is missing, by hash: a list that names one twice is no valid block, but it is a list. */
  readonly #missing = new Map<string, number[]>()
  #missingBytes = 0
  /** Who sent the proposal first, then others. */
  readonly #sources = new Map<string, Source>()
  #asked = 0
  #arrived = false
  #cancelWait: (() => void) | null = null
  #ended = false

  constructor(options: AssemblyOptions) {
    this.#options = options
    this.#transactions = new Array(options.listed.length)
    for (const [index, { key, length }] of options.listed.entries()) {
      const places = this.#missing.get(key)
      if (places === undefined) this.#missing.set(key, [index])
      else places.push(index)
      this.#missingBytes += length
    }
  }

  get isComplete(): boolean {
    return this.#missing.size === 0
  }

  /** Hashes. */
  missing(): readonly Uint8Array[] {
    return [...this.#missing.values()].map(([first]) => this.#options.listed[first!]!.hash)
  }

  /** What is there. */
  present(): readonly TransactionEnvelope[] {
    return this.#transactions.filter((transaction) => transaction !== undefined)
  }

  /** A transaction that may be one of the missing. */
  put(transaction: TransactionEnvelope): void {
    this.#put(keyOf(transaction.hash), transaction)
  }

  get listed(): readonly Listed[] {
    return this.#options.listed
  }

  /** What is there of the block, for peers. */
  part(index: number): TransactionEnvelope | undefined {
    return this.#transactions[index]
  }

  /** The block of what is there now. Call it when all is there. */
  assemble(): AssemblyOutcome {
    const { form, head } = this.#options
    try {
      return { ok: true, block: form.assemble(head, this.#transactions as TransactionEnvelope[]) }
    } catch (error) {
      if (error instanceof CodecError) return { ok: false, reason: error.message }
      throw error
    }
  }

  /** `peer` has the proposal, and so, most likely, the block. */
  addSource(peer: string): void {
    if (!this.#sources.has(peer)) this.#sources.set(peer, { failures: 0, retryAt: 0, isAsked: false })
  }

  /** Goes after what is missing: at once if it is little. */
  start(): void {
    const wait = this.#missingBytes <= FETCH_AT_ONCE_BYTES ? 0 : this.#missingBytes / FETCH_RATE
    if (wait === 0) {
      this.#ask()
      return
    }
    this.#arrived = false
    this.#cancelWait = this.#options.clock.after(Math.min(wait, MAX_FETCH_WAIT), () => {
      this.#cancelWait = null
      if (this.#ended) return
      // As long as some of it comes by itself, so does the rest.
      if (this.#arrived) this.start()
      else this.#ask()
    })
  }

  /** A transaction that came to this node otherwise. */
  hear(transaction: TransactionEnvelope): void {
    if (this.#ended || !this.#put(keyOf(transaction.hash), transaction)) return
    this.#arrived = true
    if (this.isComplete) this.#end(this.assemble())
  }

  stop(): void {
    this.#ended = true
    this.#cancelWait?.()
    this.#cancelWait = null
  }

  #put(key: string, transaction: TransactionEnvelope): boolean {
    const places = this.#missing.get(key)
    if (places === undefined || transaction.raw.length !== this.#options.listed[places[0]!]!.length) return false
    this.#missing.delete(key)
    for (const index of places) {
      this.#transactions[index] = transaction
      this.#missingBytes -= this.#options.listed[index]!.length
    }
    return true
  }

  /** Asks the next source for what is missing, and another one when this one takes long. */
  #ask(): void {
    if (this.#ended || this.#asked >= PARTS_ASKED_AT_A_TIME) return
    const { clock } = this.#options
    const now = clock.monotonic()
    const next = this.#nextSource(now)
    if (next === null) {
      if (this.#asked === 0) this.#later(PART_RETRY_MIN)
      return
    }
    const [peer, source] = next
    source.isAsked = true
    this.#asked += 1
    const cancelHedge = clock.after(PART_HEDGE * (1 + source.failures), () => this.#ask())
    const answered = (brought: boolean) => {
      cancelHedge()
      source.isAsked = false
      this.#asked -= 1
      if (this.#ended) return
      if (brought) source.failures = 0
      else {
        source.failures += 1
        source.retryAt = clock.monotonic() + Math.min(PART_RETRY_MIN * 2 ** source.failures, PART_RETRY_MAX)
      }
      if (this.isComplete) this.#end(this.assemble())
      else this.#ask()
    }
    this.#fetch(peer).then(answered).catch(this.#options.onFailure)
  }

  #later(wait: number): void {
    this.#cancelWait ??= this.#options.clock.after(wait, () => {
      this.#cancelWait = null
      this.#ask()
    })
  }

  /** The one that failed least, of equals who sent the proposal first. */
  #nextSource(now: number): readonly [string, Source] | null {
    for (const peer of this.#options.peers()) this.addSource(peer)
    let best: readonly [string, Source] | null = null
    for (const entry of this.#sources) {
      const [, source] = entry
      if (source.isAsked || source.retryAt > now) continue
      if (best === null || source.failures < best[1].failures) best = entry
    }
    return best
  }

  /** Whether it brought anything. */
  async #fetch(peer: string): Promise<boolean> {
    const { request, listed, onFault } = this.#options
    const indexes = [...this.#missing.values()].map(([first]) => first!).sort((a, b) => a - b)
    indexes.length = Math.min(indexes.length, MAX_PARTS_PER_REQUEST)
    let frames: readonly Uint8Array[]
    try {
      frames = await request(peer, indexes)
    } catch (error) {
      // Whatever it says of the peer, another one is asked.
      if (error instanceof NetworkError) return false
      throw error
    }
    if (this.#ended) return false
    if (frames.length > indexes.length) {
      onFault(peer, `${frames.length} transactions of a proposal, asked for ${indexes.length}`)
      return false
    }
    let brought = false
    for (const [at, raw] of frames.entries()) {
      const { key, length } = listed[indexes[at]!]!
      if (raw.length !== length || keyOf(keccak256(raw)) !== key) {
        onFault(peer, 'a transaction that is not the one of the proposal that was asked for')
        return brought
      }
      try {
        brought = this.#put(key, decodeTransaction(raw)) || brought
      } catch (error) {
        if (!(error instanceof CodecError)) throw error
        this.#end({ ok: false, reason: `transaction ${indexes[at]}: ${error.message}` })
        return false
      }
    }
    return brought
  }

  #end(outcome: AssemblyOutcome): void {
    if (this.#ended) return
    this.stop()
    this.#options.onEnd(outcome)
  }
}
