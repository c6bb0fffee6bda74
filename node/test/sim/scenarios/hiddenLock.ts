/**
 * Hidden lock (Malachite PR 997): one validator alone saw a polka and is locked; nobody else knows. It must not help another
 * value, the others must be able to go on without it, and when its turn comes they must take its value on its word: the
 * polka certificate in its proposal.
 */
import { keyOf } from '../../../src/codec/bytes.ts'
import type { Block } from '../../../src/types/block.ts'
import { Puppets } from './puppets.ts'
import type { ScenarioResult } from './scenario.ts'

/** The engine saw a polka for a block in round 0 and precommitted it; nobody else did. */
export async function lockAlone(options: { forgets?: 'votes' } = {}): Promise<{ puppets: Puppets; locked: Block }> {
  const puppets = new Puppets(options)
  await puppets.start()
  const locked = puppets.block(1)
  await puppets.propose(0, locked)
  await puppets.vote('prevote', 0, locked, [1, 2])
  return { puppets, locked }
}

/** From round 0 to round 3, whose proposer is the engine: other values are proposed and fail. */
export async function failTwoRounds(puppets: Puppets): Promise<void> {
  await puppets.skipRound(0)
  for (const round of [1, 2]) {
    await puppets.propose(round, puppets.block(10 + round))
    await puppets.vote('prevote', round, null)
    await puppets.skipRound(round)
  }
}

export function proposesAgain(puppets: Puppets, locked: Block): ScenarioResult['checks'] {
  const proposal = puppets.proposals()[0]
  const polka = proposal?.polka.map(({ index }) => index).join() ?? ''
  return [
    ['says nil to another value in round 1', puppets.votes().includes('prevote 1 nil')],
    ['says nil to another value in round 2', puppets.votes().includes('prevote 2 nil')],
    ['proposes its value in round 3, valid since round 0', proposal?.round === 3 && proposal.validRound === 0],
    ['it is the value it is locked on', proposal !== undefined && keyOf(proposal.blockHash) === keyOf(locked.hash)],
    ['with the polka', polka === '0,1,2'],
  ]
}

export async function hiddenLock(): Promise<ScenarioResult> {
  const { puppets, locked } = await lockAlone()
  const id = keyOf(locked.hash)
  const alone = puppets.votes().join() === `prevote 0 ${id},precommit 0 ${id}`
  await failTwoRounds(puppets)
  const own = proposesAgain(puppets, locked)
  const told = await toldByCertificate([1, 2, 3])
  const toldTooLittle = await toldByCertificate([1, 2])
  return {
    checks: [
      ['locks on the value of round 0', alone],
      ...own,
      ['another validator takes a value on its certificate', told.voted],
      ['and not on one that is too small', !toldTooLittle.voted],
    ],
    trace: puppets.trace(),
  }
}

/** The other side: the engine did not see the polka of round 0, and hears of it in round 1. */
async function toldByCertificate(signers: readonly number[]): Promise<{ voted: boolean }> {
  const puppets = new Puppets()
  await puppets.start()
  const value = puppets.block(1)
  await puppets.skipRound(0)
  await puppets.propose(1, value, 0, puppets.polka(0, value, signers))
  return { voted: puppets.votes().includes(`prevote 1 ${keyOf(value.hash)}`) }
}
