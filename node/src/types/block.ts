import type { Header } from './header.ts'
import type { TransactionEnvelope } from './transaction.ts'

/** A block with its hash and bytes, decoded or encoded once. RLP: [header, [transaction...], []]. */
export interface Block {
  readonly header: Header
  readonly transactions: readonly TransactionEnvelope[]
  /** keccak256 of the header's RLP. */
  readonly hash: Uint8Array
  readonly raw: Uint8Array
}
