import { CodecError } from '../codec/codecError.ts'
import type { Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { STATUS_BYTES, STATUS_PATIENCE } from './limits.ts'
import { decodeStatus, type PeerStatus, STATUS_REQUEST } from './messages.ts'

export interface StatusAsker {
  /**
   * Asks a peer for its status. Null when it does not say, or is being asked already; one that says it malformed is
   * penalized. Never rejects.
   */
  ask(peer: string): Promise<PeerStatus | null>
}

/** A peer is asked once at a time, and left alone when it takes long: asking everybody again and again stays cheap. */
export function statusAsker(network: Network, clock: Clock, logger: Logger): StatusAsker {
  const asking = new Set<string>()
  return {
    async ask(peer) {
      if (asking.has(peer)) return null
      asking.add(peer)
      const end = new AbortController()
      const cancel = clock.after(STATUS_PATIENCE, () => end.abort())
      try {
        const wanted = { signal: end.signal, maxFrames: 1, maxBytes: STATUS_BYTES }
        const [frame] = await network.request(peer, STATUS_REQUEST, new Uint8Array(0), wanted)
        return decodeStatus(frame ?? new Uint8Array(0))
      } catch (error) {
        if (error instanceof CodecError) network.penalize(peer, `a malformed status: ${error.message}`)
        else logger.debug({ peer, error: String(error) }, 'no status of a peer')
        return null
      } finally {
        cancel()
        asking.delete(peer)
      }
    },
  }
}
