/** Input: evidence that a validator signed two things for one step. */
import { peerFault } from '../admission/peerFault.ts'
import type { Evidence } from '../proofs/evidence.ts'
import type { Heard, IntakeContext } from './context.ts'

export async function takeEvidence(
  { heights, verdicts, evidence: watch }: IntakeContext,
  { message: evidence, from, settle }: Heard<Evidence>,
): Promise<void> {
  if (heights.isStopped) return settle('ignore')
  const verdict = await watch.heard(evidence, heights.state.height)
  if (verdict !== 'reject') return settle(verdict === 'accept' ? verdict : verdicts.ignore())
  const { validator, height } = evidence
  const what = `evidence against validator ${validator} at height ${height} proves nothing`
  settle(verdicts.blame(peerFault('bad-evidence', what), from))
}
