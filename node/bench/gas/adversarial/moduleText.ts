/** A module of a shape, told from others of the shape by a seed. */
import { brotliCompressSync } from 'node:zlib'
import { watToWasm } from '../../../../vm/test/wat.ts'
import { concatBytes } from '../../../src/codec/bytes.ts'
import { SIGNATURES } from '../hookCases.ts'
import type { ModuleShape } from './attack.ts'

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
export const BODIES: readonly string[] = Object.keys(STATEMENTS)

const ENTRIES: Readonly<Record<string, string>> = {
  nothing: '',
  grows: '(drop (memory.grow (i32.const 1)))',
  'fills a page': '(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))',
  'writes every 4 KB':
    '(local.set 1 (i32.const 0)) (loop (i32.store8 (local.get 1) (i32.const 1)) (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 4096))) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1)))))',
  'sets a table': '(table.set 0 (i32.const 0) (ref.null func))',
  traps: 'unreachable',
}
export const ENTRY_KINDS: readonly string[] = Object.keys(ENTRIES)

/** `before` stands before all that the entry does, for a module that calls on; its imports come first. */
export function moduleText(shape: ModuleShape, seed: number, before = '', imports: readonly string[] = []): string {
  const statement = STATEMENTS[shape.body] ?? STATEMENTS['usual']!
  const needsTable = shape.entry === 'sets a table' || shape.segments > 0
  const tables = Math.max(shape.tables, needsTable ? 1 : 0)
  const elements = Math.max(shape.tableElements, shape.segments > 0 ? shape.segmentElements : 1)
  const data = 'x'.repeat(Math.min(shape.dataBytes, shape.pages * 65_536 - 1_024))
  const functions = Math.max(1, shape.functions)
  return `(module ${imports.map((name) => `(import "vm_hooks" "${name}" (func $${name} ${SIGNATURES[name]}))`).join('\n')}
    ${times(shape.imports, (i) => `(import "vm_hooks" "msg_sender" (func $import${i} (param i32)))`)}
    (memory (export "memory") ${shape.pages})
    (global i32 (i32.const ${seed})) ${times(shape.globals, (i) => `(global (mut i64) (i64.const ${i}))`)}
    ${times(tables, () => `(table ${elements} 10000 funcref)`)}
    (func $leaf (param i32) (result i32) (local.get 0))
    ${times(shape.segments, (i) => `(elem (table ${i % Math.max(1, tables)}) (i32.const 0) func ${'$leaf '.repeat(shape.segmentElements)})`)}
    ${times(shape.dataSegments, () => `(data (i32.const 1024) "${data}")`)}
    ${times(functions, (f) => `(func $f${f} (param i32 i32) (result i32) (local ${times(shape.locals, (i) => (i % 2 ? 'i64' : 'i32'))}) ${times(shape.statements, (i) => statement(i + f + seed))} (local.get 0))`)}
    ${times(shape.exports, (i) => `(export "e${i}" (func $leaf))`)}
    (func (export "user_entrypoint") (param i32) (result i32) (local i32)
      ${before}
      ${shape.callsAll ? times(functions, (f) => `(drop (call $f${f} (i32.const 0) (i32.const 9)))`) : ''}
      ${ENTRIES[shape.entry] ?? ''} (i32.const 0)))`
}

/** As it is stored. */
export function codeOf(shape: ModuleShape, module: Uint8Array): Uint8Array {
  const isPacked = shape.packed || module.length > 120_000
  return isPacked ? concatBytes(Uint8Array.of(0xef, 0xf0, 0, 0), Uint8Array.from(brotliCompressSync(module))) : module
}

/** The last module made: the text is read once, however many codes differ by their seed alone. */
let last: { readonly key: string; readonly module: Uint8Array } | null = null

/** The code of a module of the shape; another one for each seed, by a custom section at its end. */
export function moduleCode(shape: ModuleShape, seed: number): Uint8Array {
  const key = JSON.stringify(shape)
  if (last?.key !== key) last = { key, module: watToWasm(moduleText(shape, 1)) }
  // Id, size, the length of an empty name, four bytes.
  const section = Uint8Array.of(0, 5, 0, seed & 255, (seed >> 8) & 255, (seed >> 16) & 255, seed >>> 24)
  return codeOf(shape, concatBytes(last.module, section))
}
