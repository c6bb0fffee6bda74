/**
 * The instruction table: everything that decoder, validator, metering, encoder and engines know about an instruction,
 * in one place. Source: WebAssembly 2.0 core specification, appendix "Index of Instructions", plus the tail-call
 * proposal (0x12, 0x13).
 *
 * Instructions are numbered by a dense byte, the *op*: one-byte opcodes are their own op, and the instructions behind
 * the prefix 0xFC (saturating conversions and bulk operations, sub-opcodes 0..17) are 0xE0 + sub-opcode. The range
 * 0xC5..0xDF is free for the internal instructions of an engine.
 *
 * Instructions that are only refused (SIMD, threads, exceptions, garbage collection) are not rows but prefixes and
 * single opcodes of {@link REFUSED_OPCODES}: the decoder needs their name and nothing else.
 */
import type { ValueType } from './types.ts'

/**
 * The immediates that follow the opcode in the binary, and how the decoder puts them into the words `a` and `b` of an
 * instruction.
 */
export type Immediates =
  | 'none'
  /** A block type in `a`; `b` is the position of the matching `end` (for `if`: of its `else` when there is one). */
  | 'block'
  | 'label'
  /** `a`: where its targets start in the body's list; `b`: how many there are, the default not counted. */
  | 'labels'
  | 'function'
  /** `a`: type index, `b`: table index. */
  | 'type-table'
  /** A list of value types, of which exactly one is allowed; its index in {@link VALUE_TYPES} in `a`. */
  | 'types'
  | 'local'
  | 'global'
  | 'table'
  /** `a`: destination table, `b`: source table. */
  | 'table-table'
  /** `a`: element segment, `b`: table. */
  | 'element-table'
  | 'element'
  /** `a`: unsigned 32-bit offset, `b`: alignment exponent. */
  | 'memory-argument'
  /** A memory index, which must be 0. */
  | 'memory'
  | 'memory-memory'
  /** `a`: data segment; then a memory index, which must be 0. */
  | 'data-memory'
  | 'data'
  | 'i32'
  /** `a`: low half, `b`: high half. */
  | 'i64'
  | 'f32'
  | 'f64'
  /** A heap type, of which only `func` is allowed. */
  | 'heap-type'

/** Instructions of one class cost the same in every schedule. */
export type CostClass =
  /** block, loop, else, end, nop: always free, so that engines may drop them. */
  | 'structure'
  /** unreachable and return. */
  | 'leave'
  | 'constant'
  | 'drop'
  | 'select'
  | 'branch'
  | 'branchTable'
  | 'call'
  | 'callIndirect'
  | 'localGet'
  | 'localSet'
  | 'globalGet'
  | 'globalSet'
  | 'load32'
  | 'load64'
  | 'store32'
  | 'store64'
  | 'memorySize'
  | 'memoryGrow'
  | 'bulkMemory'
  /** memory.init, data.drop and elem.drop. */
  | 'segment'
  | 'compare32'
  | 'compare64'
  | 'count32'
  | 'count64'
  | 'popcount32'
  | 'popcount64'
  /** Shifts and rotations: some processors take twice as long for them. */
  | 'shift32'
  | 'shift64'
  | 'simple32'
  | 'simple64'
  | 'multiply32'
  | 'multiply64'
  | 'divide32'
  | 'divide64'
  | 'convert'
  | 'reference'
  | 'tableAccess'
  | 'tableSize'
  | 'tableGrow'
  | 'bulkTable'
  /** Traps when executed (policy `trap`). */
  | 'float'

/** The proposal an instruction came with; `float` is the one a policy decides on. */
export type Feature = 'core' | 'float' | 'sign-extension' | 'bulk-memory' | 'reference-types' | 'tail-call'

