/** The parts of a transaction pool, and its operations. */
import type { ChainService } from '../chain/chainService.ts'
import type { DevSettings } from '../execution/dev/devStorage.ts'
import type { Clock } from '../runtime/clock.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import type { SignatureRecoverer } from '../runtime/recovery/signatureRecovery.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import type { TxPoolLimits } from './limits.ts'
import type { PeerSource } from './senderRecovery.ts'
import type { AddOutcome, TxPoolErrorCode, TxPoolView } from './txpoolView.ts'

export type TransactionOrigin = 'local' | 'peer'

export interface TxPoolOptions {
  readonly chain: ChainService
  readonly recoverer: SignatureRecoverer
  readonly clock: Clock
  readonly logger: Logger
  readonly limits?: Partial<TxPoolLimits>
  /** A store of the pool's own: with it, what was acknowledged survives the process being killed. Closed by its owner. */
  readonly store?: KeyValueStore
  /** The store fails: acknowledged transactions are not safe any more, and the node must stop. */
  readonly onFatal?: (error: unknown) => void
  /** Of a chain in dev mode, after its newest block; those after later blocks come with these. */
  readonly devSettings?: DevSettings | null
  /** Why this node does not take a transaction that it could not execute; null for all others. */
  readonly setAside?: (hash: Uint8Array) => string | null
  /** Told of each transaction that was not taken, for figures. */
  readonly onRefused?: (origin: TransactionOrigin, reason: TxPoolErrorCode) => void
}

export interface AddingFrom {
  /** If nearly all of the first ones cannot be paid for, the pool does not look at the rest. Default: it does. */
  readonly probed?: boolean
  /**
   * Hash of the newest dev transaction in a block that their sender had seen; null: none. If another one has changed the
   * state since, what is in a block already is not taken for something sent anew. Default: nobody says, and all is taken.
   */
  readonly seen?: Uint8Array | null
}

export interface TxPool extends TxPoolView {
  /** Resolves when what an earlier run left in the store was taken up again. */
  readonly ready: Promise<void>
  /** Several at once: one trip to the workers. Outcomes in the order of `raws`. */
  addMany(raws: readonly Uint8Array[], origin: TransactionOrigin | 'held'): Promise<readonly AddOutcome[]>
  /**
   * Adds the transactions of one peer, in its turn among the peers. The pool decodes all of them before it takes any:
   * if one is wrong in every state of the chain, its refusal is the only outcome.
   */
  addFrom(source: PeerSource, raws: readonly Uint8Array[], how?: AddingFrom): Promise<readonly AddOutcome[]>
  /** In the pool, or set aside: nothing to fetch from others. */
  has(hash: Uint8Array): boolean
  /** When a transaction of the pool came, milliseconds of the monotonic clock. */
  arrivedAt(hash: Uint8Array): number | undefined
  /** Called for each transaction that enters the pool, executable or not. */
  onAccepted(listener: (transaction: SenderTransaction, origin: TransactionOrigin) => void): () => void
  /** Of what `select` gives, the dev transactions only: for a block that is not to have others. */
  selectDev(gasLimit: bigint): readonly SenderTransaction[]
  /** Raw bytes of the newest dev transaction in a block that is at most `DEV_MARK_BYTES` long; null where there was none. */
  devMark(): Uint8Array | null
  /** {@link AddingFrom.seen} for a peer that fetches from this pool. Zeros where this node cannot know. */
  devSeen(): Uint8Array | null
  /** How many of the pending are dev transactions. */
  waitingDev(): number
  /** Whether one of the others can be in the next block, or in a later one after empty blocks that its fee cap waits for. */
  mayRun(): boolean
  /** Every transaction, oldest first. */
  transactions(): Iterable<SenderTransaction>
  /** Takes out what building a block found can never run. Unknown hashes are skipped. */
  drop(rejected: readonly { readonly hash: Uint8Array; readonly message: string }[]): void
  /**
   * Takes out what this node cannot execute. On disk it stays, since it may have been acknowledged: it is taken up
   * again by a start after it was released.
   */
  setAside(hash: Uint8Array): void
  /** Resolves when all that waited when a dev transaction changed the state is judged anew; until then it is not there. */
  settled(): Promise<void>
  /** Stops listening to the chain and waits for the store. */
  close(): Promise<void>
}
