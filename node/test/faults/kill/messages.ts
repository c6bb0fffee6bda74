/** The messages of the process that commits to the one that kills it. All that arrive were promised before the kill. */

export interface CommitterStart {
  readonly directory: string
  readonly initCode: Uint8Array
  /** Milliseconds that what is signed takes longer to be written, so that its block is there first. */
  readonly recordDelay: number
}

export type CommitterMessage =
  /** The databases are open again, at this height; the record of signatures ends at another. */
  | { readonly kind: 'open'; readonly height: bigint; readonly signed: bigint }
  /** What was signed is about to be written, and the block beside it. */
  | { readonly kind: 'writing' }
  /** The pool acknowledged a transaction. */
  | { readonly kind: 'accepted'; readonly hash: Uint8Array }
  /** Consensus sent a message out: a proposal or votes, encoded. */
  | { readonly kind: 'sent'; readonly message: Uint8Array }
  /** A block is final and was announced as such. */
  | { readonly kind: 'final'; readonly number: bigint; readonly hash: Uint8Array }
  | { readonly kind: 'failed'; readonly message: string }

/** Few, so that states go in every life of the process. */
export const KEPT_STATES = 2
