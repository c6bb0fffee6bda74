/** A block of which this node made something else than its header says, with what it takes to find out why. */
import type { FieldDifference } from '../divergence/compareReceipts.ts'
import type { DivergenceRecord } from '../divergence/record.ts'
import type { Block } from '../types/block.ts'

export interface Diverged {
  readonly kind: DivergenceRecord['kind']
  readonly block: Block
  /** Of its transactions, 20 bytes each. */
  readonly senders: readonly Uint8Array[]
  /** State root of its parent, which is this node's head. */
  readonly parentRoot: Uint8Array
  /** The engine that blocks are executed with here. */
  readonly engine: DivergenceRecord['engine']
  readonly reason: string
  /** Fields of the header that execution gave otherwise. */
  readonly unequal: readonly FieldDifference[]
}
