/**
 * Modules at the edges of the format: each is refused, or V8 takes it and what the compiled engine makes of it. nearcore
 * stopped in 2022 (#6042) because its rewriting made an invalid module of `(memory 4097 4097)`.
 */
import { expect, test } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { judge } from './judge.ts'

const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join('\n')

const odd: readonly string[] = [
  '',
  '(func)',
  '(memory 0)',
  '(memory 0 0)',
  '(memory 1 1) (data (i32.const 0) "")',
  '(memory 1 65536)',
  '(memory 65536)',
  '(memory 65536 65536)',
  '(memory 4097 4097)',
  '(memory 128) (func (export "f") (result i32) (memory.grow (i32.const 65535)))',
  '(table 0 funcref)',
  '(table 0 0 funcref) (func (table.set 0 (i32.const 0) (ref.null func)))',
  '(table 1 funcref) (elem (i32.const 0))',
  '(table 10000 10000 funcref)',
  '(table 0 externref) (func (export "f") (param externref) (result externref) (local.get 0))',
  '(import "m" "f" (func))',
  '(import "m" "f" (func $f)) (export "again" (func $f))',
  '(import "m" "f" (func $f)) (start $f)',
  '(import "m" "f" (func $f)) (table 1 funcref) (elem (i32.const 0) $f)',
  '(import "m" "g" (global $g i32)) (export "again" (global $g))',
  '(import "m" "g" (global $g i32)) (global (mut i32) (global.get $g)) (memory 1) (data (global.get $g) "x")',
  '(import "m" "m" (memory 0)) (export "again" (memory 0))',
  '(import "m" "t" (table 0 funcref)) (export "again" (table 0))',
  '(import "" "" (func)) (import "" "" (func))',
  '(func $s unreachable) (start $s)',
  '(func $s (loop (br 0))) (start $s)',
  '(func $s (call $s)) (start $s)',
  '(global $g i32 (i32.const 1)) (export "" (global $g)) (export "\\00" (global $g))',
  '(func $f) (export "a" (func $f)) (export "b" (func $f)) (export "f" (func $f)) (export "last" (func $f))',
  '(func (export "id") (result i32) (i32.const 1)) (func (export "r0")) (func (export "f0")) (func (export "m"))',
  '(func (param i32 i64 i32) (result i64 i32 i64) (local.get 1) (local.get 0) (local.get 1))',
  '(func (result i32) (block (result i32) (br 0 (i32.const 1))))',
  '(func (br_table 0 0 0 (i32.const 0)))',
  '(func (unreachable) (br_table 0 (i32.const 0)) (drop))',
  '(func (return) (i32.add) (drop))',
  '(func (block (loop (if (i32.const 0) (then (br 2)) (else (br 1))))))',
  '(func (drop (select (result funcref) (ref.null func) (ref.null func) (i32.const 0))))',
  '(func $f (drop (ref.func $f))) (elem declare func $f)',
  '(memory 1) (data "abc") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop 0))',
  '(table 1 funcref) (elem func) (func (table.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop 0))',
  many(200, (i) => `(type (func (param ${'i32 '.repeat(i % 5)})))`),
  many(300, (i) => `(func $f${i} (call $f${(i + 1) % 300}))`),
  `(func ${many(100, () => '(block')} ${')'.repeat(100)})`,
  `(func (local ${'i64 '.repeat(1000)}))`,
  `(func (param ${'i64 '.repeat(100)}))`,
]

test.each(odd.map((text, index) => [index, text] as const))('odd module %i', (_index, text) => {
  const verdict = judge(watToWasm(`(module ${text})`), 'reject')
  expect({ text: text.slice(0, 100), ...verdict }).toMatchObject({
    text: text.slice(0, 100),
    kind: expect.stringMatching(/^(accepted|refused by both|refused by the profile)$/),
  })
})

test('most of them are accepted, so that the rewriting is what was looked at', () => {
  const kinds = odd.map((text) => judge(watToWasm(`(module ${text})`), 'reject').kind)
  expect(kinds.filter((kind) => kind === 'accepted').length).toBeGreaterThan(25)
})
