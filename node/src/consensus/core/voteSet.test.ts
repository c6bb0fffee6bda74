import { describe, expect, it } from 'vitest'
import type { BlockId, Vote } from './vote.ts'
import {
  addVote,
  allVotes,
  EMPTY_VOTE_SET,
  MAX_INTRODUCED_VALUES,
  powerFor,
  useOfVote,
  type VoteSet,
  votesFor,
  withoutValidator,
} from './voteSet.ts'

function vote(validator: number, id: BlockId | null): Vote {
  return { type: 'prevote', height: 1n, round: 0, id, validator, signature: new Uint8Array(64) }
}

const collect = (votes: readonly Vote[], from: VoteSet = EMPTY_VOTE_SET) =>
  votes.reduce((set, each) => addVote(set, each, 10n).set, from)

describe('VoteSet', () => {
  it('counts per value and in all', () => {
    const set = collect([vote(0, 'a'), vote(2, 'a'), vote(1, null)])
    expect(powerFor(set, 'a')).toBe(20n)
    expect(powerFor(set, null)).toBe(10n)
    expect(powerFor(set, 'b')).toBe(0n)
    expect(set.power).toBe(30n)
    expect(votesFor(set, 'a').map((each) => each.validator)).toEqual([0, 2])
  })

  it('does not change what it was given', () => {
    const before = collect([vote(0, 'a')])
    collect([vote(1, 'a'), vote(0, 'b')], before)
    expect(powerFor(before, 'a')).toBe(10n)
    expect(before.power).toBe(10n)
  })

  it('counts a repeated vote once', () => {
    const set = collect([vote(0, 'a'), vote(0, 'a')])
    expect(powerFor(set, 'a')).toBe(10n)
    expect(useOfVote(set, vote(0, 'a'))).toBe('duplicate')
  })

  it('counts an equivocator for each value, once in all, and gives the proof', () => {
    const set = collect([vote(0, 'a')])
    const added = addVote(set, vote(0, 'b'), 10n)
    expect(added.conflicting).toEqual(vote(0, 'a'))
    expect(powerFor(added.set, 'b')).toBe(10n)
    expect(added.set.power).toBe(10n)
    expect(allVotes(added.set).length).toBe(2)
  })

  it('bounds the values one validator brings up, not the backing of those of others', () => {
    const own = Array.from({ length: MAX_INTRODUCED_VALUES }, (_, index) => vote(0, `v${index}`))
    const set = collect(own)
    expect(useOfVote(set, vote(0, 'one more'))).toBe('excess')
    expect(useOfVote(collect([vote(1, 'one more')], set), vote(0, 'one more'))).toBe('new')
  })

  it('is bounded against colluding equivocators', () => {
    let set = EMPTY_VOTE_SET
    for (let value = 0; value < 200; value++) {
      set = collect([vote(value % 2, `v${value}`), vote((value + 1) % 2, `v${value}`)], set)
    }
    expect(set.tallies.size).toBe(2 * MAX_INTRODUCED_VALUES)
  })

  it('forgets a validator in full', () => {
    const set = withoutValidator(collect([vote(0, 'a'), vote(1, 'a'), vote(0, 'b')]), 0, 10n)
    expect(set).toEqual(collect([vote(1, 'a')]))
    expect(withoutValidator(set, 5, 10n)).toBe(set)
  })
})
