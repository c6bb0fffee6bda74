/** Proof that more than two thirds of the voting power precommitted a block: stored beside it, checked by light clients. */
export interface CommitSignature {
  /** Index in the validator set of the height. */
  readonly index: number
  /** ed25519, 64 bytes, over the precommit's sign bytes. */
  readonly signature: Uint8Array
}

export interface Certificate {
  readonly chainId: bigint
  readonly height: bigint
  readonly round: number
  readonly blockHash: Uint8Array
  /** Ascending by index, no index twice. */
  readonly signatures: readonly CommitSignature[]
}
