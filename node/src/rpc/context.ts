/** What a method may use. One for HTTP, one per WebSocket; they differ in `subscriptions` only. */
import type { Logger } from '../runtime/logger.ts'
import type { RpcBackend } from './backend.ts'
import type { Blocks } from './blocks.ts'
import type { Filters } from './filters.ts'
import type { RpcLimits } from './limits.ts'
import type { SendHold } from './sendHold.ts'
import type { SocketSubscriptions } from './subscriptions.ts'

export interface RpcContext {
  readonly backend: RpcBackend
  readonly limits: RpcLimits
  readonly logger: Logger
  readonly blocks: Blocks
  readonly filters: Filters
  readonly sendHold: SendHold
  /** Null over HTTP, where nobody could be notified. */
  readonly subscriptions: SocketSubscriptions | null
}
