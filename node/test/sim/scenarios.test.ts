/** Known hard schedules, and restarts in the middle of them. */
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/codec/bytes.ts'
import { SCENARIOS } from './scenarios/all.ts'
import { failTwoRounds, lockAlone, proposesAgain } from './scenarios/hiddenLock.ts'
import { Puppets } from './scenarios/puppets.ts'
import type { ScenarioResult } from './scenarios/scenario.ts'

const broken = (checks: ScenarioResult['checks']) => checks.flatMap(([what, holds]) => (holds ? [] : [what]))

it.each(Object.entries(SCENARIOS))('scenario %s', async (_name, scenario) => {
  const { checks } = await scenario()
  expect(checks.length).toBeGreaterThan(2)
  expect(broken(checks)).toEqual([])
})

describe('restart', () => {
  it('keeps the lock, the votes, and the block with its polka', async () => {
    const { puppets, locked } = await lockAlone()
    puppets.node.crash()
    await puppets.start()
    await failTwoRounds(puppets)
    expect(broken(proposesAgain(puppets, locked))).toEqual([])
  })

  it('keeps a lock of a later round', async () => {
    const puppets = new Puppets()
    await puppets.start()
    await puppets.skipRound(0)
    const locked = puppets.block(1)
    await puppets.propose(1, locked)
    await puppets.vote('prevote', 1, locked, [1, 2])
    expect(puppets.votes()).toContain(`precommit 1 ${keyOf(locked.hash)}`)
    puppets.node.crash()
    await puppets.start()
    await puppets.skipRound(1)
    await puppets.propose(2, puppets.block(2))
    expect(puppets.votes()).toContain('prevote 2 nil')
  })

  it('without memory would vote for another value: what the record is for', async () => {
    const { puppets } = await lockAlone({ forgets: 'votes' })
    puppets.node.crash()
    await puppets.start()
    await puppets.skipRound(0)
    const other = puppets.block(11)
    await puppets.propose(1, other)
    expect(puppets.votes()).toContain(`prevote 1 ${keyOf(other.hash)}`)
  })

  it('decides with the block it kept when the precommits come after the restart', async () => {
    const { puppets, locked } = await lockAlone()
    puppets.node.crash()
    await puppets.start()
    await puppets.vote('precommit', 0, locked, [1, 2])
    expect(keyOf(puppets.node.chain!.headHash())).toBe(keyOf(locked.hash))
  })

  it('at any moment of signing: never two things in one step', async () => {
    let voted = 0
    for (let moment = 0; moment < 10; moment += 0.4) {
      const puppets = new Puppets()
      await puppets.start()
      void puppets.propose(0, puppets.block(1))
      await puppets.wait(moment)
      puppets.node.crash()
      await puppets.start()
      // Another value in the same round: a double proposal, and time to fall for it.
      await puppets.propose(0, puppets.block(2))
      await puppets.wait(400)
      const prevotes = puppets.votes().filter((vote) => vote.startsWith('prevote 0'))
      expect(prevotes.length).toBe(1)
      expect(puppets.simulation.violation).toBeNull()
      if (prevotes[0] === `prevote 0 ${keyOf(puppets.block(1).hash)}`) voted += 1
    }
    // The crash fell before the first vote in some runs and after it in others.
    expect(voted).toBeGreaterThan(0)
    expect(voted).toBeLessThan(25)
  })
})
