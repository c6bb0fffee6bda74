/** Bounds what a peer's invalid messages may cost: after a few in a window its messages are not even decoded. */
import { FAULT_WINDOW, MAX_FAULTS_PER_PEER, MAX_FAULTY_PEERS } from './limits.ts'

interface Faults {
  readonly since: number
  readonly count: number
}

export interface PeerFaults {
  /** `now` in milliseconds of a clock that never goes back. */
  note(peer: string, now: number): void
  isMuted(peer: string, now: number): boolean
}

export function createPeerFaults(): PeerFaults {
  const peers = new Map<string, Faults>()
  return {
    note(peer, now) {
      const faults = peers.get(peer)
      peers.delete(peer)
      // A Map keeps the order of insertion: the first is the one whose last fault is longest ago.
      if (peers.size >= MAX_FAULTY_PEERS) peers.delete(peers.keys().next().value!)
      const current = faults !== undefined && now - faults.since < FAULT_WINDOW
      peers.set(peer, current ? { ...faults, count: faults.count + 1 } : { since: now, count: 1 })
    },
    isMuted(peer, now) {
      const faults = peers.get(peer)
      return faults !== undefined && now - faults.since < FAULT_WINDOW && faults.count >= MAX_FAULTS_PER_PEER
    },
  }
}
