/**
 * Operands that are read without sign (addresses, indices, extensions), from each instruction that may be fused with the
 * one that reads them. Fused members are compiled as one expression, in which a compiler can lose the sign.
 */
import { expect, it } from 'vitest'
import { watToWasm } from '../../../testing/wat.ts'
import { compile } from '../../compile.ts'

/** Each leaves an i32, nearly all with the highest bit set; memory begins with the bytes of -4, and those of -1 follow. */
const SOURCES: readonly string[] = [
  ...['(i32.const -1)', '(i32.const -4)', '(i32.const -8)', '(i32.const 0x80000000)'],
  ...['(local.get 0)', '(local.tee 0 (i32.const -4))', '(i32.add (local.get 0) (i32.const 0))', '(global.get 0)'],
  ...['(i32.load (i32.const 0))', '(i32.load offset=4 (i32.const 0))', '(i32.load (local.get 1))'],
  ...['(i32.load8_s (i32.const 0))', '(i32.load16_s (i32.const 4))', '(i32.wrap_i64 (i64.load (i32.const 0)))'],
  ...['(i32.add (i32.load (i32.const 0)) (i32.const 1))', '(i32.xor (local.get 0) (local.get 1))'],
  ...[
    '(i32.shl (i32.const 1) (i32.const 31))',
    '(i32.sub (local.get 1) (i32.const 4))',
    '(i32.extend8_s (local.get 0))',
  ],
  '(select (i32.const -4) (i32.const -8) (local.get 1))',
  '(i32.wrap_i64 (i64.const -4))',
  // Read as the lower half of 64 bits whose upper one is the table's first element.
  ...['(table.size $filled)', '(i32.sub (i32.const 0) (table.size $filled))'],
]
const LOADS32 = ['', '8_u', '8_s', '16_u', '16_s'].map((form) => `i32.load${form}`)
const LOADS64 = ['', '8_u', '8_s', '16_u', '16_s', '32_u', '32_s'].map((form) => `i64.load${form}`)
const STORES = ['i32.store', 'i32.store8', 'i32.store16']
const STORES64 = ['i64.store', 'i64.store8', 'i64.store16', 'i64.store32']
const READERS: readonly ((source: string) => string)[] = [
  ...[...LOADS32].flatMap((op) =>
    ['', 'offset=4', 'offset=8'].map((at) => (x: string) => `(i64.extend_i32_u (${op} ${at} ${x}))`),
  ),
  ...[...LOADS64].flatMap((op) => ['', 'offset=4', 'offset=8'].map((at) => (x: string) => `(${op} ${at} ${x})`)),
  ...STORES.flatMap((op) =>
    ['', 'offset=4'].map((at) => (x: string) => `(${op} ${at} ${x} (i32.const 7)) (i64.load (i32.const 0))`),
  ),
  ...STORES64.flatMap((op) =>
    ['', 'offset=4'].map((at) => (x: string) => `(${op} ${at} ${x} (i64.const 7)) (i64.load (i32.const 0))`),
  ),
  (x) => `(i64.extend_i32_u ${x})`,
  (x) => `(i64.extend_i32_s ${x})`,
  (x) => `(i64.extend_i32_u (i32.shr_u ${x} (i32.const 4)))`,
  (x) => `(i64.extend_i32_u (i32.div_u ${x} (i32.const 3)))`,
  (x) => `(i64.extend_i32_u (i32.lt_u ${x} (i32.const 3)))`,
  (x) => `(i64.extend_i32_u (i32.lt_s ${x} (i32.const 3)))`,
  (x) => `(memory.fill ${x} (i32.const 1) (i32.const 4)) (i64.const 1)`,
  (x) => `(memory.copy (i32.const 0) ${x} (i32.const 4)) (i64.const 1)`,
  (x) =>
    `(block $two (block $one (block $zero (br_table $zero $one $two ${x})) (return (i64.const 0))) (return (i64.const 1))) (i64.const 2)`,
  (x) => `(call_indirect (result i64) ${x})`,
]

it.each(SOURCES)('%s is read the same by each instruction, on all engines', (source) => {
  const functions = READERS.map((reader, i) => `(func (export "f${i}") (param i32 i32) (result i64) ${reader(source)})`)
  const wasm = watToWasm(`(module (memory (export "memory") 1) (global (mut i32) (i32.const -4)) (table 1 funcref)
    (table $filled 3 funcref) (func $nothing) (elem (table $filled) (i32.const 0) func $nothing $nothing $nothing)
    (data (i32.const 0) "\\fc\\ff\\ff\\ff\\ff\\ff\\ff\\ff") ${functions.join('\n')})`)
  const run = (engine: 'reference' | 'compiled' | 'interpreter') => {
    const program = compile(wasm, { engine })
    return READERS.map((reader, i) => {
      // Stores change the memory, so each has one of its own.
      const instance = program.instantiate({ fuel: 1_000_000n })
      return [reader(source), instance.invoke(`f${i}`, [-4, 0])]
    })
  }
  const expected = run('reference')
  expect(run('interpreter')).toEqual(expected)
  expect(run('compiled')).toEqual(expected)
})
