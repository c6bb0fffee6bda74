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
  /**
   * Transactions waiting to have their signature recovered, of users and of all peers each; more are refused. When the
   * peers' are too many, the newest of the sender with the most waiting goes.
   */
  readonly waiting: number
  /** Bytes of the same, as sent. */
  readonly waitingBytes: number
  /**
   * Gas limits of one sender's transactions together, in gas limits of a block: in the worst case each block takes no
   * more of them than fit by their limits, so this is how many blocks it may take until the sender's are through.
   */
  readonly senderBlocks: bigint
  /** The same of all large transactions of one class ({@link LARGE_CLASSES}), of all senders together. */
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
  waitingBytes: 32 * 1024 * 1024,
  // 4 096 transactions of up to 937 500 gas.
  senderBlocks: 128n,
  largeBlocks: 256n,
  idleAccounts: 4_096,
}

/**
 * A transaction is large when its gas limit is over a half of a block's, a quarter, an eighth or a sixteenth: of so
 * many classes. Few of them go into a block whatever they use, so each class has a part of the pool of its own, which
 * the others do not feel: of limits of a whole block one goes into each, of those up to a half hundreds do, if they use
 * little.
 */
export const LARGE_CLASSES = 4

/**
 * A transaction of more bytes is bulk: of it no more is offered to building than the gas of its data would let into a
 * block, some 7 MB if it is all zeros. Of others no more than 1 428 are, at 30 million gas.
 */
export const BULK_BYTES = 1024

/**
 * Transactions offered to building, and their bytes, where the gas limit of a block would let more: as many as its
 * bytes can hold.
 */
export const OFFERED_TRANSACTIONS = 20_000
export const OFFERED_BYTES = 4 * MAX_BLOCK_BYTES
/**
 * Senders that selection passes over one by one, at first, before it drops all that do not fit at once; then twice as
 * many each time.
 */
export const PASSED_OVER_ONE_BY_ONE = 64

/**
 * Transactions whose signatures are recovered in one call, and calls under way: enough that workers never wait for
 * work, and few enough (some 50 ms of it) that an urgent transaction has not long to wait.
 */
export const RECOVERY_BATCH = 16
export const RECOVERY_CALLS = 4
/**
 * Of each batch, what is kept for peers that were not named at start, when some of theirs wait: named peers come first,
 * but not alone.
 */
export const RECOVERY_STRANGERS = 4

/**
 * Of a bundle from a peer that was not named at start so many transactions are checked first. When this many of them
 * cannot be paid for, the others are not looked at, and count as such.
 */
export const PROBED = 32
export const PROBED_HOPELESS = 24

/**
 * A transaction from a peer whose fee cap is below this part of the base fee is refused before its signature is
 * recovered. The base fee falls by an eighth a block at most: it would be 42 blocks until this one could run.
 */
export const HOPELESS_FEE_DIVISOR = 256n

/** Transactions of an earlier run that are taken up at a time, and about so many bytes of them. */
export const RELOAD_BATCH = 1_024
export const RELOAD_BATCH_BYTES = 8 * 1024 * 1024

/**
 * Milliseconds until a transaction that nobody was told of yet is written to the pool's journal: what is in a block by
 * then never is.
 */
export const JOURNAL_DELAY = 500

/** Accounts read by one query of the chain: it delays what the execution worker does next by a millisecond at most. */
export const ACCOUNTS_PER_QUERY = 64

/** Senders short of funds whose accounts are read after a block, in turn, in case somebody has sent them some. */
export const SHORT_SENDERS_READ = 256

/** Milliseconds between two looks for transactions that waited too long. */
export const EXPIRY_INTERVAL = 60_000

/**
 * Transactions in one gossip bundle, and its bytes; one larger transaction is a bundle of its own. As many as make a bundle
 * wait for nothing.
 */
export const BUNDLE_TRANSACTIONS = 512
export const BUNDLE_BYTES = 512 * 1024
/** Milliseconds that a transaction waits for others to go with, where the bundle before had several. */
export const BUNDLE_DELAY = 10
/** Milliseconds between bundles of one, which wait for nothing else. */
export const LONE_BUNDLE_PAUSE = 5

/**
 * Transactions of one peer's bundles that are being checked at a time, and their bytes: no peer may fill the queue of
 * all (`waiting`). One bundle may be larger.
 */
export const CHECKED_PER_PEER = 2_048
export const CHECKED_BYTES_PER_PEER = 2 * 1024 * 1024

