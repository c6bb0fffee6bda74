/** The outside view of a validated module: enough for linking, ABI checks and people. */
import type { FunctionType, ValueType } from './types.ts'

/**
 * The start of a function counts as so many control points (docs/protocol/vm.md, "Limits"): every local is read, validated
 * and given a place and a first value there, whatever the function does.
 */
export const START_POINTS = 4

export type ExternalType =
  | { readonly kind: 'function'; readonly type: FunctionType }
  | { readonly kind: 'table'; readonly min: number; readonly max: number | null }
  /** Sizes in pages of 65 536 bytes. */
  | { readonly kind: 'memory'; readonly min: number; readonly max: number | null }
  | { readonly kind: 'global'; readonly type: ValueType; readonly mutable: boolean }

export interface ImportSummary {
  readonly module: string
  readonly name: string
  readonly external: ExternalType
}

export interface ExportSummary {
  readonly name: string
  readonly external: ExternalType
}

export interface ModuleSummary {
  readonly imports: readonly ImportSummary[]
  readonly exports: readonly ExportSummary[]
  /** Memory 0, imported or not; null when there is none. */
  readonly memory: { readonly min: number; readonly max: number | null; readonly imported: boolean } | null
  readonly hasStart: boolean
  /** Functions defined in the module (imports not counted). */
  readonly functionCount: number
  /** Elements that the module's own tables start with. */
  readonly tableElements: number
  /** Elements of its element segments. */
  readonly segmentElements: number
  /** Locals that its functions declare, all together: a few bytes of a module declare thousands. */
  readonly declaredLocals: number
  /** Loops of its functions, all together. */
  readonly loops: number
  /**
   * Values that a compiler may have to keep places of, summed over all functions. A function adds its parameters and locals
   * {@link START_POINTS} times, and at each control point the values that the limit `controlValues` counts there.
   */
  readonly controlValues: number
  /** Types, globals, segments, and constant expressions: what a few bytes each declare outside of functions. */
  readonly declarations: number
  readonly byteLength: number
  readonly customSections: readonly { readonly name: string; readonly byteLength: number }[]
}
