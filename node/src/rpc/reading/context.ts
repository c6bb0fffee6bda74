/**
 * The services a method may use. One for each HTTP request, one for each WebSocket; they differ in caller and
 * `subscriptions`.
 */
import type { Logger } from '../../runtime/logging/logger.ts'
import type { RpcBackend } from '../backend.ts'
import { RpcError, TIMED_OUT } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import type { Caller } from '../origin.ts'
import type { Blocks } from './blocks.ts'
import type { Filters } from './filters.ts'
import type { SendHold } from './sendHold.ts'
import type { SocketSubscriptions } from './subscriptions.ts'

export interface RpcContext {
  readonly backend: RpcBackend
  readonly limits: RpcLimits
  readonly logger: Logger
  readonly blocks: Blocks
  readonly filters: Filters
  readonly sendHold: SendHold
  readonly caller: Caller
  /** Nobody gets the answer any more: the caller is gone, or was told that it took too long. */
  readonly isOver: () => boolean
  /** Of a batch, in which all sends together are held no longer than one would be: until then, monotonic milliseconds. */
  readonly heldUntil?: number
  /** Null over HTTP, where nobody could be notified. */
  readonly subscriptions: SocketSubscriptions | null
}

/**
 * Between two steps of what takes long: `what` came to `where`. @throws RpcError -32002 once nobody gets the answer any
 * more.
 */
export function stopIfOver({ isOver }: Pick<RpcContext, 'isOver'>, what: string, where: string): void {
  if (isOver()) throw new RpcError(TIMED_OUT, `${what} came to ${where} (requestTimeout)`)
}
