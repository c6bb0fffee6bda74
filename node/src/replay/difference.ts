/** The first thing that came out otherwise than the export has it. */

import type { FieldDifference } from '../divergence/compareReceipts.ts'
import type { EngineName } from '../execution/executionConfig.ts'

/** `expected` is what the export says, `got` what this machine made of it. */
export interface Difference extends FieldDifference {
  readonly block: bigint
  /** Null when it is the block's as a whole. */
  readonly transaction: { readonly index: number; readonly hash: string } | null
  /** Which engine got it; null where none was asked. */
  readonly engine: EngineName | null
}
