/** The verdicts that gossip gets of each message, counted; and the senders that are heard at all, by their faults. */
import type { GossipVerdict } from '../../network/network.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/logging/logger.ts'
import type { Admission } from '../admission/admission.ts'
import type { PeerFault } from '../admission/peerFault.ts'
import type { MutableCounters } from '../counters.ts'
import type { JobQueue } from '../jobQueue.ts'
import { MAX_QUEUED_MESSAGES } from '../limits.ts'
import { createPeerFaults } from './peerFaults.ts'

export interface VerdictsParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly counters: MutableCounters
  readonly queue: JobQueue
  isStopped(): boolean
}

export class Verdicts {
  readonly #parts: VerdictsParts
  readonly #faults = createPeerFaults()

  constructor(parts: VerdictsParts) {
    this.#parts = parts
  }

  /** Asked before anything of a message is decoded. Counts the messages of a peer with too many faults. */
  isOpenTo(peer: string): boolean {
    const { queue, clock, isStopped } = this.#parts
    if (isStopped() || queue.size() >= MAX_QUEUED_MESSAGES) return false
    return this.#faults.mayBeHeard(peer, clock.monotonic())
  }

  /** For want of room, or because of who sent it: nothing is said about the message. */
  unheard(): GossipVerdict {
    this.#parts.counters.messagesIgnored += 1
    return this.#parts.isStopped() ? 'ignore' : 'unheard'
  }

  ignore(): GossipVerdict {
    this.#parts.counters.messagesIgnored += 1
    return 'ignore'
  }

  /** The sender is to blame. */
  blame(fault: PeerFault, from: string): GossipVerdict {
    const { clock, counters, logger } = this.#parts
    this.#faults.note(from, clock.monotonic())
    if (fault.verdict === 'ignore') return 'ignore'
    counters.messagesRejected += 1
    logger.debug({ peer: from, fault: fault.kind, reason: fault.message }, 'consensus message rejected')
    return 'reject'
  }

  /** `isNews`: it says something that is new here, or that others lack because of this node. */
  ofAdmission({ whole, fault }: Admission, from: string, isNews: boolean): GossipVerdict {
    if (fault !== null) return this.blame(fault, from)
    return whole && isNews ? 'accept' : this.ignore()
  }
}
