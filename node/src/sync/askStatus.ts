import { CodecError } from '../codec/codecError.ts'
import type { Network } from '../network/network.ts'
import type { Logger } from '../runtime/logger.ts'
import { decodeStatus, type PeerStatus, STATUS_REQUEST } from './messages.ts'

/** What a peer says it has, for now. Null when it does not say; one that says it malformed is penalized. Never rejects. */
export async function askStatus(network: Network, peer: string, logger: Logger): Promise<PeerStatus | null> {
  try {
    const [frame] = await network.request(peer, STATUS_REQUEST, new Uint8Array(0))
    return decodeStatus(frame ?? new Uint8Array(0))
  } catch (error) {
    if (error instanceof CodecError) network.penalize(peer, `a malformed status: ${error.message}`)
    else logger.debug({ peer, error: String(error) }, 'no status of a peer')
    return null
  }
}
