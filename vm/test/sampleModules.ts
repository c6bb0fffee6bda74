/** Modules that between them hold every section and most instructions: where fuzz tests start from. */
import { watToWasm } from '../testing/wat.ts'

const CONTROL = `(module
  (type $v (func)) (type $pair (func (param i32 i64) (result i64 i32)))
  (import "e" "f" (func $f (param i32) (result i32))) (import "e" "g" (global $g i32))
  (table $t 4 8 funcref) (elem (i32.const 0) $swap $main) (elem declare func $main) (elem $p func $swap)
  (memory 1 2) (data (i32.const 8) "hello") (data $d "passive")
  (global $m (mut i64) (i64.const -5)) (global $c i32 (i32.add (global.get $g) (i32.const 3)))
  (export "main" (func $main)) (export "memory" (memory 0)) (start $start)
  (func $start (global.set $m (i64.const 1)))
  (func $swap (type $pair) (local.get 1) (local.get 0))
  (func $main (param i32) (result i32) (local i64 i32 funcref)
    (block $a (loop $b (br_if $a (i32.eqz (local.get 0)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_table $a $b $a (local.get 0))))
    (if (result i32) (local.get 0) (then (call $f (i32.const 7))) (else (i32.load16_s offset=4 (local.get 0))))
    (block (param i32) (result i32) (i32.extend8_s) (br_if 0 (local.get 2)))
    (call_indirect $t (type $pair) (i32.const 1) (i64.const 2) (i32.const 0)) (drop) (drop)
    (select (local.get 0) (i32.const 4)) (return)))`

const BULK = `(module (memory 1) (table $t 3 funcref) (table $u 2 funcref) (elem $e func $x) (data $d "abc")
  (func $x (param i32) (result i32)
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
    (memory.copy (i32.const 0) (i32.const 1) (i32.const 2)) (memory.fill (i32.const 0) (i32.const 1) (i32.const 2))
    (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $e)
    (table.copy $t $u (i32.const 0) (i32.const 0) (i32.const 1)) (table.fill $t (i32.const 0) (ref.func $x) (i32.const 1))
    (drop (table.grow $t (ref.null func) (i32.const 1))) (drop (table.size $u))
    (table.set $t (i32.const 0) (table.get $u (i32.const 1)))
    (drop (ref.is_null (select (result funcref) (ref.null func) (table.get $t (i32.const 0)) (local.get 0))))
    (drop (memory.grow (memory.size))) (return_call $x (local.get 0)))
  (func (param i32) (result i32) (return_call_indirect $t (param i32) (result i32) (local.get 0) (i32.const 0))))`

const NUMBERS = `(module (func (export "n") (param i32 i64) (result i64)
  (local.set 0 (i32.rotl (i32.mul (local.get 0) (i32.const 77)) (i32.popcnt (i32.clz (local.get 0)))))
  (local.set 1 (i64.rem_u (i64.add (local.get 1) (i64.extend_i32_s (local.get 0))) (i64.const 0x7fffffffffffffff)))
  (i64.shr_s (i64.extend32_s (local.get 1)) (i64.extend_i32_u (i32.wrap_i64 (i64.ctz (local.get 1)))))))`

export function sampleModules(): readonly Uint8Array[] {
  return [CONTROL, BULK, NUMBERS].map((text) => watToWasm(text, { names: text === CONTROL }))
}
