/**
 * Why a module is refused: one closed union. The author of the module is to blame, so every error says what is wrong,
 * where, what is allowed and what to do.
 */
import type { RefusedFeature } from './binary/opcodes.ts'
import { LIMIT_WORDS, type ModuleLimit } from './limits.ts'

/** The bytes do not follow the binary format. */
export type MalformedCode =
  | 'malformed:magic'
  | 'malformed:version'
  | 'malformed:unexpected-end'
  | 'malformed:integer'
  | 'malformed:utf8'
  | 'malformed:section-order'
  | 'malformed:section-size'
  | 'malformed:section-id'
  | 'malformed:type'
  | 'malformed:limits'
  | 'malformed:mutability'
  | 'malformed:import-kind'
  | 'malformed:export-kind'
  | 'malformed:segment-kind'
  | 'malformed:reference-type'
  | 'malformed:memory-argument'
  | 'malformed:opcode'
  | 'malformed:block'
  | 'malformed:local-count'
  | 'malformed:function-count'
  | 'malformed:body-size'
  | 'malformed:data-count'

/** The bytes decode, but the module breaks a rule of validation. */
export type InvalidCode =
  | 'invalid:unknown-type'
  | 'invalid:unknown-function'
  | 'invalid:unknown-table'
  | 'invalid:unknown-memory'
  | 'invalid:unknown-global'
  | 'invalid:unknown-local'
  | 'invalid:unknown-label'
  | 'invalid:unknown-segment'
  | 'invalid:type-mismatch'
  | 'invalid:stack-underflow'
  | 'invalid:stack-overflow'
  | 'invalid:else-missing'
  | 'invalid:branch-arity'
  | 'invalid:select-type'
  | 'invalid:alignment'
  | 'invalid:immutable-global'
  | 'invalid:undeclared-function'
  | 'invalid:constant-expression'
  | 'invalid:memory-limits'
  | 'invalid:table-limits'
  | 'invalid:duplicate-export'
  | 'invalid:start-function'

export type ValidationCode = MalformedCode | InvalidCode | `refused:${RefusedFeature}` | `limit:${ModuleLimit}`

/** Where in the module; all null for the module as a whole. */
export interface ModulePosition {
  /** Index in the function index space, imports first. */
  readonly functionIndex: number | null
  /** Byte offset from the start of the module. */
  readonly offset: number | null
  readonly instruction: string | null
}

export class ValidationError extends Error {
  override readonly name = 'ValidationError'
  readonly code: ValidationCode
  readonly functionIndex: number | null
  /** From the name section, else an export's or import's name. */
  readonly functionName: string | null
  readonly offset: number | null
  /** Text name of the instruction, for example `f32.add`. */
  readonly instruction: string | null
  /** Advice on how to mend it. */
  readonly hint: string
  /** The problem alone, without place and hint. */
  readonly problem: string

  constructor(code: ValidationCode, problem: string, hint: string, at: ModulePosition, functionName: string | null) {
    super(`${problem}${placeWords(at, functionName)} (${hint})`)
    this.code = code
    this.problem = problem
    this.hint = hint
    this.functionIndex = at.functionIndex
    this.offset = at.offset
    this.instruction = at.instruction
    this.functionName = functionName
  }

  /** The same error with the function's name, which is known only once the name section has been looked at. */
  withFunctionName(functionName: string | null): ValidationError {
    return new ValidationError(this.code, this.problem, this.hint, this, functionName)
  }
}

export const NOWHERE: ModulePosition = { functionIndex: null, offset: null, instruction: null }

/** @throws ValidationError when `actual` is above `allowed`. */
export function checkLimit(limit: ModuleLimit, actual: number, allowed: number, at: ModulePosition): void {
  if (actual <= allowed) return
  const { what, hint } = LIMIT_WORDS[limit]
  throw new ValidationError(`limit:${limit}`, `${actual} ${what}; at most ${allowed} are allowed`, hint, at, null)
}

const REFUSED_WORDS: Readonly<Record<RefusedFeature, { readonly what: string; readonly hint: string }>> = {
  float: {
    what: 'uses floating point, which is refused because contracts must give the same result on every machine',
    hint: 'use integer or fixed-point arithmetic; in Rust look for f32/f64 in dependencies, in C for float and double, also in the functions of libraries that are linked (printf, strtod)',
  },
  externref: { what: 'uses externref, which is refused', hint: 'compile without externref; only funcref is allowed' },
  simd: { what: 'uses SIMD, which is refused', hint: 'compile without SIMD: -mno-simd128, -C target-feature=-simd128' },
  threads: {
    what: 'uses threads (shared memory or atomics), which are refused',
    hint: 'compile without atomics: -mno-atomics, -C target-feature=-atomics',
  },
  exceptions: {
    what: 'uses exception handling, which is refused',
    hint: 'compile without exceptions: -fno-exceptions, panic = "abort"',
  },
  gc: {
    what: 'uses garbage collection or typed references, which are refused',
    hint: 'compile for WebAssembly 2.0, for example with -mcpu=mvp and single features',
  },
  memory64: { what: 'uses 64-bit memory or tables, which are refused', hint: 'compile for wasm32' },
  'multi-memory': { what: 'uses several memories, of which only one is allowed', hint: 'use one memory' },
}

/** @throws ValidationError always: `subject` uses a part of WebAssembly that this VM refuses. */
export function refuse(feature: RefusedFeature, subject: string, at: ModulePosition): never {
  const { what, hint } = REFUSED_WORDS[feature]
  throw new ValidationError(`refused:${feature}`, `${subject} ${what}`, hint, at, null)
}

function placeWords(at: ModulePosition, functionName: string | null): string {
  const name = functionName === null ? '' : ` "${functionName}"`
  const instruction = at.instruction === null ? '' : ` at ${at.instruction}`
  const inside = at.functionIndex === null ? '' : ` in function ${at.functionIndex}${name}`
  const offset = at.offset === null ? '' : ` at byte 0x${at.offset.toString(16)}`
  return `${instruction}${inside}${offset}`
}
