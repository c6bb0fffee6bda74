/** Proposals and votes as the pure state machine sees them. */

/** The hash of a block as lower-case hex without 0x: comparable, usable as a Map key. `id(v)` of Algorithm 1. */
export type BlockId = string

export type VoteType = 'prevote' | 'precommit'

export type Step = 'propose' | VoteType

/** A vote whose signature was checked, or that this node signed itself. */
export interface Vote {
  readonly type: VoteType
  readonly height: bigint
  readonly round: number
  /** Null: nil, "no block in this round". */
  readonly id: BlockId | null
  /** Index in the validator set of the height. */
  readonly validator: number
  /** ed25519, 64 bytes. */
  readonly signature: Uint8Array
}

/** The signature of a validator, by its index in the validator set of the height. */
export interface IndexedSignature {
  readonly index: number
  /** ed25519, 64 bytes. */
  readonly signature: Uint8Array
}

/** The votes without what they have in common. */
export function indexedSignatures(votes: readonly Vote[]): readonly IndexedSignature[] {
  return votes.map(({ validator, signature }) => ({ index: validator, signature }))
}

/** A proposal whose signature was checked; the block itself is kept by the caller. */
export interface Proposal {
  readonly height: bigint
  readonly round: number
  readonly id: BlockId
  /** Round of the polka this value is re-proposed on; -1 for a new value. */
  readonly validRound: number
  /** Hash of the list of its transactions, which the proposer signed too. */
  readonly contentsHash: Uint8Array
  /** Index of the proposer. */
  readonly validator: number
  readonly signature: Uint8Array
  /** False when the block's timestamp was too far ahead of this node's clock on arrival; matters for new values only. */
  readonly timely: boolean
}

/** A proposal as its proposer signed it, without the time it came. */
export type ProposalStatement = Omit<Proposal, 'timely'>
