/**
 * What this node sends: its messages once, repetitions while a height is undecided, and answers to those who lack
 * something. Repetitions carry a number of their own, because gossip drops bytes it has seen. All of it is bounded in time.
 */
import { fromHex } from '../codec/hex.ts'
import type { Network, Topic } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Certificate } from '../types/certificate.ts'
import type { Evidence } from './evidence.ts'
import { ANSWER_INTERVAL, ANSWERS_PER_INTERVAL } from './limits.ts'
import {
  encodeAnnouncement,
  encodeEvidence,
  encodeProposal,
  encodeVotes,
  MAX_VOTES_PER_BUNDLE,
  type ProposalMessage,
  type VoteMessage,
} from './messages.ts'
import type { ProposedBlocks } from './proposedBlocks.ts'
import { roundLog, type TendermintState } from './tendermint.ts'
import type { Vote } from './vote.ts'
import { allVotes } from './voteSet.ts'

export class ConsensusGossip {
  readonly #network: Network
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #answered = new Map<string, number>()
  #attempt: number

  constructor(network: Network, clock: Clock, logger: Logger) {
    this.#network = network
    this.#clock = clock
    this.#logger = logger
    // Two nodes, or one before and after a restart, should not repeat in the same bytes.
    this.#attempt = startingAttempt(network.id, clock.now())
  }

  sendProposal(message: ProposalMessage): void {
    this.#publish('consensus', encodeProposal(message))
  }

  sendVote(vote: Vote): void {
    const { height, round } = vote
    const votes = [voteMessage(vote)]
    this.#publish('consensus', encodeVotes({ kind: 'votes', attempt: 0, height, round, wantsProposal: false, votes }))
  }

  /** Everything known of the current round, and whether its proposal is missing. */
  repeatRound(state: TendermintState): void {
    this.#sendRound(state, state.round, roundLog(state, state.round).proposals.length === 0)
  }

  /** Something of `round` for a peer that is behind this node in the height. */
  answerRound(state: TendermintState, round: number): void {
    const log = roundLog(state, round)
    if (log.prevotes.first.size + log.precommits.first.size === 0) return
    if (this.#mayAnswer(`votes/${state.height}/${round}`)) this.#sendRound(state, round, false)
  }

  answerProposal(state: TendermintState, blocks: ProposedBlocks, round: number): void {
    for (const { id } of roundLog(state, round).proposals) {
      const message = blocks.proposal(round, id)
      if (message === undefined || !this.#mayAnswer(`proposal/${state.height}/${round}/${id}`)) continue
      this.#publish('consensus', encodeProposal({ ...message, attempt: this.#nextAttempt() }))
    }
  }

  announce(certificate: Certificate): void {
    this.#publish('block', encodeAnnouncement({ kind: 'announcement', attempt: this.#nextAttempt(), certificate }))
  }

  /** The same bytes each time: who has seen them drops them. */
  sendEvidence(evidence: Evidence): void {
    this.#publish('block', encodeEvidence(evidence))
  }

  /** For a peer that still votes at a height that is decided. */
  answerHeight(certificate: Certificate): void {
    if (this.#mayAnswer(`certificate/${certificate.height}`)) this.announce(certificate)
  }

  #sendRound(state: TendermintState, round: number, wantsProposal: boolean): void {
    const log = roundLog(state, round)
    const votes = [...allVotes(log.prevotes), ...allVotes(log.precommits)].slice(0, MAX_VOTES_PER_BUNDLE)
    const attempt = this.#nextAttempt()
    const { height } = state
    this.#publish(
      'consensus',
      encodeVotes({ kind: 'votes', attempt, height, round, wantsProposal, votes: votes.map(voteMessage) }),
    )
  }

  /** At most once an interval for each thing, and so many things an interval. */
  #mayAnswer(what: string): boolean {
    const now = this.#clock.monotonic()
    for (const [key, at] of this.#answered) if (now - at >= ANSWER_INTERVAL) this.#answered.delete(key)
    if (this.#answered.has(what) || this.#answered.size >= ANSWERS_PER_INTERVAL) return false
    this.#answered.set(what, now)
    return true
  }

  #publish(topic: Topic, message: Uint8Array): void {
    this.#network.publish(topic, message).catch((error: unknown) => {
      this.#logger.debug({ topic, error: String(error) }, 'a consensus message was not published; it will be repeated')
    })
  }

  /** Never 0, which marks the first sending. */
  #nextAttempt(): number {
    this.#attempt = (this.#attempt % 0xffffffff) + 1
    return this.#attempt
  }
}

function voteMessage({ type, round, id, validator, signature }: Vote): VoteMessage {
  return { type, round, blockHash: id === null ? null : fromHex(`0x${id}`), index: validator, signature }
}

/** FNV-1a over the peer id and the time: spread, not secret. */
function startingAttempt(id: string, now: number): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(`${id}/${now}`)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
