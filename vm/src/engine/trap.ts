/** Every way a frame can trap: one closed union. To consensus all traps are one result; the details are for people. */

export type TrapCode =
  | 'unreachable'
  | 'integer-divide-by-zero'
  | 'integer-overflow'
  | 'out-of-bounds-memory'
  | 'out-of-bounds-table'
  | 'undefined-element'
  | 'uninitialized-element'
  | 'indirect-call-type-mismatch'
  | 'stack-exhausted'
  | 'out-of-gas'
  | 'float'
  /** A host function refused what the contract asked (a bad pointer is `out-of-bounds-memory`). */
  | 'host'

/** One entry of the Wasm call stack, innermost first. */
export interface TrapFrame {
  readonly functionIndex: number
  /** From the name section, else an export or import name, else null. */
  readonly functionName: string | null
  /** Byte offset of the instruction in the module; null for a host function. */
  readonly offset: number | null
}

export interface Trap {
  readonly code: TrapCode
  /** A sentence: what happened, in which function, at which offset. */
  readonly message: string
  /** Bounded by limits.ts; the outermost frames are left out first. */
  readonly frames: readonly TrapFrame[]
}
