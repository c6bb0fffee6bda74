/** Every duration and bound of the consensus shell. Protocol bounds are beside what they bound. */
import type { Step } from './core/vote.ts'

/** A timeout of a round is `base + round * growth`, milliseconds: linear, so a long stall is recovered from quickly. */
export interface StepTimeout {
  readonly base: number
  readonly growth: number
}

export type Timeouts = Readonly<Record<Step, StepTimeout>>

/**
 * For a devnet on one machine. `propose` covers building, gossip and executing the block; the other two only wait for
 * stragglers once a quorum has voted. Growth makes room for any network that is merely slower than this.
 */
export const DEVNET_TIMEOUTS: Timeouts = {
  propose: { base: 1_000, growth: 500 },
  prevote: { base: 200, growth: 200 },
  precommit: { base: 200, growth: 200 },
}

/**
 * Milliseconds past the propose timeout that a node waits for a block it is building or executing. Several times what a
 * block full of the slowest instructions takes on the reference engine, after a first attempt on the other.
 */
export const MAX_EXECUTION_WAIT = 300_000

/**
 * Milliseconds from the first work to the proposal, so that transactions sent together share a block; none after a block of
 * one transaction.
 */
export const BATCH_DELAY = 5

/** Milliseconds from a round's start to the first repetition of its votes; doubled each time up to the maximum. */
export const REBROADCAST_FIRST = 500
export const REBROADCAST_MAX = 4_000
/**
 * Milliseconds from a new peer to a repetition, when its streams are open; repetitions for peers are as far apart at least.
 */
export const REBROADCAST_TO_PEER = 200

/** The same is answered at most this often: votes or a proposal to one peer, a certificate to all, milliseconds. */
export const ANSWER_INTERVAL = 400
/** Heights whose last answer to all is remembered: what bounds answers in an interval. */
export const ANSWERS_PER_INTERVAL = 4
/** The same for answers to one peer, of all peers. */
export const ANSWERS_TO_PEERS_PER_INTERVAL = 128
/**
 * Bytes a millisecond at which a proposal is taken to be on its way to who asked for it: it is not given to the same
 * peer again before. A link may be slower than that; then it is left out while the link still holds an earlier one.
 */
export const ANSWER_RATE = 512

/**
 * A node that sees others ahead waits this long for the commit to arrive by itself before it asks for sync, milliseconds.
 */
export const BEHIND_GRACE = 300

/** While sync fetches blocks, heights are not started; a pause without a commit ends after this long, milliseconds. */
export const SYNC_PAUSE = 2_000

/** Seconds a new proposal's timestamp may be ahead of this node's clock. */
export const MAX_CLOCK_DRIFT = 10n

/**
 * Milliseconds that a validator without a record, which has to vote as the others have no quorum, first leaves to sync: so
 * that it does not vote on heights that the others are past.
 */
export const EMPTY_RECORD_WAIT = 10_000

/** Messages waiting to be handled; more are ignored and come again by rebroadcast. */
export const MAX_QUEUED_MESSAGES = 1_024

/** Messages of the next height kept until this one is committed: in all, of one peer, and bytes in all. */
export const MAX_NEXT_HEIGHT_MESSAGES = 256
export const MAX_NEXT_HEIGHT_MESSAGES_PER_PEER = 64
export const MAX_NEXT_HEIGHT_BYTES = 32 * 1024 * 1024

/** Votes of one height remembered that came in messages which are not passed on; the oldest are forgotten. */
export const MAX_TAKEN_VOTES = 4_096

/** Blocks of one height kept in memory, besides those that may still be decided. */
export const MAX_BLOCKS_PER_HEIGHT = 16

/**
 * A proposal carries the transactions of its block if they have at most so many bytes together; otherwise those that
 * others may lack yet, of at most so many bytes each and together.
 */
export const INLINE_ALL_BYTES = 16 * 1024
export const INLINE_TRANSACTION_BYTES = 8 * 1024
export const INLINE_BYTES = 128 * 1024
/** Milliseconds after which a transaction of this node is taken to have reached the others. */
export const SPREAD_TIME = 1_000

/** Blocks of one height that wait for their transactions. */
export const MAX_ASSEMBLIES = 8
/** Different proposals of one round whose signatures are checked; and for a block that f + 1 have voted for. */
export const MAX_STATEMENTS_PER_ROUND = 4
export const MAX_STATEMENTS_WITH_SUPPORT = 16
/** Lists of transactions that turned out to be no block's, remembered for a height. */
export const MAX_BAD_LISTS = 64
/** So many bytes of missing transactions are asked for at once; more are most likely on their way. */
export const FETCH_AT_ONCE_BYTES = 64 * 1024
/**
 * Bytes a millisecond at which missing transactions are taken to come by themselves, and the longest wait for any of them.
 */
export const FETCH_RATE = 1_024
export const MAX_FETCH_WAIT = 1_000
/** The node waits again for missing transactions when at least one in so many of their bytes came meanwhile. */
export const FETCH_PROGRESS = 4
/** Transactions asked for in one request, and bytes of an answer (one transaction at least). */
export const MAX_PARTS_PER_REQUEST = 1_024
export const MAX_PARTS_BYTES = 512 * 1024
/**
 * Peers asked at a time for one block, and milliseconds until a slow one is late and does not count among them; as much
 * longer for each time it failed, and for each other that is late.
 */
export const PARTS_ASKED_AT_A_TIME = 2
export const PART_HEDGE = 1_000
/** Milliseconds until a peer that brought nothing is asked again: doubled each time, at most. */
export const PART_RETRY_MIN = 250
export const PART_RETRY_MAX = 4_000

/**
 * After this many messages with bad signatures or encodings a peer is heard at a bounded rate for the rest of the window.
 */
export const MAX_FAULTS_PER_PEER = 16
/** Milliseconds. */
export const FAULT_WINDOW = 10_000
/** Messages of such a peer that are decoded: a second, over time, and at once. A validator votes some ten times a second. */
export const FAULTY_PEER_MESSAGES_PER_SECOND = 20
export const FAULTY_PEER_MESSAGES_BURST = 20
/** Peers whose faults are counted. */
export const MAX_FAULTY_PEERS = 1_024

/** Milliseconds from a new peer to showing it the evidence there is, and from one such time to the next. */
export const EVIDENCE_DELAY = 2_000
export const EVIDENCE_INTERVAL = 30_000

/** Certificates of recent heights kept in memory, to answer those behind and to notice a second one. */
export const RECENT_CERTIFICATES = 64

export function timeoutOf(timeouts: Timeouts, step: Step, round: number): number {
  return timeouts[step].base + round * timeouts[step].growth
}
