import { expect, it } from 'vitest'
import { SILENT_LOGGER } from '../../../testing/logger.ts'
import { loneNetwork } from '../../../testing/loneNetwork.ts'
import { manualClock } from '../../../testing/manualClock.ts'
import { DEFAULT_LIMITS } from '../../network/limits.ts'
import { EMPTY_ROUND, type RoundLog } from '../core/roundLog.ts'
import type { TendermintState } from '../core/tendermint.ts'
import type { Vote, VoteType } from '../core/vote.ts'
import { addVote, EMPTY_VOTE_SET, MAX_INTRODUCED_VALUES, type VoteSet } from '../core/voteSet.ts'
import { REBROADCAST_FIRST } from '../limits.ts'
import { decodeConsensusMessage, MAX_VOTES_PER_BUNDLE } from '../wire/messages.ts'
import { ConsensusGossip } from './gossip.ts'

const VALIDATORS = 100
const EQUIVOCATORS = 33

/** Everybody votes, and each of the first third for all that it can be counted for: what one of them brought in. */
function votes(type: VoteType, round: number): VoteSet {
  const vote = (validator: number, value: number | null): Vote => {
    const id = value === null ? null : value.toString(16).padStart(64, '0')
    return { type, height: 1n, round, id, validator, signature: new Uint8Array(64) }
  }
  let set = EMPTY_VOTE_SET
  for (let value = 0; value < EQUIVOCATORS * MAX_INTRODUCED_VALUES; value++) {
    for (let at = 0; at < EQUIVOCATORS; at++) set = addVote(set, vote((value + at) % EQUIVOCATORS, value), 1n).set
  }
  for (let validator = EQUIVOCATORS; validator < VALIDATORS; validator++)
    set = addVote(set, vote(validator, null), 1n).set
  return set
}

const log = (round: number): RoundLog => ({
  ...EMPTY_ROUND,
  prevotes: votes('prevote', round),
  precommits: votes('precommit', round),
})

it('says the votes of every validator again, however many those of bad faith have', () => {
  const rounds = new Map([0, 3].map((round) => [round, log(round)]))
  expect([...rounds.get(0)!.prevotes.tallies.values()].every(({ votes }) => votes.size >= EQUIVOCATORS)).toBe(true)
  const state = { height: 1n, round: 3, rounds } as Partial<TendermintState> as TendermintState
  const network = loneNetwork()
  const gossip = new ConsensusGossip(network, manualClock(), SILENT_LOGGER)
  const said = () => {
    const message = decodeConsensusMessage(network.sent.pop()!.message)
    if (message.kind !== 'votes') throw new Error(`a ${message.kind}`)
    expect(message.votes.length).toBe(MAX_VOTES_PER_BUNDLE)
    const heard = new Map<string, Set<number>>()
    for (const { type, round, index } of message.votes) {
      const step = `${type} ${round}`
      heard.set(step, (heard.get(step) ?? new Set()).add(index))
    }
    return [...heard].map(([step, validators]) => [step, validators.size])
  }
  gossip.repeatRound(state, false)
  const own = ['prevote 3', 'precommit 3'].map((step) => [step, VALIDATORS])
  expect(said()).toEqual(own)
  gossip.answerRound(state, 0, 'peer')
  expect(said()).toEqual([...['prevote 0', 'precommit 0'].map((step) => [step, VALIDATORS]), ...own])
})

it('a peer that asks for a proposal it has ignored has said before that it is not under way any more', () => {
  expect(DEFAULT_LIMITS.pushTakenDelay).toBeLessThanOrEqual(REBROADCAST_FIRST)
})