export interface Signature {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

export interface InstructionInfo {
  readonly op: number
  readonly name: string
  readonly immediates: Immediates
  /** Null where it depends on immediates or context: the validator knows those. */
  readonly signature: Signature | null
  readonly cost: CostClass
  readonly feature: Feature
  /** Bytes a load or store accesses, 0 for other instructions. */
  readonly accessBytes: number
}

/** Value types in the order of their binary codes 0x7F downwards; funcref (0x70) last. */
export const VALUE_TYPES: readonly ValueType[] = ['i32', 'i64', 'f32', 'f64', 'funcref']

const LETTERS: Readonly<Record<string, ValueType>> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64', r: 'funcref' }

function types(letters: string): readonly ValueType[] {
  return [...letters].map((letter) => LETTERS[letter]!)
}

/** `signature` is "parameters:results" in the letters above, or `*` for null. */
type Row = readonly [op: number, name: string, immediates: Immediates, signature: string, cost: CostClass, f?: Feature]

const ROWS = [
  [0x00, 'unreachable', 'none', '*', 'leave'],
  [0x01, 'nop', 'none', ':', 'structure'],
  [0x02, 'block', 'block', '*', 'structure'],
  [0x03, 'loop', 'block', '*', 'structure'],
  [0x04, 'if', 'block', '*', 'branch'],
  [0x05, 'else', 'none', '*', 'structure'],
  [0x0b, 'end', 'none', '*', 'structure'],
  [0x0c, 'br', 'label', '*', 'branch'],
  [0x0d, 'br_if', 'label', '*', 'branch'],
  [0x0e, 'br_table', 'labels', '*', 'branchTable'],
  [0x0f, 'return', 'none', '*', 'leave'],
  [0x10, 'call', 'function', '*', 'call'],
  [0x11, 'call_indirect', 'type-table', '*', 'callIndirect'],
  [0x12, 'return_call', 'function', '*', 'call', 'tail-call'],
  [0x13, 'return_call_indirect', 'type-table', '*', 'callIndirect', 'tail-call'],
  [0x1a, 'drop', 'none', '*', 'drop'],
  [0x1b, 'select', 'none', '*', 'select'],
  [0x1c, 'select t', 'types', '*', 'select', 'reference-types'],
  [0x20, 'local.get', 'local', '*', 'localGet'],
  [0x21, 'local.set', 'local', '*', 'localSet'],
  [0x22, 'local.tee', 'local', '*', 'localGet'],
  [0x23, 'global.get', 'global', '*', 'globalGet'],
  [0x24, 'global.set', 'global', '*', 'globalSet'],
  [0x25, 'table.get', 'table', 'i:r', 'tableAccess', 'reference-types'],
  [0x26, 'table.set', 'table', 'ir:', 'tableAccess', 'reference-types'],

  [0x28, 'i32.load', 'memory-argument', 'i:i', 'load32'],
  [0x29, 'i64.load', 'memory-argument', 'i:l', 'load64'],
  [0x2a, 'f32.load', 'memory-argument', 'i:f', 'float', 'float'],
  [0x2b, 'f64.load', 'memory-argument', 'i:d', 'float', 'float'],
  [0x2c, 'i32.load8_s', 'memory-argument', 'i:i', 'load32'],
  [0x2d, 'i32.load8_u', 'memory-argument', 'i:i', 'load32'],
  [0x2e, 'i32.load16_s', 'memory-argument', 'i:i', 'load32'],
  [0x2f, 'i32.load16_u', 'memory-argument', 'i:i', 'load32'],
  [0x30, 'i64.load8_s', 'memory-argument', 'i:l', 'load64'],
  [0x31, 'i64.load8_u', 'memory-argument', 'i:l', 'load64'],
  [0x32, 'i64.load16_s', 'memory-argument', 'i:l', 'load64'],
  [0x33, 'i64.load16_u', 'memory-argument', 'i:l', 'load64'],
  [0x34, 'i64.load32_s', 'memory-argument', 'i:l', 'load64'],
  [0x35, 'i64.load32_u', 'memory-argument', 'i:l', 'load64'],
  [0x36, 'i32.store', 'memory-argument', 'ii:', 'store32'],
  [0x37, 'i64.store', 'memory-argument', 'il:', 'store64'],
  [0x38, 'f32.store', 'memory-argument', 'if:', 'float', 'float'],
  [0x39, 'f64.store', 'memory-argument', 'id:', 'float', 'float'],
  [0x3a, 'i32.store8', 'memory-argument', 'ii:', 'store32'],
  [0x3b, 'i32.store16', 'memory-argument', 'ii:', 'store32'],
  [0x3c, 'i64.store8', 'memory-argument', 'il:', 'store64'],
  [0x3d, 'i64.store16', 'memory-argument', 'il:', 'store64'],
  [0x3e, 'i64.store32', 'memory-argument', 'il:', 'store64'],
  [0x3f, 'memory.size', 'memory', ':i', 'memorySize'],
  [0x40, 'memory.grow', 'memory', 'i:i', 'memoryGrow'],

  [0x41, 'i32.const', 'i32', ':i', 'constant'],
  [0x42, 'i64.const', 'i64', ':l', 'constant'],
  [0x43, 'f32.const', 'f32', ':f', 'float', 'float'],
  [0x44, 'f64.const', 'f64', ':d', 'float', 'float'],

  [0x45, 'i32.eqz', 'none', 'i:i', 'compare32'],
  [0x46, 'i32.eq', 'none', 'ii:i', 'compare32'],
  [0x47, 'i32.ne', 'none', 'ii:i', 'compare32'],
  [0x48, 'i32.lt_s', 'none', 'ii:i', 'compare32'],
  [0x49, 'i32.lt_u', 'none', 'ii:i', 'compare32'],
  [0x4a, 'i32.gt_s', 'none', 'ii:i', 'compare32'],
  [0x4b, 'i32.gt_u', 'none', 'ii:i', 'compare32'],
  [0x4c, 'i32.le_s', 'none', 'ii:i', 'compare32'],
  [0x4d, 'i32.le_u', 'none', 'ii:i', 'compare32'],
  [0x4e, 'i32.ge_s', 'none', 'ii:i', 'compare32'],
  [0x4f, 'i32.ge_u', 'none', 'ii:i', 'compare32'],
  [0x50, 'i64.eqz', 'none', 'l:i', 'compare64'],
  [0x51, 'i64.eq', 'none', 'll:i', 'compare64'],
  [0x52, 'i64.ne', 'none', 'll:i', 'compare64'],
  [0x53, 'i64.lt_s', 'none', 'll:i', 'compare64'],
  [0x54, 'i64.lt_u', 'none', 'll:i', 'compare64'],
  [0x55, 'i64.gt_s', 'none', 'll:i', 'compare64'],
  [0x56, 'i64.gt_u', 'none', 'll:i', 'compare64'],
  [0x57, 'i64.le_s', 'none', 'll:i', 'compare64'],
  [0x58, 'i64.le_u', 'none', 'll:i', 'compare64'],
  [0x59, 'i64.ge_s', 'none', 'll:i', 'compare64'],
  [0x5a, 'i64.ge_u', 'none', 'll:i', 'compare64'],
  [0x5b, 'f32.eq', 'none', 'ff:i', 'float', 'float'],
  [0x5c, 'f32.ne', 'none', 'ff:i', 'float', 'float'],
  [0x5d, 'f32.lt', 'none', 'ff:i', 'float', 'float'],
  [0x5e, 'f32.gt', 'none', 'ff:i', 'float', 'float'],
  [0x5f, 'f32.le', 'none', 'ff:i', 'float', 'float'],
  [0x60, 'f32.ge', 'none', 'ff:i', 'float', 'float'],
  [0x61, 'f64.eq', 'none', 'dd:i', 'float', 'float'],
  [0x62, 'f64.ne', 'none', 'dd:i', 'float', 'float'],
  [0x63, 'f64.lt', 'none', 'dd:i', 'float', 'float'],
  [0x64, 'f64.gt', 'none', 'dd:i', 'float', 'float'],
  [0x65, 'f64.le', 'none', 'dd:i', 'float', 'float'],
  [0x66, 'f64.ge', 'none', 'dd:i', 'float', 'float'],

  [0x67, 'i32.clz', 'none', 'i:i', 'count32'],
  [0x68, 'i32.ctz', 'none', 'i:i', 'count32'],
  [0x69, 'i32.popcnt', 'none', 'i:i', 'popcount32'],
  [0x6a, 'i32.add', 'none', 'ii:i', 'simple32'],
  [0x6b, 'i32.sub', 'none', 'ii:i', 'simple32'],
  [0x6c, 'i32.mul', 'none', 'ii:i', 'multiply32'],
  [0x6d, 'i32.div_s', 'none', 'ii:i', 'divide32'],
  [0x6e, 'i32.div_u', 'none', 'ii:i', 'divide32'],
  [0x6f, 'i32.rem_s', 'none', 'ii:i', 'divide32'],
  [0x70, 'i32.rem_u', 'none', 'ii:i', 'divide32'],
  [0x71, 'i32.and', 'none', 'ii:i', 'simple32'],
  [0x72, 'i32.or', 'none', 'ii:i', 'simple32'],
  [0x73, 'i32.xor', 'none', 'ii:i', 'simple32'],
  [0x74, 'i32.shl', 'none', 'ii:i', 'shift32'],
  [0x75, 'i32.shr_s', 'none', 'ii:i', 'shift32'],
  [0x76, 'i32.shr_u', 'none', 'ii:i', 'shift32'],
  [0x77, 'i32.rotl', 'none', 'ii:i', 'shift32'],
  [0x78, 'i32.rotr', 'none', 'ii:i', 'shift32'],
  [0x79, 'i64.clz', 'none', 'l:l', 'count64'],
  [0x7a, 'i64.ctz', 'none', 'l:l', 'count64'],
  [0x7b, 'i64.popcnt', 'none', 'l:l', 'popcount64'],
  [0x7c, 'i64.add', 'none', 'll:l', 'simple64'],
  [0x7d, 'i64.sub', 'none', 'll:l', 'simple64'],
  [0x7e, 'i64.mul', 'none', 'll:l', 'multiply64'],
  [0x7f, 'i64.div_s', 'none', 'll:l', 'divide64'],
  [0x80, 'i64.div_u', 'none', 'll:l', 'divide64'],
  [0x81, 'i64.rem_s', 'none', 'll:l', 'divide64'],
  [0x82, 'i64.rem_u', 'none', 'll:l', 'divide64'],
  [0x83, 'i64.and', 'none', 'll:l', 'simple64'],
  [0x84, 'i64.or', 'none', 'll:l', 'simple64'],
  [0x85, 'i64.xor', 'none', 'll:l', 'simple64'],
  [0x86, 'i64.shl', 'none', 'll:l', 'shift64'],
  [0x87, 'i64.shr_s', 'none', 'll:l', 'shift64'],
  [0x88, 'i64.shr_u', 'none', 'll:l', 'shift64'],
  [0x89, 'i64.rotl', 'none', 'll:l', 'shift64'],
  [0x8a, 'i64.rotr', 'none', 'll:l', 'shift64'],

  [0x8b, 'f32.abs', 'none', 'f:f', 'float', 'float'],
  [0x8c, 'f32.neg', 'none', 'f:f', 'float', 'float'],
  [0x8d, 'f32.ceil', 'none', 'f:f', 'float', 'float'],
  [0x8e, 'f32.floor', 'none', 'f:f', 'float', 'float'],
  [0x8f, 'f32.trunc', 'none', 'f:f', 'float', 'float'],
  [0x90, 'f32.nearest', 'none', 'f:f', 'float', 'float'],
  [0x91, 'f32.sqrt', 'none', 'f:f', 'float', 'float'],
  [0x92, 'f32.add', 'none', 'ff:f', 'float', 'float'],
  [0x93, 'f32.sub', 'none', 'ff:f', 'float', 'float'],
  [0x94, 'f32.mul', 'none', 'ff:f', 'float', 'float'],
  [0x95, 'f32.div', 'none', 'ff:f', 'float', 'float'],
  [0x96, 'f32.min', 'none', 'ff:f', 'float', 'float'],
  [0x97, 'f32.max', 'none', 'ff:f', 'float', 'float'],
  [0x98, 'f32.copysign', 'none', 'ff:f', 'float', 'float'],
  [0x99, 'f64.abs', 'none', 'd:d', 'float', 'float'],
  [0x9a, 'f64.neg', 'none', 'd:d', 'float', 'float'],
  [0x9b, 'f64.ceil', 'none', 'd:d', 'float', 'float'],
  [0x9c, 'f64.floor', 'none', 'd:d', 'float', 'float'],
  [0x9d, 'f64.trunc', 'none', 'd:d', 'float', 'float'],
  [0x9e, 'f64.nearest', 'none', 'd:d', 'float', 'float'],
  [0x9f, 'f64.sqrt', 'none', 'd:d', 'float', 'float'],
  [0xa0, 'f64.add', 'none', 'dd:d', 'float', 'float'],
  [0xa1, 'f64.sub', 'none', 'dd:d', 'float', 'float'],
  [0xa2, 'f64.mul', 'none', 'dd:d', 'float', 'float'],
  [0xa3, 'f64.div', 'none', 'dd:d', 'float', 'float'],
  [0xa4, 'f64.min', 'none', 'dd:d', 'float', 'float'],
  [0xa5, 'f64.max', 'none', 'dd:d', 'float', 'float'],
  [0xa6, 'f64.copysign', 'none', 'dd:d', 'float', 'float'],

  [0xa7, 'i32.wrap_i64', 'none', 'l:i', 'convert'],
  [0xa8, 'i32.trunc_f32_s', 'none', 'f:i', 'float', 'float'],
  [0xa9, 'i32.trunc_f32_u', 'none', 'f:i', 'float', 'float'],
  [0xaa, 'i32.trunc_f64_s', 'none', 'd:i', 'float', 'float'],
  [0xab, 'i32.trunc_f64_u', 'none', 'd:i', 'float', 'float'],
  [0xac, 'i64.extend_i32_s', 'none', 'i:l', 'convert'],
  [0xad, 'i64.extend_i32_u', 'none', 'i:l', 'convert'],
  [0xae, 'i64.trunc_f32_s', 'none', 'f:l', 'float', 'float'],
  [0xaf, 'i64.trunc_f32_u', 'none', 'f:l', 'float', 'float'],
  [0xb0, 'i64.trunc_f64_s', 'none', 'd:l', 'float', 'float'],
  [0xb1, 'i64.trunc_f64_u', 'none', 'd:l', 'float', 'float'],
  [0xb2, 'f32.convert_i32_s', 'none', 'i:f', 'float', 'float'],
  [0xb3, 'f32.convert_i32_u', 'none', 'i:f', 'float', 'float'],
  [0xb4, 'f32.convert_i64_s', 'none', 'l:f', 'float', 'float'],
  [0xb5, 'f32.convert_i64_u', 'none', 'l:f', 'float', 'float'],
  [0xb6, 'f32.demote_f64', 'none', 'd:f', 'float', 'float'],
  [0xb7, 'f64.convert_i32_s', 'none', 'i:d', 'float', 'float'],
  [0xb8, 'f64.convert_i32_u', 'none', 'i:d', 'float', 'float'],
  [0xb9, 'f64.convert_i64_s', 'none', 'l:d', 'float', 'float'],
  [0xba, 'f64.convert_i64_u', 'none', 'l:d', 'float', 'float'],
  [0xbb, 'f64.promote_f32', 'none', 'f:d', 'float', 'float'],
  [0xbc, 'i32.reinterpret_f32', 'none', 'f:i', 'float', 'float'],
  [0xbd, 'i64.reinterpret_f64', 'none', 'd:l', 'float', 'float'],
  [0xbe, 'f32.reinterpret_i32', 'none', 'i:f', 'float', 'float'],
  [0xbf, 'f64.reinterpret_i64', 'none', 'l:d', 'float', 'float'],
  [0xc0, 'i32.extend8_s', 'none', 'i:i', 'convert', 'sign-extension'],
  [0xc1, 'i32.extend16_s', 'none', 'i:i', 'convert', 'sign-extension'],
  [0xc2, 'i64.extend8_s', 'none', 'l:l', 'convert', 'sign-extension'],
  [0xc3, 'i64.extend16_s', 'none', 'l:l', 'convert', 'sign-extension'],
  [0xc4, 'i64.extend32_s', 'none', 'l:l', 'convert', 'sign-extension'],

  [0xd0, 'ref.null', 'heap-type', ':r', 'reference', 'reference-types'],
  [0xd1, 'ref.is_null', 'none', 'r:i', 'reference', 'reference-types'],
  [0xd2, 'ref.func', 'function', ':r', 'reference', 'reference-types'],

  [0xe0, 'i32.trunc_sat_f32_s', 'none', 'f:i', 'float', 'float'],
  [0xe1, 'i32.trunc_sat_f32_u', 'none', 'f:i', 'float', 'float'],
  [0xe2, 'i32.trunc_sat_f64_s', 'none', 'd:i', 'float', 'float'],
  [0xe3, 'i32.trunc_sat_f64_u', 'none', 'd:i', 'float', 'float'],
  [0xe4, 'i64.trunc_sat_f32_s', 'none', 'f:l', 'float', 'float'],
  [0xe5, 'i64.trunc_sat_f32_u', 'none', 'f:l', 'float', 'float'],
  [0xe6, 'i64.trunc_sat_f64_s', 'none', 'd:l', 'float', 'float'],
  [0xe7, 'i64.trunc_sat_f64_u', 'none', 'd:l', 'float', 'float'],
  [0xe8, 'memory.init', 'data-memory', 'iii:', 'segment', 'bulk-memory'],
  [0xe9, 'data.drop', 'data', ':', 'segment', 'bulk-memory'],
  [0xea, 'memory.copy', 'memory-memory', 'iii:', 'bulkMemory', 'bulk-memory'],
  [0xeb, 'memory.fill', 'memory', 'iii:', 'bulkMemory', 'bulk-memory'],
  [0xec, 'table.init', 'element-table', 'iii:', 'bulkTable', 'bulk-memory'],
  [0xed, 'elem.drop', 'element', ':', 'segment', 'bulk-memory'],
  [0xee, 'table.copy', 'table-table', 'iii:', 'bulkTable', 'bulk-memory'],
  [0xef, 'table.grow', 'table', 'ri:i', 'tableGrow', 'reference-types'],
  [0xf0, 'table.size', 'table', ':i', 'tableSize', 'reference-types'],
  [0xf1, 'table.fill', 'table', 'iri:', 'bulkTable', 'reference-types'],
] as const satisfies readonly Row[]

/** The name of an instruction in the specification's text format. */
export type InstructionName = (typeof ROWS)[number][1]

/**
 * The ops by name, made of the table. A file that compares or writes instructions takes the names it needs at its top,
 * as it would import them: a look-up in so large an object, at every instruction of every module, would be slow.
 *
 * ```ts
 * const { 'local.get': LOCAL_GET, 'i64.sub': I64_SUB } = OP
 * ```
 *
 * Code that runs for every instruction tells them apart by literals instead (docs/rationale/vm.md says why), each with
 * its name in a comment: `// name` beside a case or first in its block, and behind a literal that an op is compared with
 * as a block comment. opcodes.test.ts holds the comments against the table.
 */
export const OP = Object.fromEntries(ROWS.map(([op, name]) => [name, op])) as {
  readonly [Entry in (typeof ROWS)[number] as Entry[1]]: Entry[0]
}

/** Before the sub-opcode of instructions that have one. */
export const PREFIX = 0xfc

/** First op of the instructions behind the prefix 0xFC, and how many there are. */
export const PREFIXED_BASE = 0xe0
export const PREFIXED_COUNT = 18

/** Indexed by op; undefined where no instruction has that op. */
export const INSTRUCTIONS: readonly (InstructionInfo | undefined)[] = buildTable()

/** Opcodes of proposals this VM refuses, with the name used in the error. */
export const REFUSED_OPCODES: ReadonlyMap<number, { readonly name: string; readonly feature: RefusedFeature }> =
  new Map([
    [0x06, { name: 'try', feature: 'exceptions' }],
    [0x07, { name: 'catch', feature: 'exceptions' }],
    [0x08, { name: 'throw', feature: 'exceptions' }],
    [0x09, { name: 'rethrow', feature: 'exceptions' }],
    [0x0a, { name: 'throw_ref', feature: 'exceptions' }],
    [0x14, { name: 'call_ref', feature: 'gc' }],
    [0x15, { name: 'return_call_ref', feature: 'gc' }],
    [0x18, { name: 'delegate', feature: 'exceptions' }],
    [0x19, { name: 'catch_all', feature: 'exceptions' }],
    [0x1f, { name: 'try_table', feature: 'exceptions' }],
    [0xd3, { name: 'ref.eq', feature: 'gc' }],
    [0xd4, { name: 'ref.as_non_null', feature: 'gc' }],
    [0xd5, { name: 'br_on_null', feature: 'gc' }],
    [0xd6, { name: 'br_on_non_null', feature: 'gc' }],
    [0xfb, { name: 'a garbage-collection instruction (prefix 0xFB)', feature: 'gc' }],
    [0xfd, { name: 'a SIMD instruction (prefix 0xFD)', feature: 'simd' }],
    [0xfe, { name: 'an atomic instruction (prefix 0xFE)', feature: 'threads' }],
  ])

/** Parts of WebAssembly that this VM refuses; each has its own error. */
export type RefusedFeature =
  | 'float'
  | 'externref'
  | 'simd'
  | 'threads'
  | 'exceptions'
  | 'gc'
  | 'memory64'
  | 'multi-memory'

function buildTable(): readonly (InstructionInfo | undefined)[] {
  const table = new Array<InstructionInfo | undefined>(256).fill(undefined)
  const rows: readonly Row[] = ROWS
  for (const [op, name, immediates, signature, cost, feature] of rows) {
    const [params, results] = signature.split(':')
    table[op] = {
      op,
      name,
      immediates,
      signature:
        params === undefined || results === undefined ? null : { params: types(params), results: types(results) },
      cost,
      feature: feature ?? 'core',
      accessBytes: immediates === 'memory-argument' ? accessBytes(name) : 0,
    }
  }
  return table
}

/** The width stands in the name: `i64.load32_u` accesses 4 bytes, `i64.load` 8. */
function accessBytes(name: string): number {
  return Number(/(?:load|store)(\d+)/.exec(name)?.[1] ?? name.slice(1, 3)) / 8
}

/** Name of an op for messages. */
export function instructionName(op: number): string {
  return INSTRUCTIONS[op]?.name ?? `op 0x${op.toString(16)}`
}
