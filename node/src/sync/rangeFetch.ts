/** One range of blocks from the peer that gives it first (hedge.ts, peerHeights.ts). */
import { CodecError } from '../codec/codecError.ts'
import type { Network } from '../network/network.ts'
import { NetworkError } from '../network/networkError.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { Hedge } from './hedge.ts'
import { RANGE_ANSWER_BYTES, type SyncLimits } from './limits.ts'
import { BLOCKS_REQUEST, type CertifiedBlock, decodeBlocks, encodeRange } from './messages.ts'
import type { PeerHeights } from './peerHeights.ts'

export interface Range {
  readonly peer: string
  /** It came from the peer that was tried with it. */
  readonly isTrial: boolean
  /** Not empty. Checked for shape, order and links, and not for certificates. */
  readonly blocks: readonly CertifiedBlock[]
}

export interface RangeSource {
  readonly network: Network
  readonly peers: PeerHeights
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: SyncLimits
  /** Ends everything. */
  readonly signal: AbortSignal
  /** Told of each answer when it comes. */
  onArrival(range: Range): void
  /** A range that came when somebody else's shorter one had been taken already. */
  onSpare(range: Range): void
  /** Told when one does not come in time. */
  onLate(): void
}

/**
 * Its answers are ranges that begin with `from`; a peer is asked for as many blocks as it has earned. `untried`: one that
 * has not been tried yet is asked first.
 *
 * A peer is not told to stop when another one was quicker, but when its own time is over. It earns trust with its
 * answer too, and otherwise nobody would notice a peer that gives single blocks only and is slow with more.
 */
export function fetchRange(source: RangeSource, from: bigint, count: number, untried: boolean): Hedge<Range> {
  const { peers, clock, limits } = source
  const patienceFor = (blocks: number) => {
    const time = peers.bestTime(blocks)
    if (peers.trusted(from, clock.monotonic()) === 0) return limits.hedgeUnknown
    if (time === null) return limits.hedgeFirst
    return Math.min(limits.hedgeMax, Math.max(limits.hedgeMin, 4 * time))
  }
  return new Hedge<Range>({
    clock,
    first: 1,
    patience: () => patienceFor(count),
    pick: (before) =>
      peers.pick(from, clock.monotonic(), {
        except: (peer) => before.has(peer),
        untried: untried && before.size === 0,
      }),
    async ask(peer, signal, nth) {
      // The whole range is asked of few: what many are asked for at once, to find one that answers, is small.
      const share = nth < limits.hedges ? Math.min(count, peers.share(peer)) : 1
      const end = new AbortController()
      const stop = () => end.abort()
      let isLate = false
      const notWanted = () => {
        if (isLate) stop()
      }
      source.signal.addEventListener('abort', stop)
      signal.addEventListener('abort', notWanted)
      const cancel = clock.after(patienceFor(share), () => {
        isLate = true
        peers.late(peer, patienceFor(share), share, clock.monotonic())
        source.onLate()
        if (signal.aborted) stop()
      })
      const blocks = await askPeer(source, peer, { from, count: share }, end.signal)
      cancel()
      source.signal.removeEventListener('abort', stop)
      if (blocks === null || end.signal.aborted) return null
      const range: Range = { peer, isTrial: untried && nth === 0, blocks }
      source.onArrival(range)
      if (signal.aborted) source.onSpare(range)
      return range
    },
  })
}

/** Null when it did not give it; whose fault that is has been noted. */
async function askPeer(
  { network, peers, clock, logger }: RangeSource,
  peer: string,
  { from, count }: { readonly from: bigint; readonly count: number },
  signal: AbortSignal,
): Promise<readonly CertifiedBlock[] | null> {
  const started = clock.monotonic()
  peers.busy(peer, 1)
  try {
    const wanted = { signal, maxFrames: count, maxBytes: RANGE_ANSWER_BYTES }
    const frames = await network.request(peer, BLOCKS_REQUEST, encodeRange({ from, count }), wanted)
    const blocks = decodeBlocks(frames, from, count)
    if (blocks.length === 0) {
      logger.debug({ peer, from: from.toString() }, 'a peer does not have the blocks it claims')
      peers.lower(peer, from - 1n)
      return null
    }
    peers.took(peer, clock.monotonic() - started, blocks.length)
    return blocks
  } catch (error) {
    // Somebody else was quicker.
    if (signal.aborted) return null
    peers.failed(peer, clock.monotonic())
    if (error instanceof CodecError) network.penalize(peer, `blocks from ${from}: ${error.message}`)
    else if (!(error instanceof NetworkError)) throw error
    logger.debug({ peer, from: from.toString(), error: String(error) }, 'a peer did not give blocks, asking another')
    return null
  } finally {
    peers.busy(peer, -1)
  }
}
