/** The messages of one round, and which "for the first time" rules have fired in it. */
import { powerOf, type ValidatorSet } from './validatorSet.ts'
import type { BlockId, Proposal } from './vote.ts'
import { EMPTY_VOTE_SET, powerFor, type VoteSet } from './voteSet.ts'

export interface RoundLog {
  /** In the order of arrival; more than one only from a Byzantine proposer. */
  readonly proposals: readonly Proposal[]
  readonly prevotes: VoteSet
  readonly precommits: VoteSet
  /** L34 fired. */
  readonly prevoteTimeout: boolean
  /** L36 fired. */
  readonly polka: boolean
  /** L47 fired. */
  readonly precommitTimeout: boolean
}

export const EMPTY_ROUND: RoundLog = {
  proposals: [],
  prevotes: EMPTY_VOTE_SET,
  precommits: EMPTY_VOTE_SET,
  prevoteTimeout: false,
  polka: false,
  precommitTimeout: false,
}

/** Power of everyone who sent anything in the round, each once: the left side of L55. */
export function roundPower(log: RoundLog, validators: ValidatorSet): bigint {
  let power = log.prevotes.power
  for (const validator of log.precommits.first.keys()) {
    if (!log.prevotes.first.has(validator)) power += powerOf(validators, validator)
  }
  const proposer = log.proposals[0]?.validator
  if (proposer !== undefined && !log.prevotes.first.has(proposer) && !log.precommits.first.has(proposer)) {
    power += powerOf(validators, proposer)
  }
  return power
}

/** The greater of a value's prevote and precommit power. */
export function supportOf(log: RoundLog, id: BlockId): bigint {
  const prevotes = powerFor(log.prevotes, id)
  const precommits = powerFor(log.precommits, id)
  if (prevotes > precommits) return prevotes
  return precommits
}
