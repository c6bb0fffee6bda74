/**
 * The proposer at (height, round): weighted round robin without state, "proposer(h, round)" of Algorithm 1.
 *
 * Slot s = height + round, modulo the period P = total power / gcd of the powers. Validator i with reduced power w owns
 * w slots a period; its k-th turn (from 0) is due at (2k + 1) / 2w of the period, and slots go to turns in order of due
 * time, ties to the lower index (the Sainte-Laguë divisor rule). So in every period each validator proposes in exact
 * proportion to its power, evenly spread, and equal powers give plain rotation. Any node computes it from the validator
 * set alone: nothing to store, replay or get wrong after a restart.
 *
 * Why it is so: docs/rationale/consensus.md.
 */
import type { ValidatorSet } from './validatorSet.ts'

/** The answer given last for a set: each message and each send of a client asks for that of the round under way. */
const newest = new WeakMap<ValidatorSet, { readonly height: bigint; readonly round: number; readonly index: number }>()

/** Index of the proposer in the validator set. */
export function proposerIndex(set: ValidatorSet, height: bigint, round: number): number {
  const known = newest.get(set)
  if (known !== undefined && known.height === height && known.round === round) return known.index
  const index = computedIndex(set, height, round)
  newest.set(set, { height, round, index })
  return index
}

function computedIndex(set: ValidatorSet, height: bigint, round: number): number {
  const powers = set.validators.map((validator) => validator.power)
  const divisor = powers.reduce(greatestCommonDivisor)
  const weights = powers.map((power) => power / divisor)
  const period = set.totalPower / divisor
  const slot = (height + BigInt(round)) % period
  return ownerOfSlot(weights, period, slot)
}

/** The turn whose rank among all turns of a period, ordered by due time, is `slot`. */
function ownerOfSlot(weights: readonly bigint[], period: bigint, slot: bigint): number {
  const margin = BigInt(weights.length)
  for (const [index, weight] of weights.entries()) {
    // A turn's rank differs from period * due time by less than the number of validators: search only around there.
    let low = clamp((weight * (slot - margin)) / period - 1n, weight)
    let high = clamp((weight * (slot + margin)) / period + 1n, weight)
    while (low <= high) {
      const turn = (low + high) / 2n
      const rank = rankOfTurn(weights, index, turn)
      if (rank === slot) return index
      if (rank < slot) low = turn + 1n
      else high = turn - 1n
    }
  }
  throw new Error(`proposer: no validator owns slot ${slot} of ${period}`)
}

/** How many turns of all validators come before turn `turn` of validator `index`. */
function rankOfTurn(weights: readonly bigint[], index: number, turn: bigint): bigint {
  const due = 2n * turn + 1n
  const own = 2n * weights[index]!
  let rank = 0n
  for (const [other, weight] of weights.entries()) {
    // Turns k of `other` with (2k + 1) / 2w < due / own, or equal for a lower index: k below (2w * due / own - 1) / 2.
    const limit = 2n * weight * due
    const before = (limit + own) / (2n * own)
    const tie = (limit + own) % (2n * own) === 0n
    // `before` counts k with (2k + 1) * own <= limit; an exact tie belongs to the lower index.
    rank += tie && other >= index ? before - 1n : before
  }
  return rank
}

function clamp(turn: bigint, weight: bigint): bigint {
  if (turn < 0n) return 0n
  return turn >= weight ? weight - 1n : turn
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b)
}
