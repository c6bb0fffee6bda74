/** The consensus seam: three calls, the shape of ABCI 2.0, so that another engine can drive the same node. */
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import type { TransactionEnvelope } from '../types/transaction.ts'

/** Transactions that wait for a block on this node: most of those of a proposal are among them. */
export interface TransactionSource {
  transaction(hash: Uint8Array): TransactionEnvelope | undefined
  /** Called with each that comes. Returns the way to stop listening. */
  onTransaction(listener: (transaction: TransactionEnvelope) => void): () => void
  /** Milliseconds, monotonic: when it came; undefined for one that is not there. */
  arrivedAt(hash: Uint8Array): number | undefined
}

export interface Application {
  /** Builds a block on the finalised block of `height - 1`. Called at most once per height and round, before signing. */
  propose(height: bigint, round: number): Promise<Block>
  /**
   * Executes the block on its parent and compares every root. Pure in block and parent state, but for the clock drift
   * of the timestamp.
   */
  validate(block: Block): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>
  /**
   * Atomic and idempotent. `signed`: resolves when the signatures in the certificate are on this node's disk, which they
   * need not be before the block is; nobody is told of the block before, nor given it, and it rejects when that does.
   */
  finalize(block: Block, certificate: Certificate, signed?: Promise<void>): Promise<void>
  /** True when a block would carry transactions now, or the empty blocks before one that does are to be made. */
  hasWork(): boolean
  /**
   * Seconds that the times of blocks are ahead of the clocks at the next height; null where the state says that block's
   * time. Absent: they follow the clocks.
   */
  timeAhead?(): bigint | null
  /** Called when `hasWork` may have become true. */
  onWork(listener: () => void): () => void
  /** Absent where blocks have no transactions that go from node to node by themselves. */
  readonly transactions?: TransactionSource
}
