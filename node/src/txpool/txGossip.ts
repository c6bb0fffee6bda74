/**
 * Transactions to and from peers, three ways that complete each other:
 *
 * - what this node accepts from its users goes out in bundles: the first at once, then what came meanwhile, a pause apart;
 * - what comes in a peer's bundle is passed on by the network, if anything in it was new and acceptable; this node
 *   sends nothing of it again itself;
 * - with each new peer, and every few seconds with one peer in turn, it compares pools and fetches what it lacks. So
 *   what was accepted by a node without peers, behind a partition or before a restart gets out afterwards.
 *
 * A malformed bundle is its sender's fault (`reject`). A transaction that does not fit this node's state (nonce, funds,
 * fees) is nobody's: nodes are never at the same block at the same moment.
 */
import { keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import type { GossipVerdict, Network } from '../network/network.ts'
import { Quota } from '../network/quota.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { decodeBundle, decodeHashes, encodeBundle, encodeHashes } from './bundleCodec.ts'
import {
  BUNDLE_BYTES,
  BUNDLE_DELAY,
  BUNDLE_QUEUE,
  BUNDLE_TRANSACTIONS,
  CHECKED_PER_PEER,
  EXCHANGE_INTERVAL,
  EXCHANGED_BYTES,
  EXCHANGED_HASHES,
  EXCHANGED_TRANSACTIONS,
  REFUSED_BURST,
  REFUSED_PER_SECOND,
} from './limits.ts'
import type { TxPool } from './txPool.ts'
import type { AddOutcome, TxPoolErrorCode } from './txpoolView.ts'

/** Request protocols. */
const HASHES = 'pool-hashes'
const TRANSACTIONS = 'pool-transactions'

export interface TxGossipOptions {
  readonly network: Network
  readonly pool: TxPool
  readonly clock: Clock
  readonly logger: Logger
  /** Milliseconds; for tests. */
  readonly bundleDelay?: number
  readonly exchangeInterval?: number
}

export interface TxGossip {
  stop(): void
}

/** Sets the network's handlers, so it is called before the network starts. */
export function startTxGossip(options: TxGossipOptions): TxGossip {
  const gossip = new Gossip(options)
  return { stop: () => gossip.stop() }
}

class Gossip {
  readonly #options: TxGossipOptions
  #queue: SenderTransaction[] = []
  /** Null when nothing was sent for a while. */
  #cancelPause: (() => void) | null = null
  #cancelExchange: () => void = () => undefined
  readonly #waiting = new Set<string>()
  /** Transactions of each peer's bundles that are being checked. */
  readonly #checking = new Map<string, number>()
  /** What each peer may still send that is refused after its signature was recovered. */
  readonly #refused = new Map<string, Quota>()
  #exchange: Promise<void> = Promise.resolve()
  readonly #unsubscribe: (() => void)[]
  #turn = 0
  #stopped = false

  constructor(options: TxGossipOptions) {
    this.#options = options
    const { network, pool } = options
    network.setGossipHandler('tx', (message, from) => this.#receive(message, from))
    network.setRequestHandler(HASHES, async () => [this.#hashes()])
    network.setRequestHandler(TRANSACTIONS, async (request) => this.#transactions(request))
    this.#unsubscribe = [
      pool.onAccepted((tx, origin) => {
        if (origin === 'local') this.#send(tx)
      }),
      network.onPeer((event) => {
        if (event.kind === 'connected') this.#exchangeWith(event.peer)
        else this.#refused.delete(event.peer)
      }),
    ]
    this.#scheduleExchange()
  }

  stop(): void {
    this.#stopped = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#cancelPause?.()
    this.#cancelExchange()
  }

  #send(tx: SenderTransaction): void {
    if (this.#queue.length >= BUNDLE_QUEUE) return
    this.#queue.push(tx)
    if (this.#queue.length >= BUNDLE_TRANSACTIONS || this.#cancelPause === null) this.#flush()
  }

  /** At once after a quiet time, so that a lone transaction does not wait; then one bundle per pause. */
  #flush(): void {
    this.#cancelPause?.()
    this.#cancelPause = this.#options.clock.after(this.#options.bundleDelay ?? BUNDLE_DELAY, () => {
      this.#cancelPause = null
      if (this.#queue.length > 0) this.#flush()
    })
    const queue = this.#queue
    this.#queue = []
    for (const bundle of bundles(queue.map(({ raw }) => raw))) {
      this.#options.network.publish('tx', bundle).catch((error: unknown) => {
        this.#options.logger.warn({ error: String(error) }, 'cannot publish transactions')
      })
    }
  }

  async #receive(message: Uint8Array, from: string): Promise<GossipVerdict> {
    const refused = this.#refusedOf(from)
    if (!refused.take(this.#options.clock.monotonic(), 0)) {
      this.#options.network.penalize(from, `a flood: over ${REFUSED_PER_SECOND} transactions a second that cannot run`)
      return 'ignore'
    }
    let raws: readonly Uint8Array[]
    try {
      raws = decodeBundle(message)
    } catch (error) {
      if (error instanceof CodecError) return 'reject'
      throw error
    }
    const checking = this.#checking.get(from) ?? 0
    // Whatever is over the bound comes again by the exchange of pools, if it is worth anything.
    if (checking > 0 && checking + raws.length > CHECKED_PER_PEER) return 'ignore'
    this.#checking.set(from, checking + raws.length)
    const outcomes = await this.#options.pool.addMany(raws, 'peer').finally(() => this.#checked(from, raws.length))
    const fault = outcomes.find(isFault)
    if (fault !== undefined) {
      this.#options.logger.debug({ peer: from, reason: fault.message }, 'a bundle holds a malformed transaction')
      return 'reject'
    }
    refused.spend(outcomes.filter((outcome) => !outcome.ok && HOPELESS.has(outcome.code)).length)
    // What brought nothing new is not passed on: known transactions could be bundled anew for ever.
    return outcomes.some(({ ok }) => ok) ? 'accept' : 'ignore'
  }

  #checked(peer: string, count: number): void {
    const checking = (this.#checking.get(peer) ?? count) - count
    if (checking === 0) this.#checking.delete(peer)
    else this.#checking.set(peer, checking)
  }

  /** Forgotten when the peer leaves: it would have to connect anew for each burst. */
  #refusedOf(peer: string): Quota {
    let quota = this.#refused.get(peer)
    if (quota === undefined) {
      quota = new Quota(REFUSED_PER_SECOND, REFUSED_BURST, this.#options.clock.monotonic())
      this.#refused.set(peer, quota)
    }
    return quota
  }

  #hashes(): Uint8Array {
    const hashes: Uint8Array[] = []
    for (const { hash } of this.#options.pool.transactions()) {
      if (hashes.length >= EXCHANGED_HASHES) break
      hashes.push(hash)
    }
    return encodeHashes(hashes)
  }

  #transactions(request: Uint8Array): readonly Uint8Array[] {
    const raws: Uint8Array[] = []
    let bytes = 0
    for (const hash of decodeHashes(request, EXCHANGED_TRANSACTIONS)) {
      const tx = this.#options.pool.get(hash)
      if (tx === undefined) continue
      bytes += tx.raw.length
      if (bytes > EXCHANGED_BYTES) break
      raws.push(tx.raw)
    }
    return raws
  }

  #scheduleExchange(): void {
    this.#cancelExchange = this.#options.clock.after(this.#options.exchangeInterval ?? EXCHANGE_INTERVAL, () => {
      const peers = this.#options.network.peers()
      const peer = peers[this.#turn++ % Math.max(1, peers.length)]
      if (peer !== undefined) this.#exchangeWith(peer.id)
      this.#scheduleExchange()
    })
  }

  /** One after the other: after a restart every peer has the same to offer, and the first brings most of it. */
  #exchangeWith(peer: string): void {
    if (this.#waiting.has(peer)) return
    this.#waiting.add(peer)
    this.#exchange = this.#exchange.then(() => this.#fetchMissing(peer)).finally(() => this.#waiting.delete(peer))
  }

  /** Fetches what `peer` has and this node has not. Failures are told in debug: the next exchange comes. */
  async #fetchMissing(peer: string): Promise<void> {
    const { network, pool, logger } = this.#options
    if (this.#stopped) return
    try {
      const [answer] = await network.request(peer, HASHES, new Uint8Array(0))
      const missing = decodeHashes(answer ?? new Uint8Array(0), EXCHANGED_HASHES).filter((hash) => !pool.has(hash))
      let taken = 0
      for (let at = 0; at < missing.length && !this.#stopped; at += EXCHANGED_TRANSACTIONS) {
        const asked = missing.slice(at, at + EXCHANGED_TRANSACTIONS)
        taken += await this.#fetch(peer, asked)
      }
      if (taken > 0) logger.info({ peer, transactions: taken }, 'took transactions over from a peer')
    } catch (error) {
      if (error instanceof CodecError) network.penalize(peer, `a malformed answer about its pool: ${error.message}`)
      else logger.debug({ peer, error: String(error) }, 'cannot compare pools')
    }
  }

  async #fetch(peer: string, hashes: readonly Uint8Array[]): Promise<number> {
    const { network, pool } = this.#options
    const raws = await network.request(peer, TRANSACTIONS, encodeHashes(hashes))
    if (raws.length > hashes.length)
      throw new CodecError('wrong-length', '', `${raws.length} transactions, asked for fewer`)
    const outcomes = await pool.addMany(raws, 'peer')
    const fault = outcomes.find(isFault)
    if (fault !== undefined) throw new CodecError('out-of-range', '', fault.message)
    const asked = new Set(hashes.map(keyOf))
    const accepted = outcomes.filter((outcome) => outcome.ok)
    for (const { hash } of accepted) {
      if (!asked.has(keyOf(hash))) throw new CodecError('out-of-range', '', 'a transaction that was not asked for')
      // News for this node may be news for its other peers, who are perhaps not connected to this one.
      const tx = pool.get(hash)
      if (tx !== undefined) this.#send(tx)
    }
    return accepted.length
  }
}

