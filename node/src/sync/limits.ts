/** Every bound of sync. */

export interface SyncLimits {
  /** Blocks asked for in one request, and blocks and bytes in one answer. */
  readonly rangeBlocks: number
  readonly rangeBytes: number
  /** Ranges fetched ahead of the one being applied. */
  readonly rangesAhead: number
  /** Milliseconds after which all peers are asked for their status again. */
  readonly statusInterval: number
  /** Milliseconds without any peer that answers before the next attempt. */
  readonly retryDelay: number
  /** A peer that failed to answer is left alone for this long, milliseconds; each further time in a row twice as long. */
  readonly peerPause: number
  readonly peerPauseMax: number
  /**
   * Milliseconds after which a range that has not come is asked for elsewhere too: four times what the fastest peer
   * takes, within these bounds; so long, while it is not known what peers take.
   */
  readonly hedgeMin: number
  readonly hedgeMax: number
  readonly hedgeFirst: number
  /** The same while no peer is known that has given good blocks, or is named. */
  readonly hedgeUnknown: number
  /** Peers asked for all of one range; further ones are asked for its first block. */
  readonly hedges: number
  /** Peers asked at once for the range that is needed next, when peers let this node wait again and again. */
  readonly widthMax: number
  /** Ranges without such a wait until half as many are asked. */
  readonly widthFades: number
  /**
   * Ranges between two that a peer is tried with which was not tried yet; twice as many each time that one fails, at most.
   */
  readonly trialPauseMax: number
  /** A node that is one block behind waits this long first, milliseconds. */
  readonly grace: number
  /** Milliseconds without a block after which a node does not say any more that it is catching up. */
  readonly stalledAfter: number
  /** Milliseconds between two progress lines in the log. */
  readonly progressInterval: number
}

export const DEFAULT_SYNC_LIMITS: SyncLimits = {
  rangeBlocks: 64,
  rangeBytes: 4 * 1024 * 1024,
  rangesAhead: 3,
  statusInterval: 5_000,
  retryDelay: 500,
  peerPause: 1_000,
  peerPauseMax: 60_000,
  hedgeMin: 150,
  hedgeMax: 10_000,
  hedgeFirst: 1_000,
  hedgeUnknown: 150,
  hedges: 3,
  widthMax: 32,
  widthFades: 16,
  trialPauseMax: 64,
  grace: 300,
  stalledAfter: 30_000,
  progressInterval: 5_000,
}

/** Bytes of a status, which has 60 at most; and how long one is waited for, milliseconds. */
export const STATUS_BYTES = 128
export const STATUS_PATIENCE = 2_000

/** Bytes of an answer of blocks: `rangeBytes`, or one block of any size, with what encodes them. */
export const RANGE_ANSWER_BYTES = 5 * 1024 * 1024

/** A peer may claim any height; nothing is allocated by it, and what it claims above this is not even shown. */
export const MAX_HEIGHT = 2n ** 63n - 1n

/**
 * Nodes and codes that a download remembers to have met, some 100 bytes each; beyond it begins anew, and looks at some
 * again.
 */
export const MAX_MET_ITEMS = 1_048_576

/** Trie nodes and codes of one request for state; a hash takes 33 bytes of the 64 KiB a request may have. */
export const STATE_ITEMS = 384
/** The same of a peer that has given nothing yet. */
export const STATE_TRIAL_ITEMS = 32
/** Bytes of one answer, in which one item of any size has room. */
export const STATE_BYTES = 2 * 1024 * 1024
/** The same with what encodes the items. */
export const STATE_ANSWER_BYTES = STATE_BYTES + 16 * 1024

/**
 * Handovers of one answer, few enough that a hundred peers may be asked at a time: with 100 validators each takes about
 * 15 kB.
 */
export const HANDOVERS_IN_ANSWER = 16
export const HANDOVER_ANSWER_BYTES = 512 * 1024
/** Handovers in all that a node goes through to begin. */
export const MAX_HANDOVERS = 65_536

/** Peers remembered, while a snapshot is fetched, for having kept to themselves what they said they had. */
export const MAX_WITHHOLDERS = 1_024

export interface SnapshotLimits {
  /** Requests for state under way at one peer. The network answers no more of one peer at a time than 4. */
  readonly requestsPerPeer: number
  /** Bytes of state kept before they are written together. */
  readonly writeBytes: number
  /** Milliseconds to hear what peers have, once the first has said it, before a height is chosen. */
  readonly choosingTime: number
  /** Milliseconds after which all peers are asked for their status again. */
  readonly statusInterval: number
  /** Peers asked at once, at first, to prove a block or to give state. */
  readonly provers: number
  /** Milliseconds after which as many more are asked as have been (hedge.ts). */
  readonly hedge: number
  /** Milliseconds for peers to prove a block; and for others to prove a better one, once one is proven. */
  readonly provingTime: number
  readonly betterTime: number
  /** Times that no block is proven, or nearly nothing of its state comes, before the node begins with the genesis. */
  readonly attempts: number
  /** Milliseconds in which a peer that is named must be heard before that. */
  readonly namedTime: number
  /** Milliseconds before somebody is asked again when nobody could be. */
  readonly retryDelay: number
  /**
   * Milliseconds after which a request for state is made of another peer too: four times what the fastest peer takes,
   * between `hedge` and this.
   */
  readonly patience: number
  /** Milliseconds for the first item of a state to come, and then between two, after which another height is chosen. */
  readonly firstItemTime: number
  readonly giveUpAfter: number
  /** Milliseconds in which at least as many items must come as one request may ask for. */
  readonly slowestRequest: number
  /**
   * A peer that failed to give what it was asked for is left alone for this long, milliseconds; each further time in a
   * row twice as long.
   */
  readonly peerPause: number
  readonly peerPauseMax: number
  /** Milliseconds between two progress lines in the log. */
  readonly progressInterval: number
}

export const DEFAULT_SNAPSHOT_LIMITS: SnapshotLimits = {
  requestsPerPeer: 2,
  writeBytes: 1024 * 1024,
  choosingTime: 1_000,
  statusInterval: 1_000,
  provers: 3,
  hedge: 150,
  provingTime: 5_000,
  betterTime: 500,
  attempts: 5,
  namedTime: 30_000,
  retryDelay: 500,
  patience: 5_000,
  firstItemTime: 5_000,
  giveUpAfter: 10_000,
  slowestRequest: 60_000,
  peerPause: 1_000,
  peerPauseMax: 30_000,
  progressInterval: 5_000,
}
