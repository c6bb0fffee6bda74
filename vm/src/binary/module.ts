/**
 * A decoded module: what the binary says, with nothing checked yet that needs more than the bytes. Index spaces hold
 * the imported entries first, as in the specification.
 */
import type { FunctionType, ValueType } from './types.ts'

/** Words per instruction in {@link InstructionList.words}. */
export const WORDS = 4

/**
 * Instructions as four 32-bit words each: op (see opcodes.ts), byte offset in the module, and the immediates `a` and
 * `b`. Flat, because a module of 1 MiB has half a million of them.
 */
export interface InstructionList {
  readonly words: Int32Array
  /** How many instructions there are. */
  readonly count: number
  /** Targets of all br_tables: label depths, each table's default last. */
  readonly labels: Uint32Array
}

export interface TableType {
  readonly min: number
  readonly max: number | null
}

/** Sizes in pages. */
export interface MemoryType {
  readonly min: number
  readonly max: number | null
}

export interface GlobalType {
  readonly type: ValueType
  readonly mutable: boolean
}

export type ImportDescription =
  | { readonly kind: 'function'; readonly typeIndex: number }
  | { readonly kind: 'table'; readonly table: TableType }
  | { readonly kind: 'memory'; readonly memory: MemoryType }
  | { readonly kind: 'global'; readonly global: GlobalType }

export interface Import {
  readonly module: string
  readonly name: string
  readonly description: ImportDescription
  readonly offset: number
}

export type ExternalKind = 'function' | 'table' | 'memory' | 'global'

export interface Export {
  readonly name: string
  readonly kind: ExternalKind
  readonly index: number
  readonly offset: number
}

export interface FunctionBody {
  /** Types of the declared locals, parameters not included. */
  readonly locals: readonly ValueType[]
  readonly code: InstructionList
  /** Byte offset of the body (its locals) in the module, and its size in bytes. */
  readonly offset: number
  readonly byteLength: number
}

export interface Global {
  readonly init: InstructionList
  readonly offset: number
}

export type SegmentMode =
  | { readonly kind: 'passive' }
  | { readonly kind: 'declarative' }
  /** `index` is a table's or a memory's. */
  | { readonly kind: 'active'; readonly index: number; readonly start: InstructionList }

export interface ElementSegment {
  readonly mode: SegmentMode
  /** Function indices, or one constant expression per element. */
  readonly functions: readonly number[] | null
  readonly expressions: readonly InstructionList[] | null
  readonly offset: number
}

export interface DataSegment {
  readonly mode: SegmentMode
  /** A view of the module's bytes. */
  readonly bytes: Uint8Array
  readonly offset: number
}

export interface CustomSection {
  readonly name: string
  /** A view of the module's bytes, the name not included. */
  readonly bytes: Uint8Array
  /** Id of the last section before it, 0 when there was none: where an encoder puts it back. */
  readonly after: number
}

export interface Module {
  readonly bytes: Uint8Array
  readonly types: readonly FunctionType[]
  readonly imports: readonly Import[]
  readonly importedFunctions: number
  readonly importedTables: number
  readonly importedMemories: number
  readonly importedGlobals: number
  /** Type index of every function of the index space. */
  readonly functionTypes: readonly number[]
  readonly tables: readonly TableType[]
  readonly memories: readonly MemoryType[]
  readonly globalTypes: readonly GlobalType[]
  /** Of the globals defined here. */
  readonly globals: readonly Global[]
  readonly exports: readonly Export[]
  readonly start: { readonly functionIndex: number; readonly offset: number } | null
  readonly elements: readonly ElementSegment[]
  readonly dataCount: number | null
  readonly bodies: readonly FunctionBody[]
  readonly data: readonly DataSegment[]
  readonly customs: readonly CustomSection[]
}

/** Type of function `index`, which must exist and have a valid type. */
export function functionTypeOf(module: Module, index: number): FunctionType {
  return module.types[module.functionTypes[index]!]!
}

/** Position of the `end` of a block in unreachable code. */
export function deadBlockEnd(words: Int32Array, position: number): number {
  let at = words[position * WORDS + 3]!
  if (words[at * WORDS] === 0x05 /* else */) at = words[at * WORDS + 3]!
  return at
}
