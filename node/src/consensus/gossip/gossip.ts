/**
 * The messages this node sends: its own once, repetitions while a height is undecided, and answers to those who lack
 * something. Repetitions carry a number of their own, because gossip drops bytes it has seen. All of it is bounded in time.
 *
 * A link that is slower than what is to go over it fills with what is outdated before it arrives. So a newer repetition
 * or proposal takes the place of an older one that still waits for the link, and a proposal, which is large, goes only
 * to who asked for it, and not while it is still on its way there.
 */
import { fromHex } from '../../codec/hex.ts'
import type { Delivery, Network, Topic } from '../../network/network.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/logging/logger.ts'
import type { Block } from '../../types/block.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { TransactionSource } from '../application.ts'
import { roundLog, type TendermintState } from '../core/tendermint.ts'
import type { Vote } from '../core/vote.ts'
import { allVotes, type VoteSet } from '../core/voteSet.ts'
import { ANSWER_INTERVAL, ANSWER_RATE, ANSWERS_PER_INTERVAL, ANSWERS_TO_PEERS_PER_INTERVAL } from '../limits.ts'
import type { Evidence } from '../proofs/evidence.ts'
import type { ProposedBlocks } from '../proposals/proposedBlocks.ts'
import {
  encodeAnnouncement,
  encodeEvidence,
  encodeProposal,
  encodeVotes,
  MAX_VOTES_PER_BUNDLE,
  type ProposalMessage,
  type VoteMessage,
} from '../wire/messages.ts'
import { withInlined } from './inline.ts'

/** Kinds of messages of which only the newest is worth sending. */
const NEWEST_PROPOSAL: Delivery = { replaces: 'proposal' }
const NEWEST_VOTES: Delivery = { replaces: 'votes' }
const NEWEST_ANSWER: Delivery = { replaces: 'answer' }
const NEWEST_CERTIFICATE: Delivery = { replaces: 'certificate' }
const UNLESS_ON_ITS_WAY: Delivery = { replaces: 'proposal', unlessUnderWay: true }

export class ConsensusGossip {
  readonly #network: Network
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #transactions: TransactionSource | undefined
  /** When the next answer of a kind is due: to all, and to one peer, votes and proposals. */
  readonly #answered = new Map<string, number>()
  readonly #votesGiven = new Map<string, number>()
  readonly #proposalsGiven = new Map<string, number>()
  #attempt: number

  constructor(network: Network, clock: Clock, logger: Logger, transactions?: TransactionSource) {
    this.#network = network
    this.#clock = clock
    this.#logger = logger
    this.#transactions = transactions
    // Two nodes, or one before and after a restart, should not repeat in the same bytes.
    this.#attempt = startingAttempt(network.id, clock.now())
  }

