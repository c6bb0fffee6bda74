import { describe, expect, it } from 'vitest'
import { watToWasm } from '../../testing/wat.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { decode } from './decode.ts'
import { encode } from './encode.ts'

const EVERYTHING = `(module
  (type $pair (func (param i32 i64) (result i64 i32)))
  (import "env" "log" (func $log (param i32)))
  (import "env" "table" (table $shared 1 10 funcref))
  (import "env" "g" (global $g i32))
  (memory (export "memory") 1 4)
  (table $own 4 funcref)
  (global $counter (mut i64) (i64.const -1234567890123))
  (global $sum i32 (i32.add (global.get $g) (i32.const 5)))
  (global $ref funcref (ref.null func))
  (export "counter" (global $counter))
  (start $init)
  (elem (table $own) (i32.const 0) func $swap $init)
  (elem (i32.const 0) $init)
  (elem $passive func $swap)
  (elem $refs funcref (ref.null func) (ref.func $swap))
  (elem declare func $many)
  (data (i32.const 8) "hello \\00\\ff")
  (data $later "passive")
  (func $init)
  (func $swap (type $pair) (local.get 1) (local.get 0))
  (func $many (export "many") (param i32) (result i32) (local i64 i64 i32 funcref)
    (block $a (loop $b (br_if $a (local.get 0)) (br_table $a $b $a (local.get 0))))
    (if (result i32) (local.get 0) (then (i32.const -1)) (else (i32.load8_s offset=99 align=1 (local.get 0))))
    (i64.store offset=4294967295 align=4 (local.get 0) (i64.const 0x8000000000000000))
    (memory.init $later (i32.const 0) (i32.const 1) (i32.const 2)) (data.drop $later)
    (memory.copy (i32.const 0) (i32.const 1) (i32.const 2)) (memory.fill (i32.const 0) (i32.const 1) (i32.const 2))
    (table.init $own $passive (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $passive)
    (table.copy $own $shared (i32.const 0) (i32.const 0) (i32.const 1))
    (table.fill $own (i32.const 0) (ref.func $many) (i32.const 1))
    (drop (table.grow $own (ref.null func) (i32.const 1)))
    (drop (select (result funcref) (table.get $own (i32.const 0)) (local.get 4) (local.get 0)))
    (call_indirect $own (type $pair) (i32.const 1) (i64.const 2) (i32.const 0)) (drop) (drop)
    (block (param i32) (result i32) (i32.extend8_s))
    (return_call $many)))`

describe('encode', () => {
  it('gives a module of every construct back byte for byte, custom sections included', () => {
    const bytes = watToWasm(EVERYTHING, { names: true })
    const module = decode(bytes, { floats: 'reject', limits: DEFAULT_LIMITS })
    expect(encode(module)).toEqual(bytes)
  })

  it('gives floats back as their bits', () => {
    const bytes = watToWasm('(module (func (result f32 f64) (f32.const nan:0x200001) (f64.const -0x1.8p-1070)))')
    expect(encode(decode(bytes, { floats: 'trap', limits: DEFAULT_LIMITS }))).toEqual(bytes)
  })
})
