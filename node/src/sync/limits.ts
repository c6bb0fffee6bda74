/** Every bound of sync. */

export interface SyncLimits {
  /** Blocks asked for in one request, and blocks and bytes in one answer. */
  readonly rangeBlocks: number
  readonly rangeBytes: number
  /** Ranges fetched ahead of the one being applied. */
  readonly rangesAhead: number
  /** Milliseconds between two looks at a peer's status, one peer in turn. */
  readonly statusInterval: number
  /** Milliseconds without any peer that answers before the next attempt. */
  readonly retryDelay: number
  /** A peer that failed to answer is left alone for this long, milliseconds; each further time in a row twice as long. */
  readonly peerPause: number
  readonly peerPauseMax: number
  /**
   * Milliseconds after which a range that has not come is asked for elsewhere too: four times what the fastest peer
   * takes, within these bounds.
   */
  readonly hedgeMin: number
  readonly hedgeMax: number
  /** Peers asked for one range at a time. */
  readonly hedges: number
  /** A node that is one block behind waits this long first, milliseconds. */
  readonly grace: number
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
  hedgeMin: 1_000,
  hedgeMax: 10_000,
  hedges: 3,
  grace: 300,
  progressInterval: 5_000,
}

/** A peer may claim any height; nothing is allocated by it, and what it claims above this is not even shown. */
export const MAX_HEIGHT = 2n ** 63n - 1n

/** Trie nodes and codes of one request for state; a hash takes 33 bytes of the 64 KiB a request may have. */
export const STATE_ITEMS = 384
/** Bytes of one answer, in which one item of any size has room. */
export const STATE_BYTES = 2 * 1024 * 1024

/** Handovers of one answer: with 100 validators each takes about 15 kB. */
export const HANDOVERS_IN_ANSWER = 64
/** Handovers in all that a node goes through to begin. */
export const MAX_HANDOVERS = 65_536

export interface SnapshotLimits {
  /** Requests for state under way at one peer. The network answers no more of one peer at a time than 4. */
  readonly requestsPerPeer: number
  /** Bytes of state kept before they are written together. */
  readonly writeBytes: number
  /** Milliseconds to hear what peers have, once the first has said it, before a height is chosen. */
  readonly choosingTime: number
  /** Times that all peers are asked for a block without one that is proven. */
  readonly attempts: number
  /** Milliseconds before somebody is asked again when nobody could be. */
  readonly retryDelay: number
  /** Milliseconds after which a request is made of another peer too. */
  readonly patience: number
  /** Milliseconds without anybody to ask after which another height is chosen. */
  readonly giveUpAfter: number
  /** Times a peer may fail to give what it was asked for, in a row, before it is not asked any more for this snapshot. */
  readonly failures: number
  /** Milliseconds between two progress lines in the log. */
  readonly progressInterval: number
}

export const DEFAULT_SNAPSHOT_LIMITS: SnapshotLimits = {
  requestsPerPeer: 2,
  writeBytes: 1024 * 1024,
  choosingTime: 1_000,
  attempts: 5,
  retryDelay: 500,
  patience: 2_000,
  giveUpAfter: 10_000,
  failures: 5,
  progressInterval: 5_000,
}
