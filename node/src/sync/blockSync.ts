/**
 * Catching up: a node that joins late, was stopped or was cut off fetches the blocks it lacks, in ranges, from several
 * peers at once, and applies them in order. A block counts for nothing without its commit certificate, which `apply`
 * checks; a peer that sends a wrong one is penalized, and somebody else's answer is taken. Nobody is waited for
 * (hedge.ts), and a peer is asked for as much as it has earned by good blocks (peerHeights.ts). Where the node is, only
 * the chain knows: after a kill, sync goes on from the chain's head.
 *
 * It also serves what peers that catch up ask for (serving.ts).
 */
import type { ChainService } from '../chain/chainService.ts'
import { equalBytes } from '../codec/bytes.ts'
import type { Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import { type StatusAsker, statusAsker } from './askStatus.ts'
import type { Hedge } from './hedge.ts'
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
  /** Checks the certificate and commits the next block. An exception of it is a fault of this node and ends sync. */
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

/** The progress that eth_syncing tells. */
export interface SyncStatus {
  /** True once a fetched block was applied, until the peers' height is reached or nobody gives more. */
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
  readonly answers: Hedge<Range>
}

class Sync implements BlockSync {
  readonly #options: BlockSyncOptions
  readonly #limits: SyncLimits
  readonly #peers: PeerHeights
  /** Being fetched or fetched, by first height. */
  readonly #ranges = new Map<bigint, FetchedRange>()
  /** Hashes of the blocks of the last range. */
  readonly #applied = new Map<bigint, Uint8Array>()
  /** Came when somebody else's had been taken already; may go further. */
  readonly #spare: Range[] = []
  /** Ends all requests of a run. */
  #end = new AbortController()
  readonly #statuses: StatusAsker
  readonly #unsubscribe: () => void
  #running: Promise<void> | null = null
  #startingBlock = 0n
  #target = 0n
  /** A block was applied since sync began: there is something to it. */
  #proven = false
  #appliedAt = 0
  #cancelStatus: () => void = () => undefined
  #cancelWait: (() => void) | null = null
  /** Of the timer for when a peer that is left alone may be asked again. */
  #cancelPause: (() => void) | null = null
  /** Ranges until a peer is tried that was not tried yet, and from that one until the next. */
  #trialIn = 0
  #trialPause = 1
  /** Peers asked at once for the range that is needed next, and ranges since one was late. */
  #width = 1
  #smooth = 0
  #ended = false
  #progressAt = 0
  #progressFrom = 0n
  #toldMissing: bigint | null = null

  constructor(options: BlockSyncOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_SYNC_LIMITS, ...options.limits }
    this.#peers = new PeerHeights(this.#limits, { most: this.#limits.rangeBlocks, least: 1 })
    const { network, chain, clock, logger } = options
    this.#statuses = statusAsker(network, clock, logger)
    serveChain(network, chain, this.#limits)
    this.#unsubscribe = network.onPeer(({ kind, peer }) => {
      // Claims from before, and requests that failed while it was away, say nothing about it now.
      this.#peers.forget(peer)
      if (kind === 'connected') void this.#askStatus(peer)
    })
    this.#scheduleStatus()
  }

  status(): SyncStatus {
    const current = this.#height()
    // Not what anybody claims: a stranger must not make a node that has all blocks say that it lacks some.
    const target = this.#peers.likelyHeight()
    const isMoving = this.#options.clock.monotonic() - this.#appliedAt < this.#limits.stalledAfter
    const syncing = this.#running !== null && this.#proven && isMoving && target > current
    const highest = syncing ? target : current
    return {
      syncing,
      startingBlock: this.#running === null ? current : this.#startingBlock,
      currentBlock: current,
      highestBlock: highest,
    }
  }

  onBehind(height: bigint, peer: string): void {
    this.#claim(peer, height)
    // Consensus has waited before it says so.
    this.#start(0)
  }

  async stop(): Promise<void> {
    this.#ended = true
    this.#unsubscribe()
    this.#cancelStatus()
    this.#cancelPause?.()
    this.#cancelWait?.()
    this.#dropRanges()
    await this.#running
  }

  #height(): bigint {
    return this.#options.chain.head().header.number
  }

  #scheduleStatus(): void {
    this.#cancelStatus = this.#options.clock.after(this.#limits.statusInterval, () => {
      for (const { id } of this.#options.network.peers()) void this.#askStatus(id)
      this.#scheduleStatus()
    })
  }

  async #askStatus(peer: string): Promise<void> {
    const status = await this.#statuses.ask(peer)
    if (status === null || this.#ended) return
    this.#claim(peer, status.height, status.first)
    this.#start()
  }

  #claim(peer: string, height: bigint, first?: bigint): void {
    const named = this.#options.network.peers().some((known) => known.id === peer && known.named)
    this.#peers.claim(peer, height, { first, named })
    // Somebody who may have it, while others that were asked for it may never answer.
    const next = this.#height() + 1n
    if (height >= next) this.#ranges.get(next)?.answers.poke()
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
        this.#dropRanges()
        this.#applied.clear()
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
      const entry = this.#ranges.get(next)!
      for (const spare of this.#spare.splice(0)) entry.answers.offer(spare)
      entry.answers.ensure(Math.min(this.#width, this.#peers.steady(next, clock.monotonic())))
      const range = await entry.answers.next()
      if (range === null) {
        this.#ranges.delete(next)
        this.#tellMissing(next)
        await this.#wait(this.#limits.retryDelay)
      } else if (!(await this.#apply(range))) entry.answers.double()
      this.#reportProgress()
    }
  }

  /** Starts fetching from `next` on, around what is under way already. */
  #fetchAhead(next: bigint): void {
    for (const [from, { answers }] of this.#ranges) {
      if (from >= next) continue
      answers.end()
      this.#ranges.delete(from)
    }
    const now = this.#options.clock.monotonic()
    let from = next
    while (this.#ranges.size <= this.#limits.rangesAhead && from <= this.#target) {
      const underWay = this.#ranges.get(from)
      if (underWay === undefined) {
        // Nobody is known to give anything: the first block finds somebody.
        if (from > next && this.#peers.trusted(from, now) === 0) return
        const untried = from > next && this.#isTrialDue(from, now)
        const wanted = untried ? 1n : BigInt(this.#limits.rangeBlocks)
        let end = this.#target - from + 1n < wanted ? this.#target : from + wanted - 1n
        for (const start of this.#ranges.keys()) if (start > from && start <= end) end = start - 1n
        const count = Number(end - from + 1n)
        this.#ranges.set(from, { count, answers: this.#fetch(from, count, untried) })
        from = end + 1n
      } else from += BigInt(underWay.count)
    }
  }

  /** Never for the block that is needed next, so that who does not answer holds nothing up; rarely when they fail. */
  #isTrialDue(from: bigint, now: number): boolean {
    if (!this.#peers.hasUntried(from, now)) return false
    if (this.#trialIn > 0) {
      this.#trialIn -= 1
      return false
    }
    this.#trialIn = this.#trialPause
    this.#trialPause = Math.min(this.#limits.trialPauseMax, 2 * this.#trialPause)
    return true
  }

  /** Credits a spare answer for the blocks that are the same as those that were good. */
  #creditSpare({ peer, blocks }: Range): void {
    const same = blocks.filter(({ block }) => {
      const applied = this.#applied.get(block.header.number)
      return applied !== undefined && equalBytes(applied, block.hash)
    })
    if (same.length > 0) this.#peers.kept(peer, same.length)
  }

  #dropRanges(): void {
    this.#end.abort()
    this.#end = new AbortController()
    this.#spare.length = 0
    for (const { answers } of this.#ranges.values()) answers.end()
    this.#ranges.clear()
  }

  /** A block of the range that ends with `last` was good: so is, most likely, what follows without a gap. */
  #tellTarget(last: bigint): void {
    let target = last
    for (;;) {
      const following = this.#ranges.get(target + 1n)?.answers.front?.blocks.at(-1)?.block.header.number
      if (following === undefined) break
      target = following
    }
    this.#options.onTarget?.(target)
  }

  #fetch(from: bigint, count: number, untried: boolean): Hedge<Range> {
    const { network, clock, logger, prepare } = this.#options
    const onArrival = ({ blocks }: Range) => {
      for (const { block } of blocks) prepare?.(block).catch(() => undefined)
    }
    const onLate = () => {
      this.#width = Math.min(this.#limits.widthMax, 2 * this.#width)
      this.#smooth = 0
    }
    const onSpare = (range: Range) => {
      this.#creditSpare(range)
      if (range.blocks.at(-1)!.block.header.number <= this.#height()) return
      const wanted = this.#ranges.get(this.#height() + 1n)
      if (wanted !== undefined) wanted.answers.offer(range)
      else if (this.#spare.length <= this.#limits.rangesAhead) this.#spare.push(range)
    }
    const told = { onArrival, onLate, onSpare }
    const { signal } = this.#end
    const source = { network, peers: this.#peers, clock, logger, limits: this.#limits, signal, ...told }
    return fetchRange(source, from, count, untried)
  }

  /** Drops everything else that a lying peer sent; other peers are asked for it again. */
  #dropRangesOf(peer: string): void {
    const next = this.#height() + 1n
    for (const [from, { answers }] of this.#ranges) {
      if (from <= next || answers.front?.peer !== peer) continue
      answers.end()
      this.#ranges.delete(from)
    }
  }

  /** False when a block was not taken: then somebody else's answer is. */
  async #apply({ peer, blocks, isTrial }: Range): Promise<boolean> {
    const { network, clock, logger } = this.#options
    let good = 0
    for (const { block, certificate } of blocks) {
      if (this.#ended) return true
      // Consensus may have been quicker.
      if (block.header.number <= this.#height()) continue
      const outcome = await this.#options.apply(block, certificate)
      if (outcome.ok) {
        this.#proven = true
        this.#appliedAt = clock.monotonic()
        this.#applied.set(block.header.number, block.hash)
        this.#applied.delete(block.header.number - BigInt(this.#limits.rangeBlocks))
        if (good === 0) this.#tellTarget(blocks.at(-1)!.block.header.number)
        good += 1
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
    if (good > 0) this.#peers.kept(peer, good)
    if (good > 0 && isTrial) this.#trialPause = 1
    this.#smooth += 1
    if (this.#smooth % this.#limits.widthFades === 0) this.#width = Math.max(1, this.#width / 2)
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
    const { highestBlock: target } = this.status()
    logger.info(
      { height: height.toString(), target: target.toString(), blocksPerSecond: rate },
      `catching up: block ${height} of ${target}, ${rate} a second`,
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
