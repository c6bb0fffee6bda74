/** The transaction pool as JSON-RPC, consensus and gossip see it. */
import type { SenderTransaction } from '../types/transaction.ts'

export type TxPoolErrorCode =
  | 'malformed'
  | 'unsupported-type'
  | 'invalid-signature'
  | 'wrong-chain-id'
  | 'already-known'
  | 'nonce-too-low'
  | 'nonce-too-high'
  | 'replacement-underpriced'
  | 'insufficient-funds'
  | 'intrinsic-gas-too-low'
  | 'gas-over-block-limit'
  | 'fee-below-base-fee'
  | 'tip-above-fee-cap'
  | 'too-large'
  | 'init-code-too-large'
  | 'sender-has-code'
  | 'dev-unauthorized'
  | 'dev-used'
  | 'pool-full'
  | 'sender-limit'
  /** This node could not execute it, and does not try again by itself. */
  | 'set-aside'

/** The standing that a refusal gives the peer that passed the transaction on. */
export type Standing =
  /** The bytes alone are wrong: no honest node passes them on, whatever the state of its chain. */
  | 'fault'
  /** Its sender cannot pay for it, or it pays next to nothing, by this node's state: no account to charge. */
  | 'hopeless'
  /** It does not fit here and now (nonce, fee, room); its signature is right. */
  | 'unfit'
  /** In the pool, or known to be in order. */
  | 'known'
  /** It was not looked at in full, as this node had too much to do: nothing is known about it. */
  | 'unchecked'

export type AddOutcome =
  | { readonly ok: true; readonly hash: Uint8Array }
  /** `message` is in the words that viem and ethers match (docs/protocol/rpc.md, "Errors"). */
  | { readonly ok: false; readonly code: TxPoolErrorCode; readonly message: string; readonly standing: Standing }

export interface TxPoolContent {
  /** By sender (hex without 0x), ascending by nonce. `pending` can run now, `queued` waits for a gap to close. */
  readonly pending: ReadonlyMap<string, readonly SenderTransaction[]>
  readonly queued: ReadonlyMap<string, readonly SenderTransaction[]>
}

export interface TxPoolView {
  /**
   * Decodes once, recovers the signature off this thread, admits. Resolves when admitted or refused; for a local one when
   * it is on the disk, too. `held`: a local one that nobody is told of before {@link TxPoolView.keep}.
   */
  add(raw: Uint8Array, origin: 'local' | 'held' | 'peer'): Promise<AddOutcome>
  /** Resolves when one that was added is on the disk, or has left the pool: it may be acknowledged. */
  keep(hash: Uint8Array): Promise<AddOutcome>
  get(hash: Uint8Array): SenderTransaction | undefined
  /** The nonce after the sender's last executable transaction in the pool; undefined when it has none. */
  pendingNonce(sender: Uint8Array): bigint | undefined
  /** Executable transactions to try for a block of this gas limit, best first: enough to fill it by what they use. */
  select(gasLimit: bigint, baseFee: bigint): readonly SenderTransaction[]
  content(): TxPoolContent
  counts(): { readonly pending: number; readonly queued: number }
  /** Each newly executable transaction, once. */
  onPending(listener: (transaction: SenderTransaction) => void): () => void
}
