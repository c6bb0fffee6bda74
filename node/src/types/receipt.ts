import type { Log } from './log.ts'
import type { Transaction } from './transaction.ts'

/** The consensus part of a receipt: what the receipts trie commits to. */
export interface Receipt {
  readonly type: Transaction['type']
  readonly status: 0 | 1
  readonly cumulativeGasUsed: bigint
  /** 256 bytes. */
  readonly logsBloom: Uint8Array
  readonly logs: readonly Log[]
}

/** A receipt and what the node that executed it knows besides; stored with the block, asked for by JSON-RPC. */
export interface ReceiptRecord {
  readonly receipt: Receipt
  readonly transactionHash: Uint8Array
  readonly sender: Uint8Array
  /** 20 bytes for a creation that succeeded or failed, else null. */
  readonly contractAddress: Uint8Array | null
  readonly gasUsed: bigint
  /** Wei per gas actually paid. */
  readonly effectiveGasPrice: bigint
  /** Why a failed transaction failed, for people; not part of consensus. Null on success. */
  readonly failure: { readonly message: string; readonly revertData: Uint8Array | null } | null
}
