/** Contracts of the hardware export besides the puppet: one that traps in every way there is, and one that computes. */
import { watToWasm } from '../../testing/modules.ts'

/** The trap that the first byte of calldata brings about. Each is the contract's failure, on every engine and machine. */
export const trapKinds = [
  'unreachable',
  'i32 division by zero',
  'i32 division overflow',
  'i64 division by zero',
  'i64 remainder by zero',
  'i64 division overflow',
  'load out of bounds',
  'store out of bounds',
  'fill out of bounds',
  'copy out of bounds',
  'init out of bounds',
  'null function',
  'function of another type',
  'table out of bounds',
  'host pointer out of bounds',
  'stack exhausted',
  'out of gas in a loop',
  'out of gas in calls',
] as const

const trapBodies = [
  'unreachable',
  '(drop (i32.div_u (local.get $n) (global.get $zero)))',
  '(drop (i32.div_s (i32.const 0x80000000) (i32.sub (global.get $zero) (i32.const 1))))',
  '(drop (i64.div_s (i64.const 7) (i64.extend_i32_u (global.get $zero))))',
  '(drop (i64.rem_u (i64.const 7) (i64.extend_i32_u (global.get $zero))))',
  '(drop (i64.div_s (i64.const 0x8000000000000000) (i64.sub (i64.extend_i32_u (global.get $zero)) (i64.const 1))))',
  '(drop (i64.load offset=1 (i32.const 65528)))',
  '(i32.store16 (i32.const -1) (local.get $n))',
  '(memory.fill (i32.const 65000) (i32.const 7) (i32.const 1000))',
  '(memory.copy (i32.const 0) (i32.const 65530) (i32.const 8))',
  '(memory.init $words (i32.const 0) (i32.const 2) (i32.const 8))',
  '(call_indirect (type $plain) (i32.const 1))',
  '(call_indirect (type $plain) (i32.const 0))',
  '(call_indirect (type $plain) (i32.const 100))',
  '(call $write_result (i32.const 65530) (i32.const 100))',
  '(drop (call $deep (i64.const 0)))',
  '(loop $forever (global.set $count (i32.add (global.get $count) (i32.const 1))) (br $forever))',
  '(loop $forever (drop (call $leaf (local.get $n))) (br $forever))',
]

const TRAPS_WAT = `(module
  (type $plain (func))
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (memory (export "memory") 1)
  (table 4 funcref)
  (elem (i32.const 0) $leaf)
  (data $words "abcdefgh")
  (global $zero (mut i32) (i32.const 0))
  (global $count (mut i32) (i32.const 0))
  (func $leaf (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $deep (param i64) (result i64)
    (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (i64.const 1)))
  (func (export "user_entrypoint") (param $n i32) (result i32)
    (call $read_args (i32.const 0))
    ${trapBodies
      .map(
        (body, index) => `(if (i32.eq (i32.load8_u (i32.const 0)) (i32.const ${index})) (then ${body}))
    `,
      )
      .join('')}
    (i32.const 0)))`

/**
 * Calldata: rounds (1 byte), seed (8 bytes). Mixes 64-bit state through every integer instruction and through memory in
 * all widths at odd addresses, which is where the order of bytes would show; stores the result, logs it and answers it.
 */
