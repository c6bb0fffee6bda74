/**
 * Puts a proposed block together: its head and the list of its transactions came with the proposal, signed by the
 * proposer; the transactions come from the message, from this node's pool, from other blocks of the height, and what is then
 * missing from peers, asked for by its place. Each is known by its hash, so a wrong one is its giver's fault; a block
 * whose whole list does not give the root in its head is the proposer's.
 *
 * A node does not ask for much at once: most likely it is on its way already, as transactions that were sent to
 * everybody. A node asks another peer too for transactions that one does not give in time. A peer cannot hold
 * a block up by giving little by little: the node waits for transactions that come by themselves only while many do, and
 * asks a peer that gave less than it was asked for again after the others.
 */
import { keyOf } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import { NetworkError } from '../../network/networkError.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Block } from '../../types/block.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'
import { decodeTransaction } from '../../types/transactionCodec.ts'
import {
  FETCH_AT_ONCE_BYTES,
  FETCH_PROGRESS,
  FETCH_RATE,
  MAX_FETCH_WAIT,
  MAX_PARTS_BYTES,
  MAX_PARTS_PER_REQUEST,
  PART_HEDGE,
  PART_RETRY_MAX,
  PART_RETRY_MIN,
  PARTS_ASKED_AT_A_TIME,
} from '../limits.ts'
import type { Listed } from '../wire/contents.ts'
import type { BlockForm } from './blockForm.ts'

export interface AssemblyOptions {
  readonly form: BlockForm
  readonly clock: Clock
  readonly head: Uint8Array
  readonly listed: readonly Listed[]
  request(peer: string, indexes: readonly number[], signal: AbortSignal): Promise<readonly Uint8Array[]>
  peers(): readonly string[]
  /** The peer gave something that was not asked for. */
  onFault(peer: string, reason: string): void
  /** A peer gave one that was missing. */
  onFetched(transaction: TransactionEnvelope): void
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

/** The share of a request that a peer gave: all that an answer may hold, less, or nothing. */
type Given = 'all' | 'some' | 'nothing'

export class Assembly {
  readonly #options: AssemblyOptions
  readonly #transactions: (TransactionEnvelope | undefined)[]
  /** Places of what is missing, by hash, ascending: a list that names one twice is no valid block, but it is a list. */
  readonly #missing = new Map<string, number[]>()
  #missingBytes = 0
  /** The peer that sent the proposal first, then others. */
  readonly #sources = new Map<string, Source>()
  /** Peers that are being asked, but for those that are late: a silent peer holds no place for long. */
  #asked = 0
  #late = 0
  #cancelWait: (() => void) | null = null
  /** Ends all that is under way. */
  readonly #end = new AbortController()

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

  /** The transactions that are there. */
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

  /** The parts of the block that are there, for peers. */
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
    for (const peer of this.#options.peers()) this.addSource(peer)
    const missing = this.#missingBytes
    if (missing <= FETCH_AT_ONCE_BYTES) {
      this.#ask()
      return
    }
    this.#cancelWait = this.#options.clock.after(Math.min(missing / FETCH_RATE, MAX_FETCH_WAIT), () => {
      this.#cancelWait = null
      // As long as much of it comes by itself, so does the rest.
      if ((missing - this.#missingBytes) * FETCH_PROGRESS >= missing) this.start()
      else this.#ask()
    })
  }

  /** A transaction that came to this node otherwise. */
  hear(transaction: TransactionEnvelope): void {
    if (this.#ended || !this.#put(keyOf(transaction.hash), transaction)) return
    if (this.isComplete) this.#finish(this.assemble())
  }

  stop(): void {
    this.#end.abort()
    this.#cancelWait?.()
    this.#cancelWait = null
  }

  get #ended(): boolean {
    return this.#end.signal.aborted
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
      if (this.#asked === 0) this.#cancelWait ??= clock.after(PART_RETRY_MIN, () => this.#askLater())
      return
    }
    const [peer, source] = next
    source.isAsked = true
    this.#asked += 1
    let isLate = false
    // Each that is late makes the next one wait longer: a link may be slow, and what is asked of many comes many times.
    const cancelHedge = clock.after(PART_HEDGE * (1 + source.failures + this.#late), () => {
      isLate = true
      this.#asked -= 1
      this.#late += 1
      this.#ask()
    })
    const answered = (given: Given) => {
      cancelHedge()
      source.isAsked = false
      if (isLate) this.#late -= 1
      else this.#asked -= 1
      if (this.#ended) return
      if (given === 'nothing') {
        source.failures += 1
        source.retryAt = clock.monotonic() + Math.min(PART_RETRY_MIN * 2 ** source.failures, PART_RETRY_MAX)
      } else source.failures = 0
      if (given !== 'all') this.#putLast(peer, source)
      if (this.isComplete) this.#finish(this.assemble())
      else this.#ask()
    }
    this.#fetch(peer).then(answered).catch(this.#options.onFailure)
  }

  #askLater(): void {
    this.#cancelWait = null
    this.#ask()
  }

  #putLast(peer: string, source: Source): void {
    this.#sources.delete(peer)
    this.#sources.set(peer, source)
  }

  /** The one that failed least, of equals who sent the proposal first, or has not given less than it was asked for since. */
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

  async #fetch(peer: string): Promise<Given> {
    const { request, listed, onFault, onFetched } = this.#options
    const indexes: number[] = []
    for (const [first] of this.#missing.values()) {
      if (indexes.push(first!) === MAX_PARTS_PER_REQUEST) break
    }
    let frames: readonly Uint8Array[]
    try {
      frames = await request(peer, indexes, this.#end.signal)
    } catch (error) {
      // The next peer is asked, whatever the error says of this one.
      if (error instanceof NetworkError) return 'nothing'
      throw error
    }
    if (this.#ended) return 'nothing'
    if (frames.length > indexes.length) {
      onFault(peer, `${frames.length} transactions of a proposal, asked for ${indexes.length}`)
      return 'nothing'
    }
    let bytes = 0
    for (const [at, raw] of frames.entries()) {
      const { key, length } = listed[indexes[at]!]!
      bytes += length
      // It came from somebody else meanwhile.
      if (!this.#missing.has(key)) continue
      if (raw.length !== length || keyOf(keccak256(raw)) !== key) {
        onFault(peer, 'a transaction that is not the one of the proposal that was asked for')
        return 'nothing'
      }
      let transaction: TransactionEnvelope
      try {
        transaction = decodeTransaction(raw)
      } catch (error) {
        if (!(error instanceof CodecError)) throw error
        this.#finish({ ok: false, reason: `transaction ${indexes[at]}: ${error.message}` })
        return 'nothing'
      }
      this.#put(key, transaction)
      onFetched(transaction)
    }
    if (frames.length === 0) return 'nothing'
    const next = indexes[frames.length]
    return next === undefined || bytes + listed[next]!.length > MAX_PARTS_BYTES ? 'all' : 'some'
  }

  #finish(outcome: AssemblyOutcome): void {
    if (this.#ended) return
    this.stop()
    this.#options.onEnd(outcome)
  }
}
