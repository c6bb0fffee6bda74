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
  /**
   * Gas limits of one sender's transactions together, in gas limits of a block: in the worst case each block takes no more of
   * them than fit by their limits, so this is how many blocks it may take until the sender's are through.
   */
  readonly senderBlocks: bigint
  /** The same of all large transactions ({@link LARGE_PART}), whoever sent them. */
  readonly largeBlocks: bigint
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
  // 4 096 transactions of up to 937 500 gas.
  senderBlocks: 128n,
  largeBlocks: 1_024n,
  idleAccounts: 4_096,
}

/**
 * A transaction is large when its gas limit is more than this part of a block's. Few of them go into a block whatever they use, so they have
 * a part of the pool of their own, which the others do not feel.
 */
export const LARGE_PART = 16n

/**
 * A transaction of more bytes is bulk: of it no more is offered to building than the gas of its data would let into a block, some 7 MB if
 * it is all zeros. Of others no more than 1 428 are, at 30 million gas.
 */
export const BULK_BYTES = 1024

/** Transactions offered to building, and their bytes, where the gas limit of a block would let more: as many as its bytes can hold. */
export const OFFERED_TRANSACTIONS = 20_000
export const OFFERED_BYTES = 4 * MAX_BLOCK_BYTES
/** Senders that selection passes over one by one, at first, before it drops all that do not fit at once; then twice as many each time. */
export const PASSED_OVER_ONE_BY_ONE = 64

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
