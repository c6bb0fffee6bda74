import type { QueryAnswer } from '../../chainQueries.ts'
import type { CallClient } from '../../chainService.ts'
import type { CallName } from '../../queryLanes.ts'
import type { CallRequest } from './callRequest.ts'

/** Runs calls somewhere that consensus does not wait for. */
export interface CallRunner {
  /**
   * @throws ChainError `busy` when too many wait, `call-aborted` at the deadline or when the worker fails, and what the
   * method throws.
   */
  run<Q extends CallName>(request: CallRequest<Q>, client: CallClient): Promise<QueryAnswer<Q>>
  /** Ends the workers; calls that wait or run are rejected. Idempotent. */
  close(): Promise<void>
}
