/**
 * Every bound of the chain, its queries and its worker, with where it comes from. Those of execution are in
 * execution/limits.ts.
 */

/**
 * Most bytes of a block, RLP. A rule of the chain: a block over it is invalid, so that every valid block can be sent
 * and stored. Transactions of ordinary shape (110 to 250 bytes for 21 000 to 60 000 gas) fill 30 million gas long before.
 */
export const MAX_BLOCK_BYTES = 2 * 1024 * 1024

/**
 * Most transactions of a block: a rule of the chain, so that a list of them fits a message. At 21 000 gas each they take
 * 688 million gas.
 */
export const MAX_BLOCK_TRANSACTIONS = 32_768

/** Bytes kept free for the header, the list prefixes and the empty ommers list while a block is being built. */
export const BLOCK_OVERHEAD_BYTES = 1024

/** Bytes of a transaction in a block besides its own: the RLP string prefix of the longest. */
export const TRANSACTION_PREFIX_BYTES = 4

/**
 * Executed blocks kept until one of them is final: a few rounds' proposals. The oldest makes room; it can be executed again.
 */
export const MAX_CANDIDATES = 4

/** Blocks one search for logs may span; more is `range-too-wide`. */
export const MAX_LOG_RANGE = 100_000n
/** Blocks the worker looks through before it lets other work in. */
export const LOG_SEARCH_STEP = 1_000n
/**
 * The same of receipts and logs, of which a block may have tens of thousands: some tens of milliseconds. The block with the
 * last of them is looked through to its end.
 */
export const LOG_SEARCH_STEP_LOGS = 20_000

/** Storage keys one proof request may name (eth_getProof). */
export const MAX_PROOF_KEYS = 1_024

/** Blocks below the head whose links and state roots are looked at when the database is opened. */
export const BLOCKS_CHECKED_AT_START = 64n

/** Seconds from a simulated block to the next, unless it says its time. */
export const SIMULATED_BLOCK_SECONDS = 1n
/** Bytes that a log of a simulation counts for beside its data: address, topics, place. */
export const LOG_OVERHEAD_BYTES = 512

/**
 * Addresses and slots of each of two generations whose records are known to be written, on a chain in dev mode; some 120
 * bytes each.
 */
export const MAX_WRITTEN_KEYS = 8_192

/** Bytes of trie nodes kept in memory in front of the database. The upper levels of the trie are read for every block. */
export const NODE_CACHE_BYTES = 64 * 1024 * 1024
/** Accounts and slots of each of two generations that the chain's thread keeps of the flat tables; some 300 bytes each. */
export const MAX_FLAT_CACHED = 8_192

/**
 * Newest blocks whose states a node keeps unless it is told otherwise (`keepStates`), and the fewest it can be told:
 * the head's and its parent's, which traces of the head begin with. Followers fetch one of these states while blocks go on.
 */
export const DEFAULT_KEPT_STATES = 4_096
export const MIN_KEPT_STATES = 2
/**
 * States beyond these before the oldest are let go: looking at many blocks together, the disk has one write to sync for
 * them.
 */
export const STATES_PRUNED_TOGETHER = 32n
/**
 * Trie nodes that are let go in one write, or twice as many: what the commit of a block may have to wait for. Some
 * milliseconds.
 */
export const MAX_NODES_PRUNED_AT_ONCE = 256
/**
 * The same in the one write that a block waits for where states go more slowly than blocks come: some tens of
 * milliseconds, also of a block that replaces more nodes than half as many, so that the next height's votes are not late.
 */
export const MAX_NODES_PRUNED_BEFORE_BLOCK = 4_096
/**
 * Trie nodes that are pinned in one write, also where a block waits for it: each is read and decoded in the execution
 * worker's own thread, and with its count and its record takes three times as long as one that is let go.
 */
export const MAX_NODES_PINNED_AT_ONCE = 1_024
/** Blocks looked at for one write, where they have nothing to let go. */
export const MAX_BLOCKS_PRUNED_AT_ONCE = 1_024
/**
 * States beyond those to be kept from which on the commit of a block waits until twice as many nodes are let go as it
 * replaced, but for no more than MAX_NODES_PRUNED_BEFORE_BLOCK, so that the disk does not fill up with them however
 * fast blocks come.
 */
export const MAX_STATES_BEHIND = 512n
/** Hashes in a record of gone nodes. */
export const MAX_HASHES_IN_PART = 256

/**
 * Reads waiting in the client for the worker; one more is refused as `busy`, so that a flood of requests cannot fill memory.
 */
export const MAX_WAITING_READS = 8_192
/**
 * Reads handed to the worker ahead of the answer. More hides the way there and back; each delays a consensus call that
 * comes next.
 */
export const MAX_READS_IN_FLIGHT = 16
/** The same for reads that search, of which each takes its time. */
export const MAX_SLOW_READS_IN_FLIGHT = 1

/**
 * Threads for calls, estimates and traces, unless the node is told otherwise (`callWorkers`); they start when they are
 * needed.
 */
