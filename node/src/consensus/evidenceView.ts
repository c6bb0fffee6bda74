/** Evidence as it is shown to people: what was signed, spelt out, so that each signature can be checked from it alone. */
import { type Statement, signedContent } from './proofs/evidence.ts'
import type { KeptEvidence } from './proofs/faultRecord.ts'
import { STEP_PRECOMMIT, STEP_PROPOSAL, signBytes } from './signing/signBytes.ts'
import { encodeEvidence } from './wire/messages.ts'

export interface SignedMessage {
  /** Null: nil. */
  readonly blockHash: Uint8Array | null
  /** -1 for a new value; null for votes, which have none. */
  readonly validRound: number | null
  readonly signBytes: Uint8Array
  readonly signature: Uint8Array
}

export interface EvidenceView {
  readonly kind: 'conflicting-proposals' | 'conflicting-prevotes' | 'conflicting-precommits'
  /** Index in the validator set of the height. */
  readonly validator: number
  readonly publicKey: Uint8Array
  /** Its fee recipient, 20 bytes. */
  readonly address: Uint8Array
  readonly height: bigint
  readonly round: number
  /** The height this node was deciding when it first saw it. */
  readonly seenAt: bigint
  readonly messages: readonly [SignedMessage, SignedMessage]
  /** As it is gossiped. */
  readonly raw: Uint8Array
}

export function evidenceView(kept: KeptEvidence, genesisHash: Uint8Array): EvidenceView {
  const { validator, publicKey, feeRecipient, height, round, step, seenAt, first, second } = kept
  const message = (statement: Statement): SignedMessage => ({
    blockHash: statement.blockHash,
    validRound: step === STEP_PROPOSAL ? statement.validRound : null,
    signBytes: signBytes(signedContent(kept, statement, genesisHash)),
    signature: statement.signature,
  })
  const votes = step === STEP_PRECOMMIT ? 'conflicting-precommits' : 'conflicting-prevotes'
  return {
    kind: step === STEP_PROPOSAL ? 'conflicting-proposals' : votes,
    validator,
    publicKey,
    address: feeRecipient,
    height,
    round,
    seenAt,
    messages: [message(first), message(second)],
    raw: encodeEvidence(kept),
  }
}
