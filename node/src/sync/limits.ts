/** Every bound of block sync. */

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
  /** A peer that failed to answer is left alone for this long, milliseconds. */
  readonly peerPause: number
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
  peerPause: 5_000,
  grace: 300,
  progressInterval: 5_000,
}

/** A peer may claim any height; nothing is allocated by it, and what it claims above this is not even shown. */
export const MAX_HEIGHT = 2n ** 63n - 1n
