/**
 * From line 26 to line 42: a validator prevotes nil for a value (it is locked on another), sees a polka for it all the same,
 * locks it, precommits it, and it is decided.
 */
import { keyOf } from '../../../src/codec/bytes.ts'
import { lockAlone } from './hiddenLock.ts'
import type { ScenarioResult } from './scenario.ts'

export async function line26To42(): Promise<ScenarioResult> {
  const { puppets } = await lockAlone()
  const other = puppets.block(2)
  await puppets.skipRound(0)
  await puppets.propose(1, other)
  await puppets.vote('prevote', 1, other)
  const votes = puppets.votes()
  await puppets.vote('precommit', 1, other, [2, 3])
  return {
    checks: [
      ['L26: nil while locked on another value', votes.includes('prevote 1 nil')],
      ['L36-L42: precommits what has a polka', votes.includes(`precommit 1 ${keyOf(other.hash)}`)],
      ['L49: decides it', keyOf(puppets.node.chain!.headHash()) === keyOf(other.hash)],
    ],
    trace: puppets.trace(),
  }
}
