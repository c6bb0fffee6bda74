/** Consensus counts its work here, for the status of the node. */
import type { ConsensusCounters } from './consensus.ts'

export type MutableCounters = { -readonly [K in keyof ConsensusCounters]: ConsensusCounters[K] }

export function newCounters(): MutableCounters {
  return {
    commits: 0,
    rounds: 0,
    proposalsSent: 0,
    votesSent: 0,
    rebroadcasts: 0,
    signaturesVerified: 0,
    messagesRejected: 0,
    messagesIgnored: 0,
  }
}
