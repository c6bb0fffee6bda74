/**
 * The messages to and from a signature recovery worker. One job at a time, so no ids. Buffers are transferred, not copied.
 */

export interface RecoveryJob {
  /** Raw transactions, one after the other. */
  readonly raw: Uint8Array
  readonly lengths: readonly number[]
}

export interface RecoveryResult {
  /** For each transaction {@link SENDER_RECORD_LENGTH} bytes: 1 and the sender, or {@link NO_SENDER} throughout. */
  readonly senders: Uint8Array
}

export const SENDER_RECORD_LENGTH = 21
export const NO_SENDER = 0
