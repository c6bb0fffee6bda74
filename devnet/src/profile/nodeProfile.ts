/** The answer of the node's `profileTracer` (docs/protocol/rpc.md, "Traces"). 10 000 ink are a gas. */
import type { Hex } from 'viem'

export const INK_PER_GAS = 10_000

export interface NodeProfile {
  readonly gasUsed: Hex
  /** That of all nodes together: what was used, and the refund. */
  readonly gasSpent: Hex
  readonly refund: Hex
  /** Whether some functions have no node, whose gas their callers have. */
  readonly isCut: boolean
  /** Callers before what they call. */
  readonly nodes: readonly ProfileNode[]
  readonly contracts: readonly ProfiledContract[]
}

export type ProfileNode = {
  /** Place of the caller; -1 for the transaction itself. */
  readonly parent: number
  readonly calls: number
  /** Of its own. */
  readonly ink: number
} & (
  | { readonly kind: 'frame'; readonly type: string; readonly to: Hex }
  | {
      readonly kind: 'function'
      readonly contract: number
      readonly functionIndex: number
      /** Byte offset of the caller's instruction that calls it; nodes of earlier versions do not tell. */
      readonly at?: number | null
    }
  | { readonly kind: 'host'; readonly name: string }
  | { readonly kind: 'fixed'; readonly name: string }
  | { readonly kind: 'burnt' }
)

export interface ProfiledContract {
  readonly moduleHash: Hex
  readonly addresses: readonly Hex[]
  readonly functions: readonly { readonly index: number; readonly name: string | null }[]
  readonly places: readonly (readonly [functionIndex: number, offset: number, count: number, ink: number])[]
  readonly choices: readonly (readonly [functionIndex: number, offset: number, ways: readonly number[]])[]
}
