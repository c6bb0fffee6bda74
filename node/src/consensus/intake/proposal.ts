/** Input: a proposal of the height under way, or a repetition of one; its block may be here, or be waited for. */
import { admitProposal, polkaVotes } from '../admission/admission.ts'
import { type PeerFault, peerFault } from '../admission/peerFault.ts'
import type { Input } from '../core/tendermint.ts'
import type { ProposalMessage } from '../wire/messages.ts'
import type { Heard, IntakeContext } from './context.ts'

export async function takeProposal(
  { heights, form, verifier, verdicts }: IntakeContext,
  { message, from, settle }: Heard<ProposalMessage>,
): Promise<void> {
  const { run } = heights
  const { assemblies } = run
  const admission = admitProposal(run.state, message, form, verifier, run.isWanted(message))
  const fault = admission.fault ?? faultOf(assemblies.repeat(message, from))
  // A repeated one was asked for: any other node that lacks it asks too, so it is not passed on.
  const whole = admission.whole && message.attempt === 0
  const saysMore = run.taken.isNews({ ...admission, whole, fault }, polkaVotes(message))
  const isNews = message.attempt === 0 && (admission.accepted !== null || saysMore)
  settle(verdicts.ofAdmission({ ...admission, fault }, from, isNews))
  if (heights.hearTwin(admission.votes, admission.accepted?.proposal)) return
  const polka = admission.votes.map((vote): Input => ({ kind: 'vote', vote }))
  if (admission.accepted === null) return heights.join(polka)
  const { proposal, read } = admission.accepted
  await run.statements.note(proposal)
  if (run.ended) return
  const outcome = assemblies.take(message, read, from)
  if (outcome === null && run.state.round < 0) heights.start()
  if (outcome?.ok === false) run.refuseList(message, outcome.reason)
  await heights.join(outcome?.ok ? [...polka, run.acceptBlock(message, outcome.block)] : polka)
}

function faultOf(reason: string | null): PeerFault | null {
  return reason === null ? null : peerFault('bad-encoding', reason)
}
