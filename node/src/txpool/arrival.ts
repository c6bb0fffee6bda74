/** How a transaction comes to a pool. */
import type { SentBefore } from './devTransactions.ts'
import type { PooledTransaction } from './pooledTransaction.ts'
import type { PeerSource, Source } from './senderRecovery.ts'
import type { TransactionOrigin } from './txPoolTypes.ts'

/** `reload`: accepted by an earlier run of this node. `again`: in the pool until the state went its own way. */
export type AddKind = TransactionOrigin | 'held' | 'reload' | 'again'

export interface Arrival {
  readonly kind: AddKind
  readonly source: Source
  /** As it was in the pool until now, of the kind `again`. */
  readonly before?: PooledTransaction
  /** Null and absent: it is taken for what is sent now. */
  readonly sentBefore?: SentBefore | null
}

/** A peer that did not say who it is. */
export const SOMEBODY: PeerSource = { peer: '', named: false }
