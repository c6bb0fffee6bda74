/**
 * Beginning with a snapshot instead of the genesis: chooses a certified block, fetches its state, checks all of it
 * against the state root, and leaves a database in which the chain begins at that block. Blocks after it come by block
 * sync. Runs before the chain is opened; after a kill it is simply run again.
 *
 * Why it is so: docs/rationale/sync.md.
 */
import type { SnapshotStore } from '../chain/snapshotStore.ts'
import type { Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { MissingCodeError } from '../state/stateStore.ts'
import { MissingNodeError } from '../trie/nodeStore.ts'
import type { Genesis } from '../types/genesis.ts'
import { type CertifiedCheck, HandoverTrail } from './handoverTrail.ts'
import { DEFAULT_SNAPSHOT_LIMITS, type SnapshotLimits, STATE_ITEMS } from './limits.ts'
import { SnapshotPeers } from './snapshotPeers.ts'
import { chooseTarget, type SnapshotTarget } from './snapshotTarget.ts'
import { type DownloadOutcome, downloadState } from './stateDownload.ts'

export interface SnapshotSyncOptions {
  /** Not started yet: this starts it, and its maker stops it. */
  readonly network: Network
  readonly store: SnapshotStore
  readonly genesis: Genesis
  /** A new one: it is given handovers from the genesis on. */
  readonly check: CertifiedCheck
  /** False on a chain whose validators never change. */
  readonly hasHandovers: boolean
  /** Peers that the configuration names: strangers do not decide before one of them was heard, or could have been. */
  readonly named: number
  readonly clock: Clock
  readonly logger: Logger
  readonly limits?: Partial<SnapshotLimits>
}

/**
 * The height the chain begins at now, or null when the peers have no block yet, or prove none, or keep its state to
 * themselves: then it begins with the genesis, as usual. Waits for peers as long as there are none.
 */
export function fetchSnapshot(options: SnapshotSyncOptions): Promise<bigint | null> {
  return new SnapshotSync(options).run()
}

class SnapshotSync {
  readonly #options: SnapshotSyncOptions
  readonly #limits: SnapshotLimits
  readonly #peers: SnapshotPeers
  readonly #trail: HandoverTrail
  /** An earlier run has begun it: there may be much of it here. */
  readonly #isResumed: boolean
  readonly #startedAt: number
  /** Times in a row that came to nearly nothing. */
  #misses = 0
  /** Items fetched, of all blocks tried. */
  #fetched = 0

  constructor(options: SnapshotSyncOptions) {
    const { network, store, check, clock, logger } = options
    this.#options = options
    this.#limits = { ...DEFAULT_SNAPSHOT_LIMITS, ...options.limits }
    this.#peers = new SnapshotPeers({ network, clock, logger, limits: this.#limits })
    this.#trail = new HandoverTrail(check)
    this.#isResumed = store.isBegun
    this.#startedAt = clock.monotonic()
  }

  async run(): Promise<bigint | null> {
    const { network, store, genesis, logger } = this.#options
    try {
      await network.start()
      await this.#hearPeers()
      for (;;) {
        const target = await chooseTarget({
          ...this.#options,
          peers: this.#peers,
          trail: this.#trail,
          limits: this.#limits,
        })
        if (target !== null) {
          await store.begin(genesis)
          const { number } = target.block.header
          const { isComplete, fetched, gave } = await this.#fetchState(target)
          if (isComplete) return number
          this.#peers.noteWithheld(number, gave)
          this.#fetched += fetched
          if (fetched >= STATE_ITEMS) this.#misses = 0
          logger.warn(
            { height: number.toString(), fetched },
            'no peer gives the rest of this snapshot: choosing another block, and keeping the items that came',
          )
        }
        // That all have left says nothing about the chain.
        if (this.#peers.size === 0) {
          await this.#hearPeers()
          continue
        }
        this.#misses += 1
        if (this.#mayBeginWithGenesis(target)) {
          if (store.isBegun) await store.abandon()
          return null
        }
        await this.#pause(this.#limits.retryDelay)
      }
    } finally {
      this.#peers.stop()
    }
  }

  /**
   * True if the node may fetch all blocks from the genesis instead, which are as good as a snapshot. So peers that
   * claim blocks and prove none, or prove one and give nothing of it, cannot keep the node from starting. Parts of a
   * snapshot that have come already are not thrown away for it.
   */
  #mayBeginWithGenesis(target: SnapshotTarget | null): boolean {
    const { named, clock } = this.#options
    const { attempts, namedTime } = this.#limits
    if (this.#isResumed || this.#fetched >= STATE_ITEMS) return false
    if (named > 0 && !this.#peers.hasNamed && clock.monotonic() - this.#startedAt < namedTime) return false
    return this.#misses >= attempts || (target === null && this.#peers.sayNew)
  }

  async #hearPeers(): Promise<void> {
    const { logger } = this.#options
    let told = false
    while (this.#peers.size === 0) {
      await this.#pause(this.#limits.retryDelay)
      if (this.#peers.size === 0 && !told) logger.info({}, 'waiting for a peer to fetch a snapshot from')
      told = true
    }
    await this.#pause(this.#limits.choosingTime)
  }

  async #fetchState({ block, certificate, handovers }: SnapshotTarget): Promise<DownloadOutcome> {
    const { store, genesis, clock, logger } = this.#options
    const { number, stateRoot } = block.header
    const height = number.toString()
    const started = clock.monotonic()
    logger.info({ height }, `fetching a snapshot of block ${height}`)
    const download = (roots: readonly Uint8Array[]) =>
      downloadState({ ...this.#options, roots, height: number, peers: this.#peers, limits: this.#limits })
    const own = await download([stateRoot])
    if (!own.isComplete) return own
    const others = store.otherRoots(stateRoot, genesis)
    const outcome = others.length === 0 ? own : bothOf(own, await download(others))
    if (!outcome.isComplete) return outcome
    try {
      const size = await store.complete(block, certificate, handovers)
      const seconds = ((clock.monotonic() - started) / 1_000).toFixed(1)
      const { fetched, bytes } = outcome
      logger.info(
        { height, fetched, bytes, ...size, seconds },
        `the snapshot of block ${height} is complete: ${size.accounts} accounts, ${size.slots} storage slots`,
      )
      return outcome
    } catch (error) {
      // Something that was there is not any more: looking for it again finds that out.
      if (error instanceof MissingNodeError || error instanceof MissingCodeError)
        return { ...outcome, isComplete: false }
      throw error
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(milliseconds, resolve))
  }
}

function bothOf(first: DownloadOutcome, second: DownloadOutcome): DownloadOutcome {
  return {
    isComplete: second.isComplete,
    fetched: first.fetched + second.fetched,
    bytes: first.bytes + second.bytes,
    gave: new Set([...first.gave, ...second.gave]),
  }
}
