/** The request to a call worker: a query of the lane `call` (chain/chainQueries.ts). */
import type { QueryArguments } from '../../chainQueries.ts'
import type { Head } from '../../chainService.ts'
import type { CallName } from '../../queryLanes.ts'

export interface CallRequest<Q extends CallName = CallName> {
  readonly method: Q
  /** The newest block when the call came: a newer one does not exist for it. */
  readonly head: Head
  readonly args: QueryArguments<Q>
}
