/**
 * Signed transactions: type 0 (legacy, EIP-155), 1 (EIP-2930), 2 (EIP-1559), whose byte format and hashes are
 * Ethereum's, and 0x7d, the dev transactions of this chain's own (docs/protocol/dev.md). Other types are refused by name.
 */

/** Of a dev transaction: in the range of EIP-2718, where Ethereum has no type. */
export const DEV_TRANSACTION_TYPE = 0x7d

export interface AccessListEntry {
  /** 20 bytes. */
  readonly address: Uint8Array
  /** 32 bytes each. */
  readonly storageKeys: readonly Uint8Array[]
}

interface SignedFields {
  readonly nonce: bigint
  readonly gasLimit: bigint
  /** 20 bytes; null creates a contract. */
  readonly to: Uint8Array | null
  /** Wei. */
  readonly value: bigint
  readonly data: Uint8Array
  readonly r: bigint
  readonly s: bigint
  readonly yParity: 0 | 1
}

export interface LegacyTransaction extends SignedFields {
  readonly type: 0
  /** Null when signed without replay protection (v = 27 or 28), which the pool refuses. */
  readonly chainId: bigint | null
  /** Wei per gas. */
  readonly gasPrice: bigint
}

export interface AccessListTransaction extends SignedFields {
  readonly type: 1
  readonly chainId: bigint
  readonly gasPrice: bigint
  readonly accessList: readonly AccessListEntry[]
}

export interface FeeMarketTransaction extends SignedFields {
  readonly type: 2
  readonly chainId: bigint
  readonly maxPriorityFeePerGas: bigint
  readonly maxFeePerGas: bigint
  readonly accessList: readonly AccessListEntry[]
}

/**
 * A message of any sender, which the controller of a chain in dev mode has signed instead of the sender. It costs nothing.
 */
export interface DevTransaction extends SignedFields {
  readonly type: typeof DEV_TRANSACTION_TYPE
  readonly chainId: bigint
  /** 16 bytes: makes two transactions that say the same two transactions. */
  readonly salt: Uint8Array
  /** 20 bytes: whose message it is. Its nonce is the one its maker took for that account's; nobody checks it. */
  readonly from: Uint8Array
  /** Always 0, and not among the bytes. */
  readonly gasPrice: bigint
  /** Always empty, and not among the bytes. */
  readonly accessList: readonly AccessListEntry[]
}

export type Transaction = LegacyTransaction | AccessListTransaction | FeeMarketTransaction | DevTransaction

export function isDevTransaction(transaction: Transaction): transaction is DevTransaction {
  return transaction.type === DEV_TRANSACTION_TYPE
}

/** A transaction decoded once, together with its bytes and hash, so that nobody encodes or hashes it again. */
export interface TransactionEnvelope {
  readonly transaction: Transaction
  /** As sent to eth_sendRawTransaction: RLP list for type 0, type byte || RLP list otherwise. */
  readonly raw: Uint8Array
  /** keccak256 of `raw`. */
  readonly hash: Uint8Array
}

/** An envelope whose signature was recovered. */
export interface SenderTransaction extends TransactionEnvelope {
  /** 20 bytes. */
  readonly sender: Uint8Array
}
