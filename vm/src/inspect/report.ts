/**
 * The report of {@link inspectModule} about a module: plain data, ready for JSON. Fuel figures are whole numbers below
 * 2^53.
 */
import type { ExternalKind } from '../binary/module.ts'
import type { ExternalType } from '../binary/moduleSummary.ts'
import type { FunctionType } from '../binary/types.ts'
import type { AbiErrorCode } from '../host/abi.ts'
import type { Limits } from '../limits.ts'
import type { ValidationCode } from '../validationError.ts'

export interface ModuleReport {
  /** Whether the chain takes the module as a contract: it validates, keeps the limits, and an ABI claims and checks it. */
  readonly accepted: boolean
  /** The chain's words when it refuses the module; null when it does not. */
  readonly refusal: string | null
  /** Everything that stands against the module, in the order of the bytes; those without a place come first. */
  readonly problems: readonly ProblemReport[]
  /** Problems beyond {@link MAX_PROBLEMS}, counted only. */
  readonly problemsLeftOut: number
  readonly abi: AbiReport
  readonly byteLength: number
  /**
   * Gas of each frame before its first instruction, beside memory (docs/protocol/gas.md); null for a module that is refused.
   */
  readonly startGas: number | null
  /** Loops, and values at control points, of all functions: what loading costs follows them; null where `startGas` is. */
  readonly loops: number | null
  readonly controlValues: number | null
  readonly sections: readonly SectionReport[]
  readonly imports: readonly ImportReport[]
  readonly exports: readonly ExportReport[]
  /** Memory 0 in pages of 65 536 bytes; `max` null: none declared, so the limit of the ABI holds. */
  readonly memory: { readonly min: number; readonly max: number | null; readonly imported: boolean } | null
  readonly start: { readonly functionIndex: number; readonly functionName: string | null } | null
  readonly features: readonly FeatureReport[]
  readonly totals: TotalsReport
  /** Fullest first. */
  readonly limits: readonly LimitReport[]
  readonly staticGas: {
    readonly schedule: string
    /** Fuel in one gas. */
    readonly fuelPerGas: number
    readonly meaning: string
  }
  /** Functions defined in the module, most expensive first. */
  readonly functions: readonly FunctionReport[]
}

export interface ProblemReport {
  readonly code: ValidationCode | `abi:${AbiErrorCode}`
  readonly problem: string
  readonly hint: string
  /** In the function index space, imports first. */
  readonly functionIndex: number | null
  readonly functionName: string | null
  /** Byte offset from the start of the module. */
  readonly offset: number | null
  readonly instruction: string | null
}

export interface AbiReport {
  /** Null when no ABI claims the module; `reason` then says why, otherwise why it is claimed. */
  readonly id: string | null
  readonly reason: string
  readonly hint: string | null
}

export interface SectionReport {
  readonly id: number
  /** As in the specification, or `custom "name"`. */
  readonly name: string
  /** Byte offset of the section's id. */
  readonly offset: number
  /** Bytes with id and size. */
  readonly byteLength: number
  /** Entries it announces; null for sections that are no lists. */
  readonly items: number | null
}

export interface ImportReport {
  readonly module: string
  readonly name: string
  readonly kind: ExternalKind | 'tag'
  /** Null when the type could not be read. */
  readonly external: ExternalType | null
}

export interface ExportReport {
  readonly name: string
  readonly kind: ExternalKind
  readonly index: number
  readonly external: ExternalType | null
}

export interface FeatureReport {
  /** The proposal's name. */
  readonly name: string
  /** Instructions, types and declarations that need it. */
  readonly uses: number
  readonly allowed: boolean
  /** The names of the instructions among them, each once. */
  readonly instructions: readonly string[]
}

/** Sums that other chains price and bound by. */
export interface TotalsReport {
  readonly dataBytes: number
  /** Of all element segments, and that all tables start with. */
  readonly segmentElements: number
  readonly tableElements: number
  /** Parameters and results of the functions it defines. */
  readonly signatureValues: number
}

export interface LimitReport {
  readonly limit: keyof Limits
  readonly what: string
  /** Null when it could not be measured, because the module does not decode or validate that far. */
  readonly used: number | null
  readonly allowed: number
  /** The place that uses it most, where there is one. */
  readonly where: string | null
}

export interface FunctionReport {
  /** In the function index space, imports first. */
  readonly index: number
  readonly name: string | null
  readonly exported: boolean
  readonly type: FunctionType | null
  /** Byte offset of the body, and its size in bytes. */
  readonly offset: number
  readonly byteLength: number
  /** Declared locals, parameters not counted. */
  readonly locals: number
  readonly instructions: number
  readonly loops: number
  readonly calls: number
  /** Instructions and types the profile refuses. */
  readonly refused: number
  /** False when the body was not read to its end, because it is damaged or far too large; its figures stop there. */
  readonly complete: boolean
  /** Entry and every instruction once; null when an instruction has no price or the body is not complete. */
  readonly fuel: number | null
  /** Entry and the cheapest way to a return; null also when there is no such way. */
  readonly leastFuel: number | null
}

/** Most problems listed; a module of a megabyte may hold half a million. */
export const MAX_PROBLEMS = 1_000

/** Most functions described: ten times what a module may have. */
export const MAX_FUNCTIONS_SHOWN = 100_000

/** Most sections looked at: ten times what a module may have. */
export const MAX_SECTIONS_SHOWN = 10_000

/** Bytes of code read, from the first function on, and of one body: the rest is located and not read. */
export const MAX_CODE_READ = 8_388_608
export const MAX_BODY_READ = 1_048_576

/** Largest module that is looked at: a debug build may be far above the limit, and inspecting it says what to strip. */
export const MAX_INSPECTED_BYTES = 67_108_864

/** The meaning of the figures in {@link FunctionReport}, for a reader. */
export const STATIC_GAS_MEANING =
  'once: the cost of entering the function and running each of its instructions exactly once; least: the cheapest way ' +
  'from its entry to a return. Both leave out the functions and host functions it calls, further turns of loops, and ' +
  'costs by size (memory.grow, memory.copy and their like). They compare functions; they do not bound an execution.'