/**
 * Refused after its signature was recovered, for a reason that the next blocks hardly change: work for nothing. Nonces
 * and fees are left out: a node that was held up finds thousands of them outdated, and that is not its peers' fault.
 */
const HOPELESS: ReadonlySet<TxPoolErrorCode> = new Set([
  'insufficient-funds',
  'intrinsic-gas-too-low',
  'gas-over-block-limit',
  'tip-above-fee-cap',
  'init-code-too-large',
  'sender-has-code',
])

/** What no honest node sends, whatever the state of its chain. */
function isFault(outcome: AddOutcome): outcome is Extract<AddOutcome, { ok: false }> {
  if (outcome.ok) return false
  const { code } = outcome
  return code === 'malformed' || code === 'invalid-signature' || code === 'unsupported-type' || code === 'too-large'
}

/** In order, each at most 512 transactions and 512 KiB, or one larger transaction. */
export function bundles(raws: readonly Uint8Array[]): Uint8Array[] {
  const result: Uint8Array[] = []
  let bundle: Uint8Array[] = []
  let bytes = 0
  const close = () => {
    if (bundle.length > 0) result.push(encodeBundle(bundle))
    bundle = []
    bytes = 0
  }
  for (const raw of raws) {
    if (bundle.length >= BUNDLE_TRANSACTIONS || bytes + raw.length > BUNDLE_BYTES) close()
    bundle.push(raw)
    bytes += raw.length
  }
  close()
  return result
}
