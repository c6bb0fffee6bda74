/** Known hard schedules, each from its description; the engine is the real one, the others are scripted. */
import { describe, expect, it } from 'vitest'
import { keyOf } from '../../src/codec/bytes.ts'
import { Puppets } from './scenarios/puppets.ts'
import { runTooManyFaulty } from './scenarios/tooManyFaulty.ts'

/** The engine saw a polka for `block` in round 0 and precommitted it; nobody else did. */
async function hiddenLock(options: { forgetful?: boolean } = {}) {
  const puppets = new Puppets(options)
  await puppets.start()
  const locked = puppets.block(1)
  await puppets.propose(0, locked)
  await puppets.vote('prevote', 0, locked, [1, 2])
  expect(puppets.votes()).toEqual([`prevote 0 ${keyOf(locked.hash)}`, `precommit 0 ${keyOf(locked.hash)}`])
  return { puppets, locked }
}

describe('hidden lock (Malachite PR 997)', () => {
  it('a validator locked alone says nil to other values and proposes its own with the polka', async () => {
    const { puppets, locked } = await hiddenLock()
    await puppets.vote('precommit', 0, null)
    await puppets.wait(150)
    for (const round of [1, 2]) {
      await puppets.propose(round, puppets.block(10 + round))
      await puppets.vote('prevote', round, null)
      await puppets.vote('precommit', round, null)
      await puppets.wait(100 * (round + 1) + 50)
    }
    expect(puppets.votes()).toContain('prevote 1 nil')
    expect(puppets.votes()).toContain('prevote 2 nil')
    // Round 3 is the engine's own.
    const proposal = puppets.proposals()[0]
    expect(proposal).toMatchObject({ kind: 'proposal', round: 3, validRound: 0 })
    if (proposal?.kind !== 'proposal') throw new Error('no proposal')
    expect(keyOf(proposal.blockHash)).toBe(keyOf(locked.hash))
    expect(proposal.polka.map(({ index }) => index)).toEqual([0, 1, 2])
  })

  it('the others, who did not see the polka, accept the value with the certificate alone', async () => {
    const puppets = new Puppets()
    await puppets.start()
    const value = puppets.block(1)
    await puppets.vote('precommit', 0, null)
    await puppets.wait(150)
    await puppets.propose(1, value, 0, puppets.polka(0, value))
    expect(puppets.votes()).toContain(`prevote 1 ${keyOf(value.hash)}`)
  })

  it('and not with a certificate that is too small', async () => {
    const puppets = new Puppets()
    await puppets.start()
    const value = puppets.block(1)
    await puppets.vote('precommit', 0, null)
    await puppets.wait(150)
    await puppets.propose(1, value, 0, puppets.polka(0, value, [1, 2]))
    expect(puppets.votes().filter((vote) => vote.startsWith('prevote 1'))).toEqual([])
  })
})

describe('from line 26 to line 42', () => {
  it('a value this validator prevoted nil for becomes valid, is locked, and is decided', async () => {
    const { puppets } = await hiddenLock()
    const other = puppets.block(2)
    await puppets.vote('precommit', 0, null)
    await puppets.wait(150)
    await puppets.propose(1, other) // L26: locked on another value, so nil
    await puppets.vote('prevote', 1, other) // L36-L42: a polka all the same
    expect(puppets.votes()).toContain('prevote 1 nil')
    expect(puppets.votes()).toContain(`precommit 1 ${keyOf(other.hash)}`)
    await puppets.vote('precommit', 1, other, [2, 3])
    expect(keyOf(puppets.node.chain!.headHash())).toBe(keyOf(other.hash))
  })
})

describe('restart', () => {
  it('keeps the lock: nil to another value, its own votes again, its block proposed again', async () => {
    const { puppets, locked } = await hiddenLock()
    puppets.node.crash()
    await puppets.start()
    await puppets.vote('precommit', 0, null)
    await puppets.wait(150)
    for (const round of [1, 2]) {
      await puppets.propose(round, puppets.block(10 + round))
      await puppets.vote('prevote', round, null)
      await puppets.vote('precommit', round, null)
      await puppets.wait(100 * (round + 1) + 50)
    }
    expect(puppets.votes()).toContain('prevote 1 nil')
    const proposal = puppets.proposals()[0]
    expect(proposal).toMatchObject({ round: 3, validRound: 0 })
    expect(proposal?.kind === 'proposal' && keyOf(proposal.blockHash)).toBe(keyOf(locked.hash))
    expect(proposal?.kind === 'proposal' && proposal.polka.length).toBe(3)
  })

  it('without memory would vote for another value: what the record is for', async () => {
    const { puppets } = await hiddenLock({ forgetful: true })
    puppets.node.crash()
    await puppets.start()
    const other = puppets.block(11)
    await puppets.vote('precommit', 0, null)
    await puppets.wait(150)
    await puppets.propose(1, other)
    expect(puppets.votes()).toContain(`prevote 1 ${keyOf(other.hash)}`)
  })

  it('decides from the block it kept when the precommits come after the restart', async () => {
    const { puppets, locked } = await hiddenLock()
    puppets.node.crash()
    await puppets.start()
    await puppets.vote('precommit', 0, locked, [1, 2])
    expect(keyOf(puppets.node.chain!.headHash())).toBe(keyOf(locked.hash))
  })

  it('at the moment of signing never contradicts itself', async () => {
    for (let moment = 0; moment < 8; moment += 0.4) {
      const puppets = new Puppets()
      await puppets.start()
      const first = puppets.block(1)
      void puppets.propose(0, first)
      await puppets.wait(2 + moment)
      puppets.node.crash()
      await puppets.start()
      // The other value in the same round: a double proposal, and time to fall for it.
      await puppets.propose(0, puppets.block(2))
      await puppets.wait(400)
      const prevotes = puppets.votes().filter((vote) => vote.startsWith('prevote 0'))
      expect(prevotes.length).toBe(1)
      expect(puppets.simulation.violation).toBeNull()
    }
  })
})

describe('more than a third faulty', () => {
  it('is detected when the two halves meet: both stop and show both certificates, and who signed both', async () => {
    const { halts, evidence } = await runTooManyFaulty()
    expect(halts.length).toBe(2)
    for (const halt of halts) {
      if (halt.kind !== 'fork') throw new Error(`halted for ${halt.kind}`)
      const [own, other] = halt.certificates
      expect(keyOf(own.blockHash)).not.toBe(keyOf(other.blockHash))
      // The first to notice holds the next block on another parent; the one it tells has both of one height.
      expect([0n, 1n]).toContain(other.height - own.height)
    }
    expect(
      halts.some((halt) => halt.kind === 'fork' && halt.certificates[0].height === halt.certificates[1].height),
    ).toBe(true)
    expect(evidence).toEqual([2, 3])
  })
})
