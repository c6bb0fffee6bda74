/** The transaction being executed now, kept where the end of the thread or the process cannot reach it. */

export interface ExecutionMark {
  /** Before a transaction runs; takes the place of the one before. */
  begin(hash: Uint8Array, block: bigint): void
  /** Nothing runs any more. */
  end(): void
}

export const NO_MARK: ExecutionMark = { begin() {}, end() {} }
