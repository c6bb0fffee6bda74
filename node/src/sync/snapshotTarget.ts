/**
 * Which block to begin at: the newest that connected peers prove. The proof is the block with its commit certificate,
 * judged by the validators this node trusts. A peer may offer an old block, which costs the node some blocks to catch up
 * by and nothing else.
 *
 * Peers are asked side by side (hedge.ts): a peer that claims a height and does not prove it keeps nobody waiting.
 */
import { CodecError } from '../codec/codecError.ts'
import type { Network } from '../network/network.ts'
import { NetworkError } from '../network/networkError.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import type { Handover } from '../types/handover.ts'
import { decodeHandover } from '../types/handoverCodec.ts'
import type { HandoverTrail } from './handoverTrail.ts'
import { Hedge } from './hedge.ts'
import { HANDOVER_ANSWER_BYTES, HANDOVERS_IN_ANSWER, RANGE_ANSWER_BYTES, type SnapshotLimits } from './limits.ts'
import {
  BLOCKS_REQUEST,
  type CertifiedBlock,
  decodeBlocks,
  decodeCertifiedHeader,
  encodeHandoversFrom,
  encodeRange,
  HANDOVERS_REQUEST,
} from './messages.ts'
import type { Candidate, SnapshotPeers } from './snapshotPeers.ts'

/** A block to begin at, and what proves that its validators are those of this chain. */
export interface SnapshotTarget extends CertifiedBlock {
  /** From the first one after the genesis on, the block's own included. */
  readonly handovers: readonly Handover[]
}

export interface ChoosingOptions {
  readonly network: Network
  readonly peers: SnapshotPeers
  readonly trail: HandoverTrail
  /** False on a chain whose validators never change. */
  readonly hasHandovers: boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: SnapshotLimits
}

interface Proof extends SnapshotTarget {
  readonly withheld: number
}

/** Null when none of the peers proves a block above the genesis in time. */
export async function chooseTarget(options: ChoosingOptions): Promise<SnapshotTarget | null> {
  const { peers, clock, limits } = options
  let best: Proof | null = null
  const asked = new Map<string, Candidate>()
  const isWorthAsking = ({ height, withheld }: Candidate) =>
    height > 0n &&
    (best === null || isBetter({ height, withheld }, { height: best.block.header.number, withheld: best.withheld }))
  const proofs = new Hedge<Proof>({
    clock,
    first: limits.provers,
    patience: () => limits.hedge,
    pick(before) {
      const candidate = peers.candidates().find((each) => !before.has(each.peer) && isWorthAsking(each))
      if (candidate !== undefined) asked.set(candidate.peer, candidate)
      return candidate?.peer
    },
    ask: (peer, signal) => prove(options, asked.get(peer)!, signal),
  })
  const stopListening = peers.onNews(() => proofs.poke())
  let cancel = clock.after(limits.provingTime, () => proofs.end())
  try {
    for (;;) {
      const proof = await proofs.next()
      if (proof === null) return best
      const isFirst = best === null
      if (best === null || isBetter(rankOf(proof), rankOf(best))) best = proof
      if (!isFirst) continue
      // The others get a moment to prove more.
      cancel()
      cancel = clock.after(limits.betterTime, () => proofs.end())
      proofs.widen(Number.POSITIVE_INFINITY)
    }
  } finally {
    cancel()
    stopListening()
    proofs.end()
  }
}

function rankOf({ block, withheld }: Proof): { readonly height: bigint; readonly withheld: number } {
  return { height: block.header.number, withheld }
}

function isBetter(
  one: { readonly height: bigint; readonly withheld: number },
  other: { readonly height: bigint; readonly withheld: number },
): boolean {
  return one.withheld === other.withheld ? one.height > other.height : one.withheld < other.withheld
}

/** Null when the peer does not prove the height it claims; when that is its fault, it has been penalized. */
async function prove(
  { network, trail, hasHandovers, logger }: ChoosingOptions,
  { peer, height, withheld }: Candidate,
  signal: AbortSignal,
): Promise<Proof | null> {
  try {
    const wanted = { signal, maxFrames: 1, maxBytes: RANGE_ANSWER_BYTES }
    const frames = await network.request(peer, BLOCKS_REQUEST, encodeRange({ from: height, count: 1 }), wanted)
    const [frame] = frames
    if (frame === undefined) return null
    // The rest of a block costs time to look at: nobody's is looked at before the certificate of its header holds.
    const head = decodeCertifiedHeader(frame)
    if (head.header.number !== height) {
      throw new CodecError('out-of-range', '', `block ${head.header.number} where ${height} belongs`)
    }
    if (hasHandovers) await extendTrail(network, trail, { peer, height, signal })
    const fault = trail.faultOf(head)
    if (fault !== null) {
      network.penalize(peer, fault)
      return null
    }
    const [certified] = decodeBlocks(frames, height, 1)
    return { ...certified!, handovers: trail.until(height), withheld }
  } catch (error) {
    if (error instanceof CodecError) network.penalize(peer, `block ${height}: ${error.message}`)
    else if (!(error instanceof NetworkError)) throw error
    logger.debug({ peer, height: height.toString(), error: String(error) }, 'a peer did not prove its newest block')
    return null
  }
}

/**
 * By what the peer has up to the height, the block's own included. Each is checked as it comes: what is kept is what
 * validators signed. @throws CodecError, NetworkError.
 */
async function extendTrail(
  network: Network,
  trail: HandoverTrail,
  { peer, height, signal }: { readonly peer: string; readonly height: bigint; readonly signal: AbortSignal },
): Promise<void> {
  const wanted = { signal, maxFrames: HANDOVERS_IN_ANSWER, maxBytes: HANDOVER_ANSWER_BYTES }
  for (let from = trail.last + 1n; from <= height; ) {
    const frames = await network.request(peer, HANDOVERS_REQUEST, encodeHandoversFrom(from), wanted)
    if (frames.length === 0) return
    for (const frame of frames) {
      const handover = decodeHandover(frame)
      const { number } = handover.header
      if (number < from) throw new CodecError('out-of-range', 'handovers', `block ${number}, from ${from} on`)
      from = number + 1n
      if (number <= height) trail.take(handover)
    }
    // Somebody else may have shown more meanwhile.
    if (from <= trail.last) from = trail.last + 1n
  }
}
