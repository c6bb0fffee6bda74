/** Of a stranger's bundle the beginning is looked at first: junk gets no more than that. */
import type { TransactionEnvelope } from '../types/transaction.ts'
import { isHopeless, refuse } from './checks.ts'
import { PROBED, PROBED_HOPELESS } from './limits.ts'
import type { AddOutcome } from './txpoolView.ts'

export async function addProbed(
  decoded: readonly TransactionEnvelope[],
  add: (envelope: TransactionEnvelope) => Promise<AddOutcome>,
): Promise<readonly AddOutcome[]> {
  const outcomes = await Promise.all(decoded.slice(0, PROBED).map(add))
  const rest = decoded.slice(PROBED)
  if (outcomes.filter(isHopeless).length < PROBED_HOPELESS) return [...outcomes, ...(await Promise.all(rest.map(add)))]
  const left = refuse(
    'pool-full',
    'txpool has not looked at it: most of the bundle that it came in cannot be paid for',
    'hopeless',
  )
  return [...outcomes, ...rest.map(() => left)]
}
