/**
 * Bounds what a peer's invalid messages may cost: after a few in a window only so many of its messages a second are
 * decoded. Not none: it may pass on the only copy of a vote that this node will see in time.
 */
import { Quota } from '../../bounds/quota.ts'
import {
  FAULT_WINDOW,
  FAULTY_PEER_MESSAGES_BURST,
  FAULTY_PEER_MESSAGES_PER_SECOND,
  MAX_FAULTS_PER_PEER,
  MAX_FAULTY_PEERS,
} from '../limits.ts'

interface Faults {
  readonly since: number
  readonly count: number
  /** The allowance of messages once it has too many. */
  readonly quota: Quota
}

export interface PeerFaults {
  /** `now` in milliseconds of a clock that never goes back. */
  note(peer: string, now: number): void
  /** False: the message is left alone. Counts the messages of a peer with too many faults. */
  mayBeHeard(peer: string, now: number): boolean
}

export function createPeerFaults(): PeerFaults {
  const peers = new Map<string, Faults>()
  return {
    note(peer, now) {
      const faults = peers.get(peer)
      peers.delete(peer)
      // A Map keeps the order of insertion: the first is the one whose last fault is longest ago.
      if (peers.size >= MAX_FAULTY_PEERS) peers.delete(peers.keys().next().value!)
      const quota = faults?.quota ?? new Quota(FAULTY_PEER_MESSAGES_PER_SECOND, FAULTY_PEER_MESSAGES_BURST, now)
      const current = faults !== undefined && now - faults.since < FAULT_WINDOW
      peers.set(peer, current ? { ...faults, count: faults.count + 1 } : { since: now, count: 1, quota })
    },
    mayBeHeard(peer, now) {
      const faults = peers.get(peer)
      if (faults === undefined || now - faults.since >= FAULT_WINDOW) return true
      return faults.count < MAX_FAULTS_PER_PEER || faults.quota.take(now)
    },
  }
}
