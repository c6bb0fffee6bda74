/** Input: messages of heights that are decided, and of heights that are not begun here. */
import { polkaVotes } from '../admission/admission.ts'
import { peerFault } from '../admission/peerFault.ts'
import { voteSignBytes } from '../signing/signBytes.ts'
import type { ConsensusMessage } from '../wire/messages.ts'
import type { Heard, IntakeContext } from './context.ts'
import type { NextHeightMessages } from './nextHeightMessages.ts'

/** Of a decided height. */
export function takePast(
  { heights, verdicts, certificates, gossip }: IntakeContext,
  { message, settle }: Heard<ConsensusMessage>,
): void {
  settle(verdicts.ignore())
  // Repeated: its sender is still at a height that is decided.
  const certificate = message.attempt > 0 ? certificates.near(message.height, heights.state.height - 1n) : undefined
  if (certificate !== undefined) gossip.answerHeight(certificate)
}

/** Of a later height: what is of the next one waits for it. `bytes`: its encoded length. */
export function takeFuture(
  context: IntakeContext,
  nextHeight: NextHeightMessages,
  heard: Heard<ConsensusMessage>,
  bytes: number,
): void {
  const { heights, verdicts } = context
  noteHint(context, heard)
  if (heard.message.height > heights.state.height + 1n) heard.settle(verdicts.ignore())
  else if (!nextHeight.keep({ ...heard, bytes })) heard.settle(verdicts.unheard())
}

/** A message of a later height, if a validator made it, says that the heights before are committed. */
function noteHint(
  { heights, validators, verifier, verdicts, behind }: IntakeContext,
  { message, from }: Heard<ConsensusMessage>,
): void {
  const vote = message.kind === 'proposal' ? polkaVotes(message)[0] : message.votes[0]
  if (vote === undefined || behind.isDue()) return
  const { height } = message
  const publicKey = validators.at(height)?.validators[vote.index]?.publicKey
  const bytes = voteSignBytes(verifier.genesisHash, height, vote.round, vote.type, vote.blockHash)
  if (publicKey !== undefined && verifier.verify(vote.signature, bytes, publicKey)) {
    behind.note(height - 1n, from)
  } else if (!validators.mayChange(heights.state.height, height)) {
    // Not rejected: it is of no use here, whatever it is.
    verdicts.blame(peerFault('bad-signature', `${vote.type} of validator ${vote.index} at ${height}`, 'ignore'), from)
  }
}
