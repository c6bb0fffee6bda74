/** What the bench asks of the load program, which is a process of its own, and what that answers: messages between them. */

export type LoadTask =
  /** Each queue is a sender's signed transactions: one is sent when the one before was answered. */
  | { readonly kind: 'burst'; readonly url: string; readonly queues: readonly (readonly string[])[] }
  /** One after the other: send, then ask for the receipt until it is there. */
  | { readonly kind: 'receipts'; readonly url: string; readonly transactions: readonly string[] }
  /** The same request again and again, one at a time, with a pause after each. */
  | {
      readonly kind: 'repeat'
      readonly url: string
      readonly method: string
      readonly params: readonly unknown[]
      readonly times: number
      /** Milliseconds; 0 where it is not said. */
      readonly pause?: number
    }

export interface LoadResult {
  /** From the first request to the last answer; of a burst: to the last receipt. */
  readonly milliseconds: number
  /** Of each send, each send with its receipt, or each request. */
  readonly each: readonly number[]
  /**
   * What did not work: refusals, and receipts that did not come within {@link RECEIPT_TIMEOUT_MS}. Empty: everything did.
   */
  readonly failures: readonly string[]
}

/** A transaction that is in no block for so long is lost, or the chain stands. */
export const RECEIPT_TIMEOUT_MS = 60_000
/** Between two questions for a receipt. */
export const RECEIPT_POLL_MS = 1