  sendProposal(message: ProposalMessage, block: Block): void {
    const raw = encodeProposal(withInlined(message, block, this.#transactions, this.#clock))
    this.#publish('consensus', raw, NEWEST_PROPOSAL)
  }

  sendVote(vote: Vote): void {
    const { height, round } = vote
    const votes = [voteMessage(vote)]
    this.#publish('consensus', encodeVotes({ kind: 'votes', attempt: 0, height, round, wantsProposal: false, votes }))
  }

  /** Everything known of the current round, and whether its proposal is missing. */
  repeatRound(state: TendermintState, wantsProposal: boolean): void {
    this.#publish('consensus', this.#encodeRound(state, votesOf(state, [state.round]), wantsProposal), NEWEST_VOTES)
  }

  /**
   * For a peer that repeats `round` though this node is past it: the votes of that round, which may decide, and of this
   * node's, of which f + 1 bring it here without the rounds between. To nobody else, so that a peer that repeats without
   * need fills no link but its own. They say this node's round like all it sends: were it the other one, each answer
   * would look like a repetition, and be answered for as long as the height takes.
   */
  answerRound(state: TendermintState, round: number, peer: string): void {
    if (!this.#isDue(this.#votesGiven, peer, ANSWER_INTERVAL, ANSWERS_TO_PEERS_PER_INTERVAL)) return
    const votes = votesOf(state, [round, state.round])
    if (votes.length === 0) return
    this.#network.send(peer, 'consensus', this.#encodeRound(state, votes, false), NEWEST_ANSWER).catch(this.#notSent)
  }

  /** To the peer that lacks it, and to nobody else. */
  answerProposal(state: TendermintState, blocks: ProposedBlocks, round: number, peer: string): void {
    for (const { id } of roundLog(state, round).proposals) {
      const message = blocks.proposal(round, id)
      const block = blocks.block(id)
      if (message === undefined || block === undefined) continue
      const what = `${peer}/${state.height}/${round}/${id}`
      if (!this.#isDue(this.#proposalsGiven, what, ANSWER_INTERVAL, ANSWERS_TO_PEERS_PER_INTERVAL)) continue
      const again = { ...message, attempt: this.#nextAttempt() }
      const raw = encodeProposal(withInlined(again, block, this.#transactions, this.#clock))
      this.#proposalsGiven.set(what, this.#clock.monotonic() + Math.max(ANSWER_INTERVAL, raw.length / ANSWER_RATE))
      this.#network.send(peer, 'consensus', raw, UNLESS_ON_ITS_WAY).catch(this.#notSent)
    }
  }

  announce(certificate: Certificate): void {
    const raw = encodeAnnouncement({ kind: 'announcement', attempt: this.#nextAttempt(), certificate })
    this.#publish('block', raw, NEWEST_CERTIFICATE)
  }

  /** The same bytes each time: a peer that has seen them drops them. */
  sendEvidence(evidence: Evidence): void {
    this.#publish('block', encodeEvidence(evidence))
  }

  /** The peer begins anew: messages that went to it before are lost. */
  onPeer(peer: string): void {
    this.#votesGiven.delete(peer)
    for (const what of this.#proposalsGiven.keys()) if (what.startsWith(`${peer}/`)) this.#proposalsGiven.delete(what)
  }

  /** For a peer that still votes at a height that is decided. */
  answerHeight(certificate: Certificate): void {
    if (this.#mayAnswer(`certificate/${certificate.height}`)) this.announce(certificate)
  }

  /** Another message each time. Its round is that of this node, whatever round the votes are of. */
  #encodeRound({ height, round }: TendermintState, votes: readonly Vote[], wantsProposal: boolean): Uint8Array {
    const attempt = this.#nextAttempt()
    return encodeVotes({ kind: 'votes', attempt, height, round, wantsProposal, votes: votes.map(voteMessage) })
  }

  /** At most once an interval for each thing, and so many things an interval. */
  #mayAnswer(what: string): boolean {
    return this.#isDue(this.#answered, what, ANSWER_INTERVAL, ANSWERS_PER_INTERVAL)
  }

  #isDue(answered: Map<string, number>, what: string, wait: number, most: number): boolean {
    const now = this.#clock.monotonic()
    for (const [key, due] of answered) if (now >= due) answered.delete(key)
    if (answered.has(what) || answered.size >= most) return false
    answered.set(what, now + wait)
    return true
  }

  #publish(topic: Topic, message: Uint8Array, delivery?: Delivery): void {
    this.#network.publish(topic, message, delivery).catch(this.#notSent)
  }

  readonly #notSent = (error: unknown): void => {
    this.#logger.debug({ error: String(error) }, 'a consensus message was not sent; it will be repeated')
  }

  /** Never 0, which marks the first sending. */
  #nextAttempt(): number {
    this.#attempt = (this.#attempt % 0xffffffff) + 1
    return this.#attempt
  }
}

/**
 * As many votes as a message has room for. First each validator's first vote of each step, for which there is room in two
 * rounds: an equivocator has more, for values that no correct validator may have voted for, and pushes nobody out.
 */
function votesOf(state: TendermintState, rounds: readonly number[]): readonly Vote[] {
  const sets = rounds.flatMap((round) => {
    const { prevotes, precommits } = roundLog(state, round)
    return [prevotes, precommits].map((set) => ({ set, all: allVotes(set) }))
  })
  const isFirst = (set: VoteSet, { validator, id }: Vote) => set.first.get(validator)?.id === id
  const first = sets.flatMap(({ set, all }) => all.filter((vote) => isFirst(set, vote)))
  const further = sets.flatMap(({ set, all }) => all.filter((vote) => !isFirst(set, vote)))
  return [...first, ...further].slice(0, MAX_VOTES_PER_BUNDLE)
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
