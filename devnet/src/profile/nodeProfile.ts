/** The answer of the node's `profileTracer` (docs/protocol/rpc.md, "Traces"). 10 000 ink are a gas. */
import type { Hex } from 'viem'
import { CliError } from '../output/errors.ts'

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

/** An answer whose graph can be walked: lists, and callers before what they call. @throws CliError for another one. */
export function profileOf(answer: unknown): NodeProfile {
  const { nodes, contracts } = (answer ?? {}) as Partial<NodeProfile>
  const isWhole =
    Array.isArray(contracts) &&
    Array.isArray(nodes) &&
    nodes.every((node, i) => Number.isInteger(node?.parent) && node.parent >= -1 && node.parent < i)
  if (!isWhole) throw new CliError('the node gave no profile: is it of another version, or no node of Touchstone?')
  return answer as NodeProfile
}
