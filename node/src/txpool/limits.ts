/** Every bound of the transaction pool and of its gossip. The default serves a devnet under load and a small network. */
import { MAX_BLOCK_BYTES } from '../chain/limits.ts'
import { MAX_INIT_CODE_BYTES } from '../execution/limits.ts'

export interface TxPoolLimits {
  /** Transactions in all. */
  readonly transactions: number
  /** Bytes of all transactions, as sent. */
  readonly bytes: number
  /** Transactions that cannot run yet. They pay nothing while they wait, so they get a part of the room only. */
  readonly queued: number
  readonly perSender: number
  /** How far a nonce may be ahead of the sender's next one. */
  readonly nonceGap: bigint
  /** Bytes of one transaction: the largest init code and room for the rest. */
  readonly transactionBytes: number
  /** A replacement must raise both fee caps by this percentage (geth's price bump). */
  readonly priceBump: bigint
  /** Milliseconds a transaction that cannot run is kept. */
  readonly queuedLifetime: number
  /** Transactions waiting to have their signature recovered, of users and of peers each; more are refused. */
  readonly waiting: number
  /** Bytes of a selection for a block. */
  readonly selectBytes: number
  /** Accounts without transactions in the pool whose state is kept for the next one. */
  readonly idleAccounts: number
}

export const DEFAULT_TXPOOL_LIMITS: TxPoolLimits = {
  transactions: 50_000,
  bytes: 64 * 1024 * 1024,
  queued: 10_000,
  perSender: 4_096,
  nonceGap: 4_096n,
  transactionBytes: MAX_INIT_CODE_BYTES + 64 * 1024,
  priceBump: 10n,
  queuedLifetime: 3 * 60 * 60 * 1_000,
  waiting: 16_384,
  // A block also has a header.
  selectBytes: MAX_BLOCK_BYTES - 4 * 1024,
  idleAccounts: 4_096,
}

/**
 * Transactions whose signatures are recovered in one call, and calls under way: enough that workers never wait for
 * work, and few enough (some 50 ms of it) that an urgent transaction has not long to wait.
 */
export const RECOVERY_BATCH = 16
export const RECOVERY_CALLS = 4

/** Milliseconds between two looks for transactions that waited too long. */
export const EXPIRY_INTERVAL = 60_000

/** Transactions in one gossip bundle, and its bytes; one larger transaction is a bundle of its own. */
export const BUNDLE_TRANSACTIONS = 512
export const BUNDLE_BYTES = 512 * 1024
/** Milliseconds between bundles: what is accepted meanwhile goes together. */
export const BUNDLE_DELAY = 20
/** Transactions waiting to be bundled; what is over the bound goes out by the exchange of pools. */
export const BUNDLE_QUEUE = 8_192

/** Transactions of one peer's bundles that are being checked at a time: no peer may fill the queue of all (`waiting`). */
export const CHECKED_PER_PEER = 2_048

/**
 * Transactions of one peer's bundles that cannot run, a second, over time, and at once: their signatures are recovered
 * for nothing. An honest peer passes on what it accepted itself, so only what changed in between is refused here.
 */
export const REFUSED_PER_SECOND = 500
export const REFUSED_BURST = 10_000

/** Hashes in one answer of the `pool-hashes` protocol, oldest transactions first. */
export const EXCHANGED_HASHES = 8_192
/** Transactions asked for in one `pool-transactions` request, and bytes of the answer. */
export const EXCHANGED_TRANSACTIONS = 512
export const EXCHANGED_BYTES = 2 * 1024 * 1024
/** Milliseconds between two exchanges, each with one peer in turn. */
export const EXCHANGE_INTERVAL = 10_000
