/** Input: the certificate of a block that others committed. */
import type { Certificate } from '../../types/certificate.ts'
import { peerFault } from '../admission/peerFault.ts'
import { votesOf } from '../proofs/certificate.ts'
import type { Heard, IntakeContext } from './context.ts'

export async function takeAnnouncement(
  { heights, validators, verdicts, certificates, behind, onFork }: IntakeContext,
  { message: certificate, from, settle }: Heard<Certificate>,
): Promise<void> {
  if (heights.isStopped) return settle('ignore')
  const { height } = certificate
  const judgement = await certificates.judge(certificate, heights.state.height)
  if (judgement.kind === 'known') return settle(verdicts.ignore())
  const mayChange = validators.mayChange(heights.state.height, height)
  if (judgement.kind === 'invalid') {
    if (mayChange) return settle(verdicts.ignore())
    return settle(verdicts.blame(peerFault('bad-certificate', judgement.message), from))
  }
  const again = judgement.kind === 'ahead' && judgement.again
  // Signed by the set as it is known here; a node that knows of a change would blame the peer that passes that on.
  settle(again || mayChange ? verdicts.ignore() : 'accept')
  if (judgement.kind === 'fork') return onFork(judgement.own, certificate)
  // The block may be here, or on its way; otherwise sync has to bring it.
  if (height === heights.state.height && !again) {
    await heights.run.apply(votesOf(certificate).map((vote) => ({ kind: 'vote', vote })))
  }
  if (heights.state.height <= height) behind.note(height, from)
}
