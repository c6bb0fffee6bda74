/**
 * Catching up: a node that joins late, was stopped or was cut off fetches the blocks it lacks, in ranges, from several
 * peers at once, and applies them in order. A block counts for nothing without its commit certificate, which `apply`
 * checks; who sends a wrong one is penalized and somebody else is asked. Where the node is, only the chain knows: after
 * a kill, sync goes on from the chain's head.
 *
 * It also serves what peers that catch up ask for (serving.ts).
 */
import type { ChainService } from '../chain/chainService.ts'
import type { Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import { askStatus } from './askStatus.ts'
import { DEFAULT_SYNC_LIMITS, type SyncLimits } from './limits.ts'
import { PeerHeights } from './peerHeights.ts'
import { fetchRange, type Range } from './rangeFetch.ts'
import { serveChain } from './serving.ts'

/** As consensus' `applyCertified` answers. */
export type ApplyOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** `bad-certificate` and `wrong-block` are the sender's fault. */
      readonly code: 'gap' | 'bad-certificate' | 'wrong-block' | 'halted'
      readonly message: string
    }

export interface BlockSyncOptions {
  readonly network: Network
  readonly chain: ChainService
  /** Checks the certificate and commits the next block. What it throws is a fault of this node and ends sync. */
  apply(block: Block, certificate: Certificate): Promise<ApplyOutcome>
  /** Called ahead of `apply`, several blocks at a time: to recover signatures, say. Its failures are `apply`'s to tell. */
  prepare?(block: Block): Promise<unknown>
  /**
   * The height up to which certified blocks are at hand, for who should not start a height below it; null when there
   * are none. Never what peers merely claim: a liar must not keep a validator from voting.
   */
  onTarget?(height: bigint | null): void
  readonly clock: Clock
  readonly logger: Logger
  readonly limits?: Partial<SyncLimits>
}

/** What eth_syncing tells. */
export interface SyncStatus {
  /** True once a fetched block was applied and until the peers' height is reached. */
  readonly syncing: boolean
  readonly startingBlock: bigint
  readonly currentBlock: bigint
  readonly highestBlock: bigint
}

export interface BlockSync {
  status(): SyncStatus
  /** `peer` has shown that `height` is committed. */
  onBehind(height: bigint, peer: string): void
  /** Resolves when the block being applied is. */
  stop(): Promise<void>
}

/** Sets the network's handlers, so it is called before the network starts. */
export function startBlockSync(options: BlockSyncOptions): BlockSync {
  return new Sync(options)
}

interface FetchedRange {
  readonly count: number
  readonly range: Promise<Range | null>
  /** Set when it is here. */
  last: bigint | null
  peer: string | null
}

class Sync implements BlockSync {
  readonly #options: BlockSyncOptions
  readonly #limits: SyncLimits
  readonly #peers: PeerHeights
  /** Being fetched or fetched, by first height. Null when nobody could give it. */
  readonly #ranges = new Map<bigint, FetchedRange>()
  readonly #unsubscribe: () => void
  #running: Promise<void> | null = null
  #startingBlock = 0n
  #target = 0n
  /** A block was applied since sync began: there is something to it. */
  #proven = false
  #cancelStatus: () => void = () => undefined
  #cancelWait: (() => void) | null = null
  /** Of the timer for when a peer that is left alone may be asked again. */
  #cancelPause: (() => void) | null = null
  #turn = 0
  #ended = false
  #progressAt = 0
  #progressFrom = 0n
  #toldMissing: bigint | null = null

