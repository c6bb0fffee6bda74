/**
 * The exchange of pools: with each new peer, and every few seconds with one peer in turn, this node fetches what it
 * lacks. So what was accepted by a node without peers, behind a partition or before a restart gets out afterwards.
 *
 * No peer holds up another: several exchanges run at a time, a slow one does not count among them for long, and each has an
 * end. Peers named at start come first and have turns of their own; a peer that gave nothing the last time comes last.
 */
import { keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { fixedBytesField } from '../codec/rlpFields.ts'
import { keccak256 } from '../crypto/keccak.ts'
import type { Network } from '../network/network.ts'
import { NetworkError } from '../network/networkError.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { decodeHashes, encodeHashes, HASH_BYTES } from './bundleCodec.ts'
import {
  EMPTY_ANSWERS,
  EXCHANGE_ANSWER_TIME,
  EXCHANGE_INTERVAL,
  EXCHANGE_PATIENCE,
  EXCHANGE_TIME,
  EXCHANGED_BYTES,
  EXCHANGED_HASHES,
  EXCHANGED_TRANSACTIONS,
  EXCHANGES,
  EXCHANGES_AT_MOST,
  REFUSED_MEMORY,
  REMEMBERED_PEERS,
  REMEMBERED_REFUSED,
} from './limits.ts'
import { HASHES, TRANSACTIONS } from './poolServing.ts'
import type { TxPool } from './txPool.ts'
import type { AddOutcome } from './txpoolView.ts'

export interface PoolExchangeOptions {
  readonly network: Network
  readonly pool: TxPool
  readonly clock: Clock
  readonly logger: Logger
  isNamed(peer: string): boolean
  /** Told of what a peer brought that was new here: it may be news for others. */
  onTaken(raws: readonly Uint8Array[]): void
}

interface Running {
  readonly named: boolean
  /** It has its answers to itself still; a slow one does not keep others waiting. */
  isSlow: boolean
  /** The peer left and came back meanwhile. */
  again: boolean
}

export class PoolExchange {
  readonly #options: PoolExchangeOptions
  /** Peers that wait for their turn, in order. Peers named at start do not wait. */
  readonly #waiting = new Set<string>()
  readonly #running = new Map<string, Running>()
  /** Peers whose last exchange brought nothing that they had named. */
  readonly #fruitless = new Set<string>()
  /**
   * Hashes that one exchange asks for, so that the others wait; until when, milliseconds. Once only, or liars could
   * take turns.
   */
  readonly #claims = new Map<string, number>()
  /** Transactions that did not fit lately; until when they are not asked for, milliseconds. */
  readonly #refused = new Map<string, number>()
  /** The peer that had the last turn, of the named and of the others. */
  readonly #last = { named: '', strangers: '' }
  readonly #unsubscribe: () => void
  #cancelTurn: () => void = () => undefined
  #stopped = false

  constructor(options: PoolExchangeOptions) {
    this.#options = options
    this.#unsubscribe = options.network.onPeer(({ kind, peer }) => {
      const running = this.#running.get(peer)
      // Requests under way with this peer went down with its last connection.
      if (running !== undefined) running.again = kind === 'connected'
      if (kind === 'connected') this.#ask(peer)
      else this.#waiting.delete(peer)
    })
    this.#scheduleTurn()
  }

  stop(): void {
    this.#stopped = true
    this.#unsubscribe()
    this.#cancelTurn()
    this.#waiting.clear()
  }

  #scheduleTurn(): void {
    this.#cancelTurn = this.#options.clock.after(EXCHANGE_INTERVAL, () => {
      const peers = this.#options.network.peers().map(({ id }) => id)
      const named = peers.filter((peer) => this.#options.isNamed(peer))
      const strangers = peers.filter((peer) => !this.#options.isNamed(peer))
      this.#last.named = after(named, this.#last.named)
      this.#last.strangers = after(strangers, this.#last.strangers)
      for (const peer of [this.#last.named, this.#last.strangers]) if (peer !== '') this.#ask(peer)
      this.#scheduleTurn()
    })
  }

  #ask(peer: string): void {
    if (this.#running.has(peer) || this.#stopped) return
    this.#waiting.add(peer)
    this.#startWaiting()
  }

  #startWaiting(): void {
    for (;;) {
      const next = this.#next()
      if (next === null) return
      this.#waiting.delete(next)
      this.#start(next)
    }
  }

  /** Named peers at once, then who has not failed, then the others. Null when nobody may begin. */
  #next(): string | null {
    const waiting = [...this.#waiting]
    const named = waiting.find((peer) => this.#options.isNamed(peer))
    if (named !== undefined) return named
    const strangers = [...this.#running.values()].filter((running) => !running.named)
    const isFull = strangers.filter(({ isSlow }) => !isSlow).length >= EXCHANGES
    if (isFull || strangers.length >= EXCHANGES_AT_MOST) return null
    return waiting.find((peer) => !this.#fruitless.has(peer)) ?? waiting[0] ?? null
  }

  #start(peer: string): void {
    const running: Running = { named: this.#options.isNamed(peer), isSlow: false, again: false }
    this.#running.set(peer, running)
    const cancel = this.#options.clock.after(EXCHANGE_PATIENCE, () => {
      running.isSlow = true
      this.#startWaiting()
    })
    void this.#fetchMissing(peer).finally(() => {
      cancel()
      this.#running.delete(peer)
      if (running.again) this.#ask(peer)
      if (!this.#stopped) this.#startWaiting()
    })
  }

  /** Kept while the peer is away. */
  #markFruitless(peer: string): void {
    this.#fruitless.add(peer)
    if (this.#fruitless.size > REMEMBERED_PEERS) this.#fruitless.delete(this.#fruitless.keys().next().value!)
  }

  /** Fetches what `peer` has and this node has not. Failures are told in debug: the next exchange comes. */
  async #fetchMissing(peer: string): Promise<void> {
    const { network, logger } = this.#options
    try {
      const { taken, isFruitless } = await this.#compare(peer)
      if (isFruitless) this.#markFruitless(peer)
      else this.#fruitless.delete(peer)
      if (taken > 0) logger.info({ peer, transactions: taken }, 'took transactions over from a peer')
    } catch (error) {
      this.#markFruitless(peer)
      if (error instanceof CodecError) network.penalize(peer, `a malformed answer about its pool: ${error.message}`)
      else logger.debug({ peer, error: String(error) }, 'cannot compare pools')
    }
  }

  /** The peer may lack transactions that it listed: a block may have included them meanwhile. That is no fault. */
  async #compare(peer: string): Promise<{ readonly taken: number; readonly isFruitless: boolean }> {
    const { clock } = this.#options
    const end = clock.monotonic() + EXCHANGE_TIME
    const [listed, newest] = (await this.#request(peer, HASHES, new Uint8Array(0), end)).frames
    let missing = this.#lacking(decodeHashes(listed ?? new Uint8Array(0), EXCHANGED_HASHES))
    const seen = newest === undefined ? null : fixedBytesField(newest, HASH_BYTES, 'seen')
    let taken = 0
    let empty = 0
    while (missing.length > 0 && !this.#stopped && empty < EMPTY_ANSWERS && clock.monotonic() < end) {
      const asked = this.#claim(missing)
      if (asked.length === 0) {
        // Another peer is asked for all of it.
        await new Promise<void>((resolve) => clock.after(EXCHANGE_PATIENCE, resolve))
        missing = this.#lacking(missing)
      } else {
        const fetched = await this.#fetch(peer, asked, seen, end)
          .catch((error: unknown) => {
            // The peer is slow or went away, and has given something before.
            if (isInterruption(error) && taken > 0) return null
            throw error
          })
          .finally(() => this.#release(asked))
        if (fetched === null) break
        const { given, accepted, done } = fetched
        taken += accepted
        empty = given === 0 ? empty + 1 : 0
        missing = missing.filter((hash) => !done.has(hash))
      }
    }
    return { taken, isFruitless: empty > 0 || (missing.length > 0 && taken === 0) }
  }

  #lacking(hashes: readonly Uint8Array[]): readonly Uint8Array[] {
    const now = this.#options.clock.monotonic()
    return hashes.filter((hash) => !this.#options.pool.has(hash) && now >= (this.#refused.get(keyOf(hash)) ?? now))
  }

  /** Not asked for again for a while: it does not fit, no matter which peer has it. */
  #refuse(hash: Uint8Array): void {
    const key = keyOf(hash)
    this.#refused.delete(key)
    this.#refused.set(key, this.#options.clock.monotonic() + REFUSED_MEMORY)
    if (this.#refused.size > REMEMBERED_REFUSED) this.#refused.delete(this.#refused.keys().next().value!)
  }

  /** The next hashes to ask for, without those that another exchange has just asked for. */
  #claim(missing: readonly Uint8Array[]): readonly Uint8Array[] {
    const now = this.#options.clock.monotonic()
    const free: Uint8Array[] = []
    for (const hash of missing) {
      if (free.length >= EXCHANGED_TRANSACTIONS) break
      const key = keyOf(hash)
      const claimed = this.#claims.get(key)
      if (claimed !== undefined && now < claimed) continue
      if (claimed === undefined) this.#claims.set(key, now + EXCHANGE_PATIENCE)
      free.push(hash)
    }
    return free
  }

  #release(hashes: readonly Uint8Array[]): void {
    for (const hash of hashes) this.#claims.delete(keyOf(hash))
  }

  /**
   * Asks for transactions and offers them to the pool. `seen`: as AddingFrom's (txPoolTypes.ts). `given`: how many came;
   * `done`: those of `hashes` that need not be asked for again.
   * @throws CodecError when the peer gives what it was not asked for, or what no honest peer has.
   */
  async #fetch(
    peer: string,
    hashes: readonly Uint8Array[],
    seen: Uint8Array | null,
    end: number,
  ): Promise<{ readonly given: number; readonly accepted: number; readonly done: ReadonlySet<Uint8Array> }> {
    const { pool } = this.#options
    const { frames: raws, isWhole } = await this.#request(peer, TRANSACTIONS, encodeHashes(hashes), end)
    if (raws.length > hashes.length)
      throw new CodecError('wrong-length', '', `${raws.length} transactions, asked for fewer`)
    const asked = new Map(hashes.map((hash, index) => [keyOf(hash), index]))
    const given = raws.map((raw) => keccak256(raw))
    if (given.some((hash) => !asked.has(keyOf(hash))))
      throw new CodecError('out-of-range', '', 'a transaction that was not asked for')
    const outcomes = await pool.addFrom({ peer, named: this.#options.isNamed(peer) }, raws, { seen })
    const fault = outcomes.find(isFault)
    const taken = raws.filter((_, index) => outcomes[index]?.ok === true)
    // News for this node may be news for its other peers, who are perhaps not connected to this one.
    this.#options.onTaken(taken)
    if (fault !== undefined) throw new CodecError('out-of-range', '', fault.message)
    for (const [index, outcome] of outcomes.entries()) {
      if (!outcome.ok && (outcome.standing === 'unfit' || outcome.standing === 'hopeless')) this.#refuse(given[index]!)
    }
    // An answer is in the order asked. One that is nearly full may end early; else the peer has the others no more.
    const bytes = raws.reduce((sum, { length }) => sum + length, 0)
    const last = given.length === 0 ? 0 : asked.get(keyOf(given.at(-1)!))! + 1
    const done = !isWhole || bytes > EXCHANGED_BYTES / 2 ? hashes.slice(0, last) : hashes
    return { given: raws.length, accepted: taken.length, done: new Set(done) }
  }

  /**
   * Until `end`, milliseconds, at most. What came whole by then, or before the connection was lost, is the answer: over a
   * slow link a long one would never come to its end, and be sent again and again.
   */
  async #request(
    peer: string,
    protocol: typeof HASHES | typeof TRANSACTIONS,
    request: Uint8Array,
    end: number,
  ): Promise<{ readonly frames: readonly Uint8Array[]; readonly isWhole: boolean }> {
    const { network, clock } = this.#options
    const time = Math.min(EXCHANGE_ANSWER_TIME, end - clock.monotonic())
    const bounds =
      protocol === HASHES
        ? { maxFrames: 2, maxBytes: HASH_BYTES * (EXCHANGED_HASHES + 1) }
        : { maxFrames: EXCHANGED_TRANSACTIONS, maxBytes: EXCHANGED_BYTES }
    const giveUp = new AbortController()
    const came: Uint8Array[] = []
    let cancel = () => {}
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(time, () => {
        reject(new NetworkError('timeout', `no answer to ${protocol} within ${time} ms`))
        giveUp.abort()
      })
    })
    const wanted = { signal: giveUp.signal, onFrame: (frame: Uint8Array) => void came.push(frame), ...bounds }
    try {
      return { frames: await Promise.race([network.request(peer, protocol, request, wanted), late]), isWhole: true }
    } catch (error) {
      if (!isInterruption(error) || came.length === 0) throw error
      return { frames: [...came], isWhole: false }
    } finally {
      cancel()
    }
  }
}

/** The peer is slow, busy or gone, which is nobody's fault. */
function isInterruption(error: unknown): boolean {
  return error instanceof NetworkError && error.code !== 'protocol-violation'
}

/** Faults that no honest node has, whatever the state of its chain. */
export function isFault(outcome: AddOutcome): outcome is Extract<AddOutcome, { ok: false }> {
  return !outcome.ok && outcome.standing === 'fault'
}

/** The one after `last` in turn; the empty string when there is none. */
function after(peers: readonly string[], last: string): string {
  return peers[(peers.indexOf(last) + 1) % peers.length] ?? ''
}