/**
 * A bundle goes on as it came when at least this part of its transactions, and of its bytes, was new and admitted. Else
 * what was admitted goes on in a bundle of this node's making: 110 bytes that somebody pays for must not carry a
 * megabyte to every node.
 */
export const RELAYED_NUMERATOR = 3
export const RELAYED_DENOMINATOR = 4

/**
 * Work that a peer's bundles cause for nothing, a second, over time, and at once. A transaction that was decoded and is
 * known or was not checked costs one, one whose signature was recovered costs {@link RECOVERY_WORK}. The node does not
 * listen to a peer that has used it up until it has come back. That is no fault: a node that was held up finds
 * thousands of transactions outdated.
 */
export const WASTED_PER_SECOND = 2_000
export const WASTED_BURST = 32_768
export const RECOVERY_WORK = 4
/**
 * The same of all peers together that were not named at start; beyond it, those are heard who have brought more than
 * they wasted.
 */
export const STRANGERS_WASTED_PER_SECOND = 4_000
export const STRANGERS_WASTED_BURST = 65_536
/** How much of what it brought or wasted is remembered of a peer, in transactions. */
export const WORTH_REMEMBERED = 2_048

/**
 * Transactions of one peer's bundles that nobody can pay, a second, over time, and at once: more is a flood, unless
 * this node is catching up. An honest peer passes on what it accepted itself, so only what changed in between is
 * refused here. Peers named at start may be held up together with what they hold.
 */
export const HOPELESS_PER_SECOND = 100
export const HOPELESS_BURST = 2_048
export const NAMED_HOPELESS_PER_SECOND = 1_000
export const NAMED_HOPELESS_BURST = 16_384

/**
 * Bytes of one peer's bundles that bring nothing, a second, over time, and at once: more is a flood. At once: as much
 * as an honest peer may have waiting for this node (`pushBacklogBytes`); over time: nine thousand plain transfers a
 * second, none of which is of use.
 */
export const USELESS_BYTES_PER_SECOND = 1024 * 1024
export const USELESS_BYTES_BURST = 16 * 1024 * 1024

/** Peers, connected or not, of which it is remembered what they have cost. */
export const REMEMBERED_PEERS = 1_024

/** Hashes in one answer of the `pool-hashes` protocol, oldest transactions first. */
export const EXCHANGED_HASHES = 8_192
/** Transactions asked for in one `pool-transactions` request, and bytes of the answer. */
export const EXCHANGED_TRANSACTIONS = 512
export const EXCHANGED_BYTES = 2 * 1024 * 1024
/** Milliseconds between two exchanges, each with one peer in turn of those named at start and one of the others. */
export const EXCHANGE_INTERVAL = 10_000

/** Exchanges with peers that were not named at start, at a time; those with named peers come on top. */
export const EXCHANGES = 4
/** Milliseconds after which an exchange does not count among those any more, so that slow peers hold nobody up. */
export const EXCHANGE_PATIENCE = 1_000
/** The same with those that are slow. */
export const EXCHANGES_AT_MOST = 16
/** Milliseconds for each answer, and for an exchange as a whole. */
export const EXCHANGE_ANSWER_TIME = 10_000
export const EXCHANGE_TIME = 20_000
/** Answers in a row without any of the transactions that the peer has named itself, after which an exchange ends. */
export const EMPTY_ANSWERS = 2

/**
 * Milliseconds for which a transaction that an exchange brought and that did not fit is not asked for again, and how
 * many are remembered.
 */
export const REFUSED_MEMORY = 60_000
export const REMEMBERED_REFUSED = 16_384

/** Answers about hashes that a peer gets a second, over time, and at once: each is up to 256 KiB for an empty request. */
export const HASH_ANSWERS_PER_SECOND = 1
export const HASH_ANSWERS_BURST = 8
/**
 * Bytes of transactions that a peer gets in answers a second, over time, and at once: twice what one exchange may ask for.
 */
export const SERVED_BYTES_PER_SECOND = 4 * 1024 * 1024
export const SERVED_BYTES_BURST = 64 * 1024 * 1024
/** The same of all peers together that were not named at start. */
export const STRANGERS_SERVED_BYTES_PER_SECOND = 16 * 1024 * 1024
export const STRANGERS_SERVED_BYTES_BURST = 128 * 1024 * 1024

/** Dev transactions that wait for a block: more than the requests that a node answers at a time. */
export const MAX_DEV_WAITING = 1_024

/** Bytes of a dev transaction that goes along with bundles, so that they are not those of an earlier state. */
export const DEV_MARK_BYTES = 1_024
