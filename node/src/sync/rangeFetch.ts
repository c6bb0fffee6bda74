/**
 * One range of blocks from whoever gives it first: asks the peer that is likely to be fastest, and others too when it
 * does not answer or takes far longer than the fastest peer would.
 */
import { CodecError } from '../codec/codecError.ts'
import type { Network } from '../network/network.ts'
import { NetworkError } from '../network/networkError.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { SyncLimits } from './limits.ts'
import { BLOCKS_REQUEST, type CertifiedBlock, decodeBlocks, encodeRange } from './messages.ts'
import type { PeerHeights } from './peerHeights.ts'

export interface Range {
  readonly peer: string
  /** Not empty. Checked for shape, order and links, and not for certificates. */
  readonly blocks: readonly CertifiedBlock[]
}

export interface RangeSource {
  readonly network: Network
  readonly peers: PeerHeights
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: SyncLimits
  isEnded(): boolean
}

/** Null when nobody gave it. Each peer is asked once. @throws what is a fault of this node. */
export function fetchRange(source: RangeSource, from: bigint, count: number): Promise<Range | null> {
  const { peers, clock, limits } = source
  const { promise, resolve, reject } = Promise.withResolvers<Range | null>()
  const asked = new Set<string>()
  let running = 0
  let settled = false
  let cancelHedge: () => void = () => undefined

  const settle = (range: Range | null) => {
    settled = true
    cancelHedge()
    resolve(range)
  }
  const ask = () => {
    if (settled) return
    const peer = source.isEnded() || running >= limits.hedges ? undefined : peers.pick(from, clock.monotonic(), asked)
    if (peer === undefined) {
      if (running === 0) settle(null)
      return
    }
    asked.add(peer)
    running += 1
    cancelHedge()
    const pace = peers.bestPace()
    const patience = Math.min(limits.hedgeMax, Math.max(limits.hedgeMin, 4 * count * (pace ?? 0)))
    cancelHedge = clock.after(patience, () => {
      peers.tookAtLeast(peer, patience, count)
      ask()
    })
    askPeer(source, peer, from, count).then((range) => {
      running -= 1
      if (settled) return
      if (range === null) ask()
      else settle(range)
    }, reject)
  }
  ask()
  return promise
}

/** Null when it did not give it; whose fault that is has been noted. */
async function askPeer(source: RangeSource, peer: string, from: bigint, count: number): Promise<Range | null> {
  const { network, peers, clock, logger } = source
  const started = clock.monotonic()
  peers.busy(peer, 1)
  try {
    const frames = await network.request(peer, BLOCKS_REQUEST, encodeRange({ from, count }))
    const blocks = decodeBlocks(frames, from, count)
    if (blocks.length === 0) {
      logger.debug({ peer, from: from.toString() }, 'a peer does not have the blocks it claims')
      peers.lower(peer, from - 1n)
      return null
    }
    peers.took(peer, clock.monotonic() - started, blocks.length)
    return { peer, blocks }
  } catch (error) {
    peers.failed(peer, clock.monotonic())
    if (error instanceof CodecError) network.penalize(peer, `blocks from ${from}: ${error.message}`)
    else if (!(error instanceof NetworkError)) throw error
    logger.debug({ peer, from: from.toString(), error: String(error) }, 'a peer did not give blocks, asking another')
    return null
  } finally {
    peers.busy(peer, -1)
  }
}
