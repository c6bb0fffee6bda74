/** Every way a frame can trap: one closed union. To consensus all traps are one result; the details are for people. */

import { TRAP_FRAMES } from '../limits.ts'

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

/** The words of the WebAssembly specification's test suite, where it has them. */
const TRAP_WORDS: Readonly<Record<TrapCode, string>> = {
  unreachable: 'unreachable executed',
  'integer-divide-by-zero': 'integer divide by zero',
  'integer-overflow': 'integer overflow',
  'out-of-bounds-memory': 'out of bounds memory access',
  'out-of-bounds-table': 'out of bounds table access',
  'undefined-element': 'undefined element: call_indirect past the end of the table',
  'uninitialized-element': 'uninitialized element: call_indirect of a null entry',
  'indirect-call-type-mismatch': 'indirect call type mismatch',
  'stack-exhausted': 'call stack exhausted',
  'out-of-gas': 'out of gas',
  float: 'floating-point instruction executed, which this VM refuses to compute',
  host: 'the host refused the call',
}

/** Thrown inside an engine to unwind to `invoke`, collecting the Wasm call stack on the way. */
export class WasmTrap extends Error {
  override readonly name = 'WasmTrap'
  readonly code: TrapCode
  /** Words of the host function that refused, else null. */
  readonly detail: string | null
  readonly frames: TrapFrame[] = []

  constructor(code: TrapCode, detail: string | null = null) {
    super(code)
    this.code = code
    this.detail = detail
  }

  /** Adds the next outer frame, unless there are enough already. */
  addFrame(frame: TrapFrame): void {
    if (this.frames.length < TRAP_FRAMES) this.frames.push(frame)
  }

  toTrap(): Trap {
    return { code: this.code, message: trapMessage(this), frames: this.frames }
  }
}

function trapMessage({ code, detail, frames }: WasmTrap): string {
  const words = detail === null ? TRAP_WORDS[code] : `${TRAP_WORDS[code]}: ${detail}`
  const [inner] = frames
  if (inner === undefined) return words
  const name = inner.functionName === null ? '' : ` "${inner.functionName}"`
  const offset = inner.offset === null ? '' : ` at byte 0x${inner.offset.toString(16)}`
  return `${words}, in function ${inner.functionIndex}${name}${offset}`
}