export const DEFAULT_CALL_WORKERS = 1
/** Milliseconds a call may run, unless the node is told otherwise (`callTimeout`). As geth's --rpc.evmtimeout. */
export const DEFAULT_CALL_TIMEOUT = 5_000
/** Milliseconds that a call worker may take to start, on a machine that has much else to do. */
const CALL_WORKER_START = 10_000
/** Milliseconds a call may wait for a worker where each may run for `timeout`: one before it, one more, and a start. */
export const callWait = (timeout: number): number => 2 * timeout + CALL_WORKER_START
/** Calls of one group of clients waiting for a worker (web pages, all others); one more is refused as `busy`. */
export const MAX_WAITING_CALLS = 512
/** The same of one client, so that one cannot take all the places. */
export const MAX_WAITING_CALLS_PER_CLIENT = 256
/**
 * By how much a call worker is nicer than the node's other threads (setpriority(2)): it gets about a third of what they do.
 */
export const CALL_NICENESS = 5
/**
 * Megabytes of JavaScript heap of a call worker. A call's frames, journal and logs, bounded by its gas, take a fraction;
 * one that takes more ends its worker and not the node.
 */
export const CALL_WORKER_HEAP_MB = 512
/** Bytes of trie nodes a call worker keeps. A quarter of the chain's: it reads only what calls touch. */
export const CALL_NODE_CACHE_BYTES = 16 * 1024 * 1024
/**
 * Bytes, as a state estimates them, of a state that a call worker keeps open for its next call: some thousand accounts
 * and slots.
 */
export const CALL_STATE_BYTES = 16 * 1024 * 1024
/**
 * Characters that contracts may print in calls and have logged, all calls of a minute together, and how often. A
 * transaction prints at most 65 536; calls are free, and a page that asks for thousands would fill the disk.
 */
export const MAX_CALL_OUTPUT = 1_048_576
export const MAX_CALL_PRINTS = 4_096
/**
 * Bytes of memory, as estimated by programCache.ts, of the programs a call worker keeps compiled, and their number: a
 * quarter of the chain's. The code of a call may be anybody's (state overrides).
 */
export const CALL_PROGRAM_CACHE_BYTES = 96 * 1024 * 1024
export const CALL_PROGRAM_CACHE_ENTRIES = 512

/**
 * Most bytes of revert data kept with a receipt; longer data is kept cut. It is for people and debuggers and no part of
 * consensus, it is kept for ever, and a contract may revert with megabytes for little gas. A custom error of up to fifteen
 * words fits, and so does a reason of some 400 letters.
 */
export const MAX_KEPT_REVERT_DATA = 512

/**
 * Most bytes, in UTF-8, of the sentence kept with a receipt of a failed transaction. With the revert data a block of
 * nothing but failures leaves less than the 2 MiB that its transactions may take.
 */
export const MAX_KEPT_FAILURE_TEXT = 640

/** Writes of one batch while the flat tables are filled from a snapshot: about half a megabyte. */
export const SNAPSHOT_BATCH_OPERATIONS = 4_096

/**
 * Transactions left out of one block because they cannot be executed here, each found by executing the block on both
 * engines. One more, and the block is built without any transaction: the chain goes on, and the next block is tried anew.
 */
export const MAX_LEFT_OUT = 4

/** Characters of an exception's words that are kept and shown. */
export const MAX_FAULT_TEXT = 500

/**
 * Unusual function types that contracts in blocks, and in calls, may give V8 in the life of the process: it keeps all,
 * for all threads, and ends the process at 2 000 000, of which the usual ones can be 229 369
 * (vm/src/engine/compiled/hostTypes.ts). Calls are free, so they have a part of their own. All of them take V8 some 150 MB.
 */
export const MAX_CHAIN_HOST_TYPES = 500_000
export const MAX_CALL_HOST_TYPES = 100_000

/** Times the node may die while it executes a transaction before its blocks are executed on the reference engine at once. */
export const BY_REFERENCE_AT = 2
/** Times after which they are not executed any more. */
export const REFUSED_AT = 3

/**
 * Times the execution worker is started again after it ended by itself, before a block is committed. A transaction that
 * ends it takes two, and is executed with more care then.
 */
export const MAX_WORKER_RESTARTS = 6

/**
 * Transactions in which the compiled engine failed that are remembered, so that their next block begins with the
 * reference engine.
 */
export const MAX_REMEMBERED_FAULTS = 64

/**
 * Milliseconds of looking for where engines part in a block: a node that cannot go on stops that much later. A block full of
 * loops takes the reference engine some ten seconds, several times.
 */
export const EXPLAIN_TIMEOUT = 120_000
/** Milliseconds from one proposal that is looked into to the next: each may take a thread for as long as EXPLAIN_TIMEOUT. */
export const EXPLAIN_PAUSE = 600_000
/** Megabytes of JavaScript heap of the thread that looks. Its states are those of one block, its events are digests. */
export const EXPLAIN_HEAP_MB = 1_024
/** Bytes of trie nodes that it keeps. */
export const EXPLAIN_NODE_CACHE_BYTES = 16 * 1024 * 1024

/** Milliseconds that a worker which practises leaves to its work before each of the first times (worker/practise.ts). */
export const PRACTICE_PAUSE_MS = 20
/** Times that such a worker practises as soon as that; they spare a first call half of its time. */
export const PRACTICE_SOON = 4
/** Milliseconds that it leaves to its work before each later time. */
export const PRACTICE_LATER_PAUSE_MS = 400