  constructor(options: BlockSyncOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_SYNC_LIMITS, ...options.limits }
    this.#peers = new PeerHeights(this.#limits)
    const { network, chain } = options
    serveChain(network, chain, this.#limits)
    this.#unsubscribe = network.onPeer(({ kind, peer }) => {
      // Whatever was heard of it, and asked of it in vain, while it was away.
      this.#peers.forget(peer)
      if (kind === 'connected') void this.#askStatus(peer)
    })
    this.#scheduleStatus()
  }

  status(): SyncStatus {
    const current = this.#height()
    const syncing = this.#running !== null && this.#proven && this.#target > current
    const highest = syncing ? this.#target : current
    return {
      syncing,
      startingBlock: this.#running === null ? current : this.#startingBlock,
      currentBlock: current,
      highestBlock: highest,
    }
  }

  onBehind(height: bigint, peer: string): void {
    this.#peers.claim(peer, height)
    // Who says so has waited already.
    this.#start(0)
  }

  async stop(): Promise<void> {
    this.#ended = true
    this.#unsubscribe()
    this.#cancelStatus()
    this.#cancelPause?.()
    this.#cancelWait?.()
    await this.#running
  }

  #height(): bigint {
    return this.#options.chain.head().header.number
  }

  #scheduleStatus(): void {
    this.#cancelStatus = this.#options.clock.after(this.#limits.statusInterval, () => {
      const peers = this.#options.network.peers()
      const peer = peers[this.#turn++ % Math.max(1, peers.length)]
      if (peer !== undefined) void this.#askStatus(peer.id)
      this.#scheduleStatus()
    })
  }

  async #askStatus(peer: string): Promise<void> {
    const status = await askStatus(this.#options.network, peer, this.#options.logger)
    if (status === null) return
    this.#peers.claim(peer, status.height, status.first)
    this.#start()
  }

  #start(grace = this.#limits.grace): void {
    if (this.#ended || this.#running !== null) return
    const { clock } = this.#options
    const now = clock.monotonic()
    this.#cancelPause?.()
    this.#cancelPause = null
    if (this.#peers.highest(now) <= this.#height()) {
      const end = this.#peers.pauseEnd(this.#height(), now)
      if (end !== null) this.#cancelPause = clock.after(end - now, () => this.#start())
      return
    }
    this.#startingBlock = this.#height()
    this.#proven = false
    this.#running = this.#run(grace)
      .catch((error: unknown) => {
        this.#ended = true
        this.#options.logger.error(
          { error: String(error) },
          'sync stopped: a certified block could not be applied here',
        )
      })
      .finally(() => {
        this.#ranges.clear()
        this.#running = null
        this.#options.onTarget?.(null)
        // For a claim that came while the last block was being applied.
        this.#start()
      })
  }

  async #run(grace: number): Promise<void> {
    const { clock } = this.#options
    // One block behind is what every node is for a moment after each commit, and what consensus mostly mends itself.
    if (this.#peers.highest(clock.monotonic()) === this.#height() + 1n) await this.#wait(grace)
    this.#progressAt = clock.monotonic()
    this.#progressFrom = this.#height()
    for (;;) {
      if (this.#ended) return
      const next = this.#height() + 1n
      this.#target = this.#peers.highest(clock.monotonic())
      if (this.#target < next) return this.#caughtUp()
      this.#fetchAhead(next)
      const range = await this.#take(next)
      if (range === null) this.#tellMissing(next)
      if (range === null || !(await this.#apply(range))) await this.#wait(this.#limits.retryDelay)
      this.#reportProgress()
    }
  }

  /** Starts fetching from `next` on, around what is under way already. */
  #fetchAhead(next: bigint): void {
    for (const from of this.#ranges.keys()) if (from < next) this.#ranges.delete(from)
    let from = next
    while (this.#ranges.size <= this.#limits.rangesAhead && from <= this.#target) {
      const underWay = this.#ranges.get(from)
      if (underWay === undefined) {
        const wanted = BigInt(this.#limits.rangeBlocks)
        let end = this.#target - from + 1n < wanted ? this.#target : from + wanted - 1n
        for (const start of this.#ranges.keys()) if (start > from && start <= end) end = start - 1n
        const count = Number(end - from + 1n)
        this.#addRange(from, count)
        from = end + 1n
      } else from += BigInt(underWay.count)
    }
  }

  #addRange(from: bigint, count: number): void {
    const entry: FetchedRange = { count, range: this.#fetch(from, count), last: null, peer: null }
    this.#ranges.set(from, entry)
    const arrived = (range: Range | null) => {
      entry.last = range?.blocks.at(-1)?.block.header.number ?? null
      entry.peer = range?.peer ?? null
    }
    // A failure is told to who takes the range.
    entry.range.then(arrived, () => undefined)
  }

  /** A block of the range that ends with `last` was good: so is, most likely, what follows without a gap. */
  #tellTarget(last: bigint): void {
    let target = last
    for (;;) {
      const following = this.#ranges.get(target + 1n)?.last
      if (following === undefined || following === null) break
      target = following
    }
    this.#options.onTarget?.(target)
  }

  async #take(next: bigint): Promise<Range | null> {
    const entry = this.#ranges.get(next)
    if (entry === undefined) return null
    const range = await entry.range
    this.#ranges.delete(next)
    return range
  }

  async #fetch(from: bigint, count: number): Promise<Range | null> {
    const { network, clock, logger, prepare } = this.#options
    const source = { network, peers: this.#peers, clock, logger, limits: this.#limits, isEnded: () => this.#ended }
    const range = await fetchRange(source, from, count)
    for (const { block } of range?.blocks ?? []) prepare?.(block).catch(() => undefined)
    return range
  }

  /** What else a peer sent that lied is fetched again, from others. */
  #dropRangesOf(peer: string): void {
    for (const [from, entry] of this.#ranges) if (entry.peer === peer) this.#ranges.delete(from)
  }

  /** False when a block was not taken: the range is dropped, and whoever can is asked again. */
  async #apply({ peer, blocks }: Range): Promise<boolean> {
    const { network, clock, logger } = this.#options
    let told = false
    for (const { block, certificate } of blocks) {
      if (this.#ended) return true
      // Consensus may have been quicker.
      if (block.header.number <= this.#height()) continue
      const outcome = await this.#options.apply(block, certificate)
      if (outcome.ok) {
        this.#proven = true
        if (!told) this.#tellTarget(blocks.at(-1)!.block.header.number)
        told = true
        continue
      }
      this.#options.onTarget?.(null)
      if (outcome.code === 'halted') {
        this.#ended = true
        logger.error({ reason: outcome.message }, 'sync stopped')
      } else if (outcome.code !== 'gap') {
        network.penalize(peer, outcome.message)
        this.#peers.failed(peer, clock.monotonic())
        this.#dropRangesOf(peer)
      }
      return false
    }
    this.#peers.kept(peer)
    return true
  }

  /** Once for each height: that only peers have more which began with a snapshot above it. */
  #tellMissing(next: bigint): void {
    const first = this.#peers.missingBelow(next)
    if (first === null || this.#toldMissing === next) return
    this.#toldMissing = next
    this.#options.logger.warn(
      { next: next.toString(), first: first.toString() },
      `no peer has block ${next}: those that are further began with a snapshot at block ${first}. ` +
        'Connect a node that has all blocks, or start in an empty directory with "sync": "snapshot"',
    )
  }

  #reportProgress(): void {
    const { clock, logger } = this.#options
    const elapsed = clock.monotonic() - this.#progressAt
    if (elapsed < this.#limits.progressInterval) return
    const height = this.#height()
    const blocks = Number(height - this.#progressFrom)
    const rate = Math.round((blocks / elapsed) * 1_000)
    logger.info(
      { height: height.toString(), target: this.#target.toString(), blocksPerSecond: rate },
      `catching up: block ${height} of ${this.#target}, ${rate} a second`,
    )
    this.#progressAt = clock.monotonic()
    this.#progressFrom = height
  }

  /** Nobody who may be asked claims more. */
  #caughtUp(): void {
    const height = this.#height()
    const blocks = height - this.#startingBlock
    if (blocks > 0n) {
      this.#options.logger.info(
        { height: height.toString(), blocks: blocks.toString() },
        'caught up with the peers that answer',
      )
    }
  }

  #wait(milliseconds: number): Promise<void> {
    if (this.#ended) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(milliseconds, resolve)
      this.#cancelWait = () => {
        cancel()
        resolve()
      }
    })
  }
}
