/**
 * The values that the instructions of a body may make a compiler keep in its frame (docs/protocol/vm.md, "The stack").
 * One pass over the code that can be reached.
 */
import { type FunctionBody, WORDS } from '../binary/module.ts'
import { INSTRUCTIONS, PREFIXED_BASE } from '../binary/opcodes.ts'
import type { FunctionFacts } from '../validate/validateFunction.ts'

export interface BodyValues {
  /** Values that the instructions make, by {@link VALUES}; those inside a loop count {@link LOOP_COPIES} times. */
  readonly values: number
  /** Instructions local.set and local.tee. */
  readonly sets: number
  /** Bytes of the instructions, each in its shortest encoding, immediates past the first byte of them left out. */
  readonly bytes: number
}

/** Values of a call past its results: what becomes of counters and of the target's address. */
const CALL_VALUES = 2
const INDIRECT_CALL_VALUES = 6

/** Copies of a loop's body that a compiler lays out one after another, with values of their own. */
const LOOP_COPIES = 4

function valuesOf(op: number): number {
  const info = INSTRUCTIONS[op]
  if (info === undefined) return 0
  switch (info.cost) {
    case 'structure':
      // A loop: counters of turns that are paid ahead, and what is kept from turn to turn.
      return op === 0x03 /* loop */ ? 4 : 0
    case 'leave':
    case 'constant':
    case 'drop':
    case 'localGet':
    case 'localSet':
      return 0
    case 'branch':
      return 1
    case 'branchTable':
      return 2
    case 'call':
      return CALL_VALUES
    case 'callIndirect':
      return INDIRECT_CALL_VALUES
    case 'load32':
    case 'load64':
    case 'divide32':
    case 'divide64':
    case 'popcount32':
    case 'popcount64':
      return 2
    case 'memoryGrow':
    case 'bulkMemory':
    case 'segment':
    case 'tableAccess':
    case 'tableGrow':
    case 'bulkTable':
      return 4
    default:
      return 1
  }
}

/** Per op. Of `else` and `end` nothing comes. */
const VALUES = Uint8Array.from({ length: 256 }, (_, op) => valuesOf(op))

const LEAST_BYTES = Uint8Array.from({ length: 256 }, (_, op) => {
  const info = INSTRUCTIONS[op]
  if (info === undefined) return 0
  return (op >= PREFIXED_BASE ? 2 : 1) + (info.immediates === 'none' ? 0 : 1)
})

export function bodyValues({ code }: FunctionBody, { heights, hasDeadCode }: FunctionFacts): BodyValues {
  const { words, count } = code
  let values = 0
  let sets = 0
  let bytes = 0
  /** Position of the `end` of the outermost loop that is open. */
  let loopEnd = -1
  for (let i = 0; i < count; i++) {
    if (hasDeadCode && heights[i]! < 0) continue
    const op = words[i * WORDS]!
    if (op === 0x21 /* local.set */ || op === 0x22 /* local.tee */) sets++
    else if (op === 0x03 /* loop */ && i > loopEnd) loopEnd = words[i * WORDS + 3]!
    const made = VALUES[op]!
    values += i < loopEnd ? made * LOOP_COPIES : made
    bytes += LEAST_BYTES[op]!
  }
  return { values, sets, bytes }
}
