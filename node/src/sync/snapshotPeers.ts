/** The claims of peers, asked again and again while a snapshot is fetched, and the trust in them (peerHeights.ts). */
import type { Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { type StatusAsker, statusAsker } from './askStatus.ts'
import { MAX_WITHHOLDERS, type SnapshotLimits, STATE_ITEMS, STATE_TRIAL_ITEMS } from './limits.ts'
import type { PeerStatus } from './messages.ts'
import { PeerHeights } from './peerHeights.ts'

export interface SnapshotPeersOptions {
  readonly network: Network
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: SnapshotLimits
}

/** A peer that may prove a block. */
export interface Candidate {
  readonly peer: string
  readonly height: bigint
  /** Times it said it had a block whose state it then kept to itself. */
  readonly withheld: number
}

/** Begins to listen at once. */
export class SnapshotPeers {
  readonly ranking: PeerHeights
  readonly #options: SnapshotPeersOptions
  readonly #asker: StatusAsker
  readonly #statuses = new Map<string, PeerStatus & { readonly named: boolean }>()
  /** Kept when they go and come back. */
  readonly #withheld = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  readonly #unsubscribe: () => void
  #cancelTimer: () => void = () => undefined

  constructor(options: SnapshotPeersOptions) {
    const { network, clock, logger, limits } = options
    this.#options = options
    this.ranking = new PeerHeights(limits, { most: STATE_ITEMS, least: STATE_TRIAL_ITEMS })
    this.#asker = statusAsker(network, clock, logger)
    this.#unsubscribe = network.onPeer(({ kind, peer }) => {
      if (kind === 'connected') void this.#ask(peer)
      else {
        this.#statuses.delete(peer)
        this.ranking.forget(peer)
      }
    })
    this.#schedule()
  }

  get size(): number {
    return this.#statuses.size
  }

  /** Whether a peer that is named in the configuration has said what it has. */
  get hasNamed(): boolean {
    return [...this.#statuses.values()].some(({ named }) => named)
  }

  /** Whether those that are named, or all where none is, say that the chain has no block yet. */
  get sayNew(): boolean {
    const all = [...this.#statuses.values()]
    const named = all.filter((status) => status.named)
    return (named.length > 0 ? named : all).every(({ height }) => height === 0n)
  }

  /** Called when a peer has said something. */
  onNews(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Asks everybody, and waits for nobody. */
  refresh(): void {
    for (const { id } of this.#options.network.peers()) void this.#ask(id)
  }

  /**
   * In the order in which they are asked: who withheld nothing first, of those who is named, of those from the greatest
   * height down.
   */
  candidates(): readonly Candidate[] {
    return [...this.#statuses]
      .map(([peer, { height, named }]) => ({ peer, height, named, withheld: this.#withheld.get(peer) ?? 0 }))
      .sort(
        (a, b) => a.withheld - b.withheld || Number(b.named) - Number(a.named) || Number(b.height > a.height) * 2 - 1,
      )
  }

  /**
   * Nobody gave the state of this block: those that said they had it, and are trusted with nothing, are asked last for
   * another.
   */
  noteWithheld(height: bigint, gave: ReadonlySet<string>): void {
    for (const [peer, status] of this.#statuses) {
      if (status.height < height || status.first > height || gave.has(peer)) continue
      if (!this.#withheld.has(peer) && this.#withheld.size >= MAX_WITHHOLDERS) {
        this.#withheld.delete(this.#withheld.keys().next().value!)
      }
      this.#withheld.set(peer, (this.#withheld.get(peer) ?? 0) + 1)
    }
  }

  stop(): void {
    this.#cancelTimer()
    this.#unsubscribe()
    this.#listeners.clear()
  }

  #schedule(): void {
    const { clock, limits } = this.#options
    this.#cancelTimer = clock.after(limits.statusInterval, () => {
      this.refresh()
      this.#schedule()
    })
  }

  async #ask(peer: string): Promise<void> {
    const status = await this.#asker.ask(peer)
    const known = this.#options.network.peers().find(({ id }) => id === peer)
    if (status === null || known === undefined) return
    this.#statuses.set(peer, { ...status, named: known.named })
    this.ranking.claim(peer, status.height, { first: status.first, named: known.named })
    for (const listener of this.#listeners) listener()
  }
}