const CALCULATOR_WAT = `(module
  (type $step (func (param i64 i64) (result i64)))
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (import "vm_hooks" "native_keccak256" (func $keccak (param i32 i32 i32)))
  (memory (export "memory") 1 4)
  (table 8 funcref)
  (elem (i32.const 0) $arithmetic $bits $divide $narrow $compare $memories $bulk $count)
  (data (i32.const 0x800) "\\01\\23\\45\\67\\89\\ab\\cd\\ef\\fe\\dc\\ba\\98\\76\\54\\32\\10")
  (global $turns (mut i64) (i64.const 0x1234567890abcdef))
  (func $arithmetic (param $a i64) (param $b i64) (result i64)
    (i64.add (i64.mul (local.get $a) (i64.const 0x5851f42d4c957f2d))
      (i64.sub (i64.const 0x14057b7ef767814f) (local.get $b))))
  (func $bits (param $a i64) (param $b i64) (result i64)
    (i64.xor (i64.rotl (local.get $a) (local.get $b))
      (i64.or (i64.rotr (local.get $b) (i64.const 13))
        (i64.and (i64.shr_s (local.get $a) (i64.const 7))
          (i64.shl (i64.shr_u (local.get $b) (i64.const 3)) (local.get $a))))))
  (func $divide (param $a i64) (param $b i64) (result i64)
    (local $d i64)
    (local.set $d (i64.or (local.get $b) (i64.const 3)))
    (if (i64.eq (local.get $d) (i64.const -1)) (then (local.set $d (i64.const 5))))
    (i64.xor
      (i64.add (i64.div_s (local.get $a) (local.get $d)) (i64.rem_u (local.get $a) (local.get $d)))
      (i64.sub (i64.div_u (local.get $a) (local.get $d)) (i64.rem_s (local.get $a) (local.get $d)))))
  (func $narrow (param $a i64) (param $b i64) (result i64)
    (i64.add
      (i64.add (i64.extend8_s (local.get $a)) (i64.extend16_s (local.get $b)))
      (i64.xor (i64.extend32_s (local.get $a))
        (i64.extend_i32_s (i32.add (i32.extend8_s (i32.wrap_i64 (local.get $b)))
          (i32.rotl (i32.wrap_i64 (local.get $a)) (i32.extend16_s (i32.wrap_i64 (local.get $b)))))))))
  (func $compare (param $a i64) (param $b i64) (result i64)
    (i64.add
      (select (local.get $a) (local.get $b) (i64.lt_s (local.get $a) (local.get $b)))
      (i64.extend_i32_u (i32.add
        (i32.shl (i64.gt_u (local.get $a) (local.get $b)) (i32.const 5))
        (i32.or (i64.le_u (local.get $a) (i64.const -9)) (i32.shl (i64.eqz (local.get $b)) (i32.const 9)))))))
  (func $memories (param $a i64) (param $b i64) (result i64)
    (i64.store offset=0x401 (i32.const 0) (local.get $a))
    (i64.store32 offset=0x40b (i32.const 0) (local.get $b))
    (i64.store16 offset=0x411 (i32.const 0) (local.get $a))
    (i64.store8 offset=0x417 (i32.const 0) (local.get $b))
    (i32.store offset=0x419 (i32.const 0) (i32.wrap_i64 (local.get $a)))
    (i32.store16 offset=0x41f (i32.const 0) (i32.wrap_i64 (local.get $b)))
    (i64.add
      (i64.add (i64.load offset=0x403 (i32.const 0)) (i64.load32_s offset=0x40d (i32.const 0)))
      (i64.add
        (i64.xor (i64.load16_s offset=0x410 (i32.const 0)) (i64.load8_s offset=0x405 (i32.const 0)))
        (i64.add (i64.load32_u offset=0x407 (i32.const 0))
          (i64.extend_i32_u (i32.xor (i32.load16_u offset=0x41d (i32.const 0))
            (i32.add (i32.load offset=0x409 (i32.const 0)) (i32.load16_s offset=0x802 (i32.const 0)))))))))
  (func $bulk (param $a i64) (param $b i64) (result i64)
    (memory.copy (i32.const 0x501) (i32.const 0x400) (i32.const 48))
    (memory.copy (i32.const 0x505) (i32.const 0x501) (i32.const 40))
    (memory.fill (i32.const 0x523) (i32.wrap_i64 (local.get $a)) (i32.const 5))
    (i64.store offset=0x601 (i32.const 0) (local.get $a))
    (i64.store offset=0x609 (i32.const 0) (local.get $b))
    (call $keccak (i32.const 0x501) (i32.const 0x110) (i32.const 0x700))
    (i64.load offset=0x707 (i32.const 0)))
  (func $count (param $a i64) (param $b i64) (result i64)
    (global.set $turns (i64.add (global.get $turns) (i64.popcnt (local.get $a))))
    (i64.mul (global.get $turns)
      (i64.add (i64.shl (i64.clz (local.get $a)) (i64.const 8)) (i64.ctz (local.get $b)))))
  (func (export "user_entrypoint") (param $n i32) (result i32)
    (local $rounds i32) (local $a i64) (local $b i64) (local $next i64)
    (call $read_args (i32.const 0))
    (local.set $rounds (i32.load8_u (i32.const 0)))
    (local.set $a (i64.load offset=1 (i32.const 0)))
    (local.set $b (i64.const 0x9e3779b97f4a7c15))
    (block $done (loop $more
      (br_if $done (i32.eqz (local.get $rounds)))
      (local.set $next (call_indirect (type $step) (local.get $a) (local.get $b)
        (i32.and (i32.wrap_i64 (i64.shr_u (local.get $a) (i64.const 11))) (i32.const 7))))
      (local.set $b (i64.add (local.get $a) (i64.extend_i32_u (local.get $rounds))))
      (local.set $a (i64.xor (local.get $next) (i64.rotl (local.get $b) (i64.const 23))))
      (local.set $rounds (i32.sub (local.get $rounds) (i32.const 1)))
      (br $more)))
    (i64.store offset=0x900 (i32.const 0) (local.get $a))
    (i64.store offset=0x908 (i32.const 0) (local.get $b))
    (i64.store offset=0x910 (i32.const 0) (global.get $turns))
    (i64.store offset=0x918 (i32.const 0) (i64.extend_i32_u (memory.grow (i32.const 1))))
    (call $cache (i32.const 0xa00) (i32.const 0x900))
    (call $flush (i32.const 0))
    (call $log (i32.const 0x900) (i32.const 64) (i32.const 1))
    (call $write_result (i32.const 0x900) (i32.const 32))
    (i32.const 0)))`

export const TRAPS_MODULE: Uint8Array = watToWasm(TRAPS_WAT)
export const CALCULATOR_MODULE: Uint8Array = watToWasm(CALCULATOR_WAT)

/** Valid, but computes with floats, which no contract may. */
export const FLOAT_MODULE: Uint8Array = watToWasm(`(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (memory (export "memory") 1)
  (func (export "user_entrypoint") (param i32) (result i32)
    (i32.trunc_f64_s (f64.sqrt (f64.convert_i32_s (local.get 0))))))`)
