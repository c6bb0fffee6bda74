/** A module of a shape, told from others of the shape by a seed. */
import { brotliCompressSync, constants } from 'node:zlib'
import { watToWasm } from '@touchstone/vm/testing/wat'
import { concatBytes } from '../../../src/codec/bytes.ts'
import { hookImport } from '../../../testing/hooks.ts'
import { packCode } from '../../../testing/modules.ts'
import type { ModuleShape } from './attack.ts'
import { NEST_BODIES, nestModule } from './nests.ts'

const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join('\n')

/** Statements of a function; locals 0 and 1 are i32. */
const STATEMENTS: Readonly<Record<string, (i: number) => string>> = {
  usual: (
    i,
  ) => `(local.set 0 (i32.add (i32.load offset=${i % 60} (i32.and (local.get 0) (i32.const 4095))) (local.get 1)))
    (if (i32.lt_u (local.get 0) (i32.const ${i})) (then (i32.store (i32.const ${(i % 60) * 4}) (local.get 1))))`,
  constants: (i) => `(drop (i32.const ${i % 64}))`,
  loops: () => '(loop (br_if 0 (i32.eqz (local.get 1))))',
  branches: (i) => `(block (br_if 0 (local.get ${i % 2})))`,
  calls: () => '(local.set 0 (call $leaf (local.get 0)))',
  copies: () => '(memory.copy (local.get 0) (local.get 0) (i32.const 0))',
  switches: () => `(block (block (br_table ${'0 1 '.repeat(20)} 0 (local.get 1))))`,
  nops: () => 'nop',
}
export const BODIES: readonly string[] = [...Object.keys(STATEMENTS), ...NEST_BODIES]

const ENTRIES: Readonly<Record<string, string>> = {
  nothing: '',
  grows: '(drop (memory.grow (i32.const 1)))',
  'grows to 16 MiB': '(drop (memory.grow (i32.sub (i32.const 256) (memory.size))))',
  'fills a page': '(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))',
  'writes every 4 KB':
    '(local.set 1 (i32.const 0)) (loop (i32.store8 (local.get 1) (i32.const 1)) (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 4096))) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1)))))',
  'sets a table': '(table.set 0 (i32.const 0) (ref.null func))',
  traps: 'unreachable',
  'traps 30 deep': '(drop (call $deep (i32.const 30)))',
}
const DEEP = `(func $deep (param i32) (result i32) (if (local.get 0)
  (then (return (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1))))))) unreachable)`
export const ENTRY_KINDS: readonly string[] = Object.keys(ENTRIES)

/** `before` stands before all that the entry does, for a module that calls on; its imports come first. */
export function moduleText(shape: ModuleShape, seed: number, before = '', imports: readonly string[] = []): string {
  const statement = STATEMENTS[shape.body] ?? STATEMENTS['usual']!
  const needsTable = shape.entry === 'sets a table' || shape.segments > 0
  const tables = Math.max(shape.tables, needsTable ? 1 : 0)
  const elements = Math.max(shape.tableElements, shape.segments > 0 ? shape.segmentElements : 1)
  const data = 'x'.repeat(Math.min(shape.dataBytes, shape.pages * 65_536 - 1_024))
  const functions = Math.max(1, shape.functions)
  return `(module ${imports.map((name) => hookImport(name)).join('\n')}
    ${times(shape.imports, (i) => `(import "vm_hooks" "msg_sender" (func $import${i} (param i32)))`)}
    (memory (export "memory") ${shape.pages})
    (global i32 (i32.const ${seed})) ${times(shape.globals, (i) => `(global (mut i64) (i64.const ${i}))`)}
    ${times(tables, () => `(table ${elements} 10000 funcref)`)}
    (func $leaf (param i32) (result i32) (local.get 0))
    ${shape.entry === 'traps 30 deep' ? DEEP : ''}
    ${times(shape.segments, (i) => `(elem (table ${i % Math.max(1, tables)}) (i32.const 0) func ${'$leaf '.repeat(shape.segmentElements)})`)}
    ${times(shape.dataSegments, () => `(data (i32.const 1024) "${data}")`)}
    ${times(functions, (f) => `(func $f${f} (param i32 i32) (result i32) (local ${times(shape.locals, (i) => (i % 2 ? 'i64' : 'i32'))}) ${times(shape.statements, (i) => statement(i + f + seed))} (local.get 0))`)}
    ${times(shape.exports, (i) => `(export "e${i}" (func $leaf))`)}
    (func (export "user_entrypoint") (param i32) (result i32) (local i32)
      ${before}
      ${shape.callsAll ? times(functions, (f) => `(drop (call $f${f} (i32.const 0) (i32.const 9)))`) : ''}
      ${ENTRIES[shape.entry] ?? ''} (i32.const 0)))`
}

const PACKED_PREFIX = Uint8Array.of(0xef, 0xf0, 0, 0)
const isPacked = (shape: ModuleShape, module: Uint8Array): boolean => shape.packed || module.length > 120_000

/** As it is stored. */
export function codeOf(shape: ModuleShape, module: Uint8Array): Uint8Array {
  return isPacked(shape, module) ? packCode(module) : module
}

/** The last module made: the text is read and packed once, however many codes differ by their seed alone. */
let last: { readonly key: string; readonly module: Uint8Array; readonly packed: Uint8Array | null } | null = null

/**
 * The code of a module of the shape; another one for each seed, by a custom section at its end. What is wrong with one that
 * is not valid is found as late as can be: that section is longer than the module.
 */
export function moduleCode(shape: ModuleShape, seed: number, valid = true): Uint8Array {
  const key = JSON.stringify(shape)
  if (last?.key !== key) {
    const module = nestModule(shape) ?? watToWasm(moduleText(shape, 1))
    last = { key, module, packed: isPacked(shape, module) ? packedWithoutEnd(module) : null }
  }
  // Id, size, the length of an empty name, four bytes.
  const section = Uint8Array.of(0, valid ? 5 : 0x7f, 0, seed & 255, (seed >> 8) & 255, (seed >> 16) & 255, seed >>> 24)
  if (last.packed === null) return concatBytes(last.module, section)
  return concatBytes(PACKED_PREFIX, last.packed, storedMetaBlock(section), EMPTY_LAST_META_BLOCK)
}

/** A Brotli stream that ends at a byte and goes on with further meta-blocks. */
function packedWithoutEnd(module: Uint8Array): Uint8Array {
  return Uint8Array.from(brotliCompressSync(module, { finishFlush: constants.BROTLI_OPERATION_FLUSH }))
}

const EMPTY_LAST_META_BLOCK = Uint8Array.of(3)

/** RFC 7932, 9.2: not the last, 4 nibbles of its length less 1, and the bytes as they are. */
function storedMetaBlock(bytes: Uint8Array): Uint8Array {
  const header = ((bytes.length - 1) << 3) | (1 << 19)
  return concatBytes(Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16), bytes)
}
