/** Input: votes of the height under way, its sender's or those of others, with what the sender lacks. */
import { admitVotes } from '../admission/admission.ts'
import type { Input } from '../core/tendermint.ts'
import type { VotesMessage } from '../wire/messages.ts'
import type { Heard, IntakeContext } from './context.ts'

export async function takeVotes(
  { heights, verifier, verdicts, gossip }: IntakeContext,
  { message, from, settle }: Heard<VotesMessage>,
): Promise<void> {
  const { run } = heights
  const admission = admitVotes(run.state, message.votes, verifier)
  settle(verdicts.ofAdmission(admission, from, run.taken.isNews(admission, message.votes)))
  if (heights.hearTwin(admission.votes)) return
  await heights.join(admission.votes.map((vote): Input => ({ kind: 'vote', vote })))
  if (run.ended || run.state.round < 0) return
  if (message.round < run.state.round && message.attempt > 0) gossip.answerRound(run.state, message.round, from)
  if (message.wantsProposal) gossip.answerProposal(run.state, run.blocks, message.round, from)
}
