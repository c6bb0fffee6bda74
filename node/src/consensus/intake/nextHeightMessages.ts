/**
 * Messages of the next height that arrive while this one is being committed: kept, bounded, and handled as soon as the
 * height begins. Their gossip verdicts wait too, so that a good message is still passed on.
 */
import type { GossipVerdict } from '../../network/network.ts'
import { MAX_NEXT_HEIGHT_BYTES, MAX_NEXT_HEIGHT_MESSAGES, MAX_NEXT_HEIGHT_MESSAGES_PER_PEER } from '../limits.ts'
import type { ConsensusMessage } from '../wire/messages.ts'

export interface WaitingMessage {
  readonly message: ConsensusMessage
  /** Encoded length. */
  readonly bytes: number
  readonly from: string
  readonly settle: (verdict: GossipVerdict) => void
}

export interface NextHeightMessages {
  /** False when there is no room: the caller settles. */
  keep(waiting: WaitingMessage): boolean
  /** All of them, in the order of arrival; the store is empty afterwards. */
  take(): readonly WaitingMessage[]
}

export function createNextHeightMessages(): NextHeightMessages {
  let kept: WaitingMessage[] = []
  let bytes = 0
  return {
    keep(waiting) {
      if (kept.length >= MAX_NEXT_HEIGHT_MESSAGES || bytes + waiting.bytes > MAX_NEXT_HEIGHT_BYTES) return false
      const ofPeer = kept.filter(({ from }) => from === waiting.from).length
      if (ofPeer >= MAX_NEXT_HEIGHT_MESSAGES_PER_PEER) return false
      kept.push(waiting)
      bytes += waiting.bytes
      return true
    },
    take() {
      const taken = kept
      kept = []
      bytes = 0
      return taken
    },
  }
}
