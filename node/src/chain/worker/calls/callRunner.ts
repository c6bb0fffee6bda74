import type { CallClient } from '../../chainService.ts'
import type { CallMethod, CallRequest, CallResult } from './callMethods.ts'

/** Runs calls somewhere that consensus does not wait for. */
export interface CallRunner {
  /**
   * @throws ChainError `busy` when too many wait, `call-aborted` at the deadline or when the worker fails, and what the
   * method throws.
   */
  run<M extends CallMethod>(request: CallRequest<M>, client: CallClient): Promise<CallResult<M>>
  /** Ends the workers; calls that wait or run are rejected. Idempotent. */
  close(): Promise<void>
}
