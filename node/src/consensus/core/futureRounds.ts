/**
 * Bounds what rounds ahead of this node may occupy.
 *
 * A validator may vote in every round up to `FUTURE_ROUND_WINDOW` ahead; beyond that only its newest round is kept.
 * L55 still works however far the others are: correct validators meet in one round and stay there until a quorum moves
 * on, so their newest rounds agree and f + 1 of them are seen.
 */
import type { TendermintState } from './tendermint.ts'
import { powerOf } from './validatorSet.ts'
import { withoutValidator } from './voteSet.ts'

export const FUTURE_ROUND_WINDOW = 16

type FarFields = Pick<TendermintState, 'rounds' | 'farRounds'>

/** Whether a round is beyond the window: of such rounds one is kept for each validator. */
export function isFarRound(state: TendermintState, round: number): boolean {
  return round > horizonOf(state)
}

function horizonOf(state: TendermintState): number {
  return Math.max(state.round, 0) + FUTURE_ROUND_WINDOW
}

/** The fields that change when the validator speaks in `round`, or null when the message is to be dropped. */
export function noteFarRound(state: TendermintState, validator: number, round: number): FarFields | null {
  const { rounds, farRounds } = state
  const horizon = horizonOf(state)
  if (round <= horizon) return { rounds, farRounds }
  const newest = farRounds.get(validator)
  if (newest === round) return { rounds, farRounds }
  if (newest === undefined || newest <= horizon) {
    return { rounds, farRounds: new Map(farRounds).set(validator, round) }
  }
  if (round < newest) return null
  return { rounds: forget(state, validator, newest), farRounds: new Map(farRounds).set(validator, round) }
}

function forget(state: TendermintState, validator: number, round: number): TendermintState['rounds'] {
  const log = state.rounds.get(round)
  if (log === undefined) return state.rounds
  const power = powerOf(state.validators, validator)
  const prevotes = withoutValidator(log.prevotes, validator, power)
  const precommits = withoutValidator(log.precommits, validator, power)
  const rounds = new Map(state.rounds)
  if (prevotes.first.size === 0 && precommits.first.size === 0 && log.proposals.length === 0) rounds.delete(round)
  else rounds.set(round, { ...log, prevotes, precommits })
  return rounds
}
