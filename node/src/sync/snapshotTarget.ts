/**
 * Which block to begin at: the newest that a connected peer can prove. The proof is the block with its commit
 * certificate, judged by the validators this node trusts. A peer may offer an old block, which costs the node some blocks
 * to catch up by and nothing else.
 */
import { CodecError } from '../codec/codecError.ts'
import type { Network } from '../network/network.ts'
import { NetworkError } from '../network/networkError.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Handover } from '../types/handover.ts'
import { decodeHandover } from '../types/handoverCodec.ts'
import { askStatus } from './askStatus.ts'
import { MAX_HANDOVERS, type SnapshotLimits } from './limits.ts'
import {
  BLOCKS_REQUEST,
  type CertifiedBlock,
  decodeBlocks,
  encodeHandoversFrom,
  encodeRange,
  HANDOVERS_REQUEST,
  type PeerStatus,
} from './messages.ts'

/**
 * Judges one block by the handovers up to it, which it is given before, in order. Null when all is in order; else what is
 * wrong, which is the sender's fault.
 */
export interface CertifiedCheck {
  take(handover: Handover): string | null
  faultOf(certified: CertifiedBlock): string | null
}

/** A block to begin at, and what proves that its validators are those of this chain. */
export interface SnapshotTarget extends CertifiedBlock {
  /** From the first one after the genesis on, the block's own included. */
  readonly handovers: readonly Handover[]
}

/** What connected peers say they have. Begins to listen at once. */
export class PeerStatuses {
  readonly #options: { readonly network: Network; readonly logger: Logger }
  readonly #statuses = new Map<string, PeerStatus>()
  readonly #stop: () => void

  constructor(options: { readonly network: Network; readonly logger: Logger }) {
    this.#options = options
    this.#stop = options.network.onPeer(({ kind, peer }) => {
      if (kind === 'connected') void this.ask(peer)
      else this.#statuses.delete(peer)
    })
  }

  /** Asks everybody again. */
  async refresh(): Promise<void> {
    await Promise.all(this.#options.network.peers().map(({ id }) => this.ask(id)))
  }

  async ask(peer: string): Promise<void> {
    const status = await askStatus(this.#options.network, peer, this.#options.logger)
    if (status !== null) this.#statuses.set(peer, status)
  }

  get size(): number {
    return this.#statuses.size
  }

  /** Whether it says that it has the block, and with it the state. */
  has(peer: string, height: bigint): boolean {
    const status = this.#statuses.get(peer)
    return status !== undefined && status.first <= height && height <= status.height
  }

  /** From the greatest height down. */
  list(): readonly (readonly [peer: string, status: PeerStatus])[] {
    return [...this.#statuses].sort(([, a], [, b]) => (a.height < b.height ? 1 : a.height > b.height ? -1 : 0))
  }

  stop(): void {
    this.#stop()
  }
}

export interface ChoosingOptions {
  readonly network: Network
  readonly statuses: PeerStatuses
  /** A new one for each block. */
  readonly startCheck: () => CertifiedCheck
  /** False on a chain whose validators never change. */
  readonly hasHandovers: boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: SnapshotLimits
}

/** Null when none of the peers proves a block above the genesis. */
export async function chooseTarget({
  network,
  statuses,
  startCheck,
  hasHandovers,
  logger,
}: ChoosingOptions): Promise<SnapshotTarget | null> {
  for (const [peer, { height }] of statuses.list()) {
    if (height === 0n) break
    try {
      const frames = await network.request(peer, BLOCKS_REQUEST, encodeRange({ from: height, count: 1 }))
      const [certified] = decodeBlocks(frames, height, 1)
      if (certified === undefined) continue
      const check = startCheck()
      const handovers = hasHandovers ? await handoversUntil(network, peer, height, check) : []
      const fault = check.faultOf(certified)
      if (fault === null) return { ...certified, handovers }
      network.penalize(peer, fault)
    } catch (error) {
      if (error instanceof CodecError) network.penalize(peer, `block ${height}: ${error.message}`)
      else if (!(error instanceof NetworkError)) throw error
      logger.debug({ peer, height: height.toString(), error: String(error) }, 'a peer did not prove its newest block')
    }
  }
  return null
}

/**
 * All up to the height, the block's own included. Each is checked as it comes: what is kept is what validators signed.
 * @throws CodecError, NetworkError.
 */
async function handoversUntil(
  network: Network,
  peer: string,
  height: bigint,
  check: CertifiedCheck,
): Promise<readonly Handover[]> {
  const found: Handover[] = []
  for (let from = 1n; from <= height; ) {
    const frames = await network.request(peer, HANDOVERS_REQUEST, encodeHandoversFrom(from))
    if (frames.length === 0) break
    for (const frame of frames) {
      const handover = decodeHandover(frame)
      const { number } = handover.header
      if (number < from || found.length >= MAX_HANDOVERS) {
        throw new CodecError('out-of-range', 'handovers', `block ${number} after ${found.length}, from ${from} on`)
      }
      from = number + 1n
      if (number > height) continue
      const fault = check.take(handover)
      if (fault !== null) throw new CodecError('out-of-range', 'handovers', fault)
      found.push(handover)
    }
  }
  return found
}
