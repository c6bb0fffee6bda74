/** A deed of a peer that no correct one does, with the verdict on its message. Not an error: nothing of ours failed. */

export type PeerFaultKind =
  /** The bytes are no message, or what they hold is no block's. */
  | 'bad-encoding'
  /** The validator it speaks for is not in the set of its height. */
  | 'unknown-validator'
  | 'bad-signature'
  /** The signatures of a certificate are no quorum of its height. */
  | 'bad-certificate'
  /** Evidence that proves nothing. */
  | 'bad-evidence'

export interface PeerFault {
  readonly kind: PeerFaultKind
  /**
   * The verdict for gossip. `reject` lowers the sender's score there; with `ignore` the fault only counts towards how
   * much this node hears of the sender.
   */
  readonly verdict: 'reject' | 'ignore'
  /** The mistake, and its place. */
  readonly message: string
}

export function peerFault(kind: PeerFaultKind, message: string, verdict: PeerFault['verdict'] = 'reject'): PeerFault {
  return { kind, verdict, message }
}
