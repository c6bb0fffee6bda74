/** The means to judge the inputs of consensus, and the places they lead to: the same for each file of this room. */
import type { GossipVerdict } from '../../network/network.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { Verifier } from '../admission/admission.ts'
import type { ConsensusGossip } from '../gossip/gossip.ts'
import type { BehindWatch } from '../heights/behindWatch.ts'
import type { Heights } from '../heights/heights.ts'
import type { Validators } from '../heights/validators.ts'
import type { CertificateLog } from '../proofs/certificateLog.ts'
import type { EvidenceWatch } from '../proofs/evidenceWatch.ts'
import type { BlockForm } from '../proposals/blockForm.ts'
import type { Verdicts } from './verdicts.ts'

export interface IntakeContext {
  readonly heights: Heights
  readonly validators: Validators
  readonly verifier: Verifier
  readonly verdicts: Verdicts
  readonly form: BlockForm
  readonly gossip: ConsensusGossip
  readonly certificates: CertificateLog
  readonly evidence: EvidenceWatch
  readonly behind: BehindWatch
  /** Two certified chains. */
  onFork(own: Certificate, other: Certificate): void
}

/** A decoded message whose turn has come. */
export interface Heard<Message> {
  readonly message: Message
  readonly from: string
  /** Tells gossip; called once. */
  readonly settle: (verdict: GossipVerdict) => void
}
