/**
 * Transactions to and from peers, three ways that complete each other:
 *
 * - what this node accepts from its users goes out in bundles: one that comes alone at once, of several the first waits a
 *   moment for the others;
 * - what comes in a peer's bundle is passed on by the network as it is, if it was worth it; else this node announces
 *   what was good of it in a bundle of its own;
 * - the exchange of pools (poolExchange.ts) fetches what was missed.
 *
 * A peer is at fault for a transaction whose bytes are wrong (`reject`), as no honest node passes it on. A transaction
 * that does not fit this node's state (nonce, funds, fees) is no fault: nodes are never at the same block at the same
 * moment. The node counts it all the same (intake.ts).
 */
import { CodecError } from '../codec/codecError.ts'
import { keccak256 } from '../crypto/keccak.ts'
import type { GossipVerdict, Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { DEV_TRANSACTION_TYPE, type SenderTransaction } from '../types/transaction.ts'
import { decodeBundle, encodeBundle } from './bundleCodec.ts'
import { Intake, type Ruling } from './intake.ts'
import { BUNDLE_BYTES, BUNDLE_DELAY, BUNDLE_TRANSACTIONS, DEV_MARK_BYTES, LONE_BUNDLE_PAUSE } from './limits.ts'
import { isFault, PoolExchange } from './poolExchange.ts'
import { servePool } from './poolServing.ts'
import type { TxPool } from './txPool.ts'

export interface TxGossipOptions {
  readonly network: Network
  readonly pool: TxPool
  readonly clock: Clock
  readonly logger: Logger
  /**
   * Whether this node has the state of the day, as far as it knows; it then blames who sends what nobody can pay.
   * Default: it has.
   */
  readonly isCurrent?: () => boolean
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
  readonly #intake: Intake
  readonly #exchange: PoolExchange
  readonly #unsubscribe: () => void
  /** Fewer than {@link BUNDLE_TRANSACTIONS}. */
  #queue: SenderTransaction[] = []
  /** Null when nothing waits. */
  #cancelWait: (() => void) | null = null
  /** The newest bundle: how many it had, and when it was sent, monotonic milliseconds. */
  #newest = { size: 1, at: -Infinity }

  constructor(options: TxGossipOptions) {
    this.#options = options
    const { network, pool, clock, logger } = options
    const isNamed = (peer: string) => network.peers().find(({ id }) => id === peer)?.named === true
    this.#intake = new Intake({ now: () => clock.monotonic(), isNamed, isCurrent: options.isCurrent ?? (() => true) })
    network.setGossipHandler('tx', (message, from) => this.#receive(message, from))
    servePool({ network, pool, clock, isNamed })
    this.#unsubscribe = pool.onAccepted((tx, origin) => {
      if (origin === 'local') this.#send(tx)
    })
    const onTaken = (raws: readonly Uint8Array[]) => this.#announce(raws)
    this.#exchange = new PoolExchange({
      ...{ network, pool, clock, logger, isNamed, onTaken },
    })
  }

  stop(): void {
    this.#unsubscribe()
    this.#cancelWait?.()
    this.#exchange.stop()
  }

  #send(tx: SenderTransaction): void {
    this.#queue.push(tx)
    if (this.#queue.length >= BUNDLE_TRANSACTIONS) this.#flush()
    else this.#cancelWait ??= this.#options.clock.after(this.#wait(), () => this.#flush())
  }

  /** Milliseconds. After a bundle of one another is most likely sent by the same client, who waits for the first's block. */
  #wait(): number {
    if (this.#newest.size > 1) return BUNDLE_DELAY
    return Math.max(0, this.#newest.at + LONE_BUNDLE_PAUSE - this.#options.clock.monotonic())
  }

  #flush(): void {
    this.#cancelWait?.()
    this.#cancelWait = null
    const queue = this.#queue
    this.#queue = []
    this.#newest = { size: queue.length, at: this.#options.clock.monotonic() }
    const raws = queue.map(({ raw }) => raw)
    for (const bundle of this.#bundles(raws)) {
      this.#options.network.publish('tx', bundle).catch((error: unknown) => this.#cannotPublish(error))
    }
  }

  /**
   * Nodes that take the same out of a bundle make the same bytes of it, which then have one id and go over each link once.
   */
  #announce(raws: readonly Uint8Array[]): void {
    for (const bundle of this.#bundles(raws)) {
      this.#options.network.announce('tx', bundle).catch((error: unknown) => this.#cannotPublish(error))
    }
  }

  /**
   * A state that goes back makes the same bytes right again, and the network sends none twice: with the control they are
   * others, and say that they were sent after it.
   */
  #bundles(raws: readonly Uint8Array[]): Uint8Array[] {
    return bundles(raws, this.#options.pool.devMark())
  }

  #cannotPublish(error: unknown): void {
    this.#options.logger.warn({ error: String(error) }, 'cannot publish transactions')
  }

  async #receive(message: Uint8Array, from: string): Promise<GossipVerdict> {
    const { pool } = this.#options
    const bytes = message.length
    const admitted = this.#intake.admit(from, bytes)
    if (!admitted.judge) return this.#ignore(from, admitted)
    let raws: readonly Uint8Array[]
    try {
      raws = decodeBundle(message)
    } catch (error) {
      if (error instanceof CodecError) return 'reject'
      throw error
    }
    const begun = this.#intake.begin(from, raws.length, bytes)
    if (!begun.judge) return this.#ignore(from, begun)
    const source = this.#intake.source(from)
    const mark = markOf(raws)
    const outcomes = await pool
      .addFrom(source, raws, { probed: !source.named, seen: mark === null ? null : keccak256(mark) })
      .finally(() => this.#intake.end(from, raws.length, bytes))
    // The control that goes along (devMark) is known to every node soon, and says nothing of what the rest is worth.
    const last = outcomes.at(-1)!
    const isMarked = mark !== null && !last.ok && last.standing === 'known' && raws.length > 1
    const end = isMarked ? raws.length - 1 : raws.length
    const settled = this.#intake.settle(from, raws.slice(0, end), outcomes.slice(0, end), bytes)
    const fault = outcomes.find(isFault)
    const good = raws.filter((_, index) => outcomes[index]?.ok === true)
    if (fault !== undefined) {
      this.#options.logger.debug({ peer: from, reason: fault.message }, 'a bundle holds a wrong transaction')
      this.#announce(good)
      return 'reject'
    }
    if (settled.judge) return 'accept'
    // The same few that are good could carry ever new junk, or known transactions be bundled anew for ever.
    this.#announce(good)
    return this.#ignore(from, settled)
  }

  #ignore(peer: string, { flood }: Ruling): GossipVerdict {
    if (flood !== null) this.#options.network.penalize(peer, flood)
    return 'ignore'
  }
}

/** The dev transaction that may go along with the others of a bundle (`devMark`); null where there is none. */
function markOf(raws: readonly Uint8Array[]): Uint8Array | null {
  const last = raws.at(-1)!
  return last[0] === DEV_TRANSACTION_TYPE && last.length <= DEV_MARK_BYTES ? last : null
}

/** In order, each at most 512 transactions and 512 KiB, or one larger transaction. `mark`: the last of each. */
export function bundles(raws: readonly Uint8Array[], mark: Uint8Array | null = null): Uint8Array[] {
  const marks = mark === null ? [] : [mark]
  const room = { transactions: BUNDLE_TRANSACTIONS - marks.length, bytes: BUNDLE_BYTES - (mark?.length ?? 0) }
  const result: Uint8Array[] = []
  let bundle: Uint8Array[] = []
  let bytes = 0
  const close = () => {
    if (bundle.length > 0) result.push(encodeBundle([...bundle, ...marks]))
    bundle = []
    bytes = 0
  }
  for (const raw of raws) {
    if (bundle.length >= room.transactions || bytes + raw.length > room.bytes) close()
    bundle.push(raw)
    bytes += raw.length
  }
  close()
  return result
}
