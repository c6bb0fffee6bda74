/**
 * A contract that wants much native stack for its size: a recursive function that computes `terms` values before the call
 * and the same again after it, which an optimising compiler keeps in the frame meanwhile. At the bottom of the recursion
 * it calls itself, some levels deep, and on the last level it goes further down by small steps, adding two points of
 * bn254 at each, and logs the step where that fails: a failure there can only come from the machine.
 */

export function deepContract(terms: number): Uint8Array {
  const half = Array.from({ length: terms }, (_, i) => `local.get 0 i32.const ${i + 1} i32.add i32.xor`).join('\n')
  return watToWasm(`(module
    (import "vm_hooks" "read_args" (func $args (param i32)))
    (import "vm_hooks" "contract_address" (func $self (param i32)))
    (import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))
    (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
    (import "vm_hooks" "static_call_contract" (func $static (param i32 i32 i32 i64 i32) (result i32)))
    (memory (export "memory") 1)
    ;; Functions in tables are charged when they are entered, not with their callers.
    (table 1 funcref) (elem (i32.const 0) $bottom)
    (global $depth (mut i32) (i32.const 0)) (global $levels (mut i32) (i32.const 0)) (global $found (mut i32) (i32.const 0))
    ;; 0x200: address 6; 0x400: the point (1, 2) twice
    (data (i32.const 0x213) "\\06")
    (data (i32.const 0x41f) "\\01") (data (i32.const 0x43f) "\\02") (data (i32.const 0x45f) "\\01") (data (i32.const 0x47f) "\\02")
    (func $scan (param i32)
      (if (call $static (i32.const 0x200) (i32.const 0x400) (i32.const 128) (i64.const 5000) (i32.const 300))
        (then (global.set $found (local.get 0)))
        (else (if (i32.lt_u (local.get 0) (i32.const 40)) (then (call $scan (i32.add (local.get 0) (i32.const 1))))))))
    (func $bottom
      (if (global.get $levels)
        (then
          (i32.store (i32.const 0) (i32.sub (global.get $levels) (i32.const 1)))
          (i32.store (i32.const 4) (i32.const 0))
          (if (call $call (i32.const 160) (i32.const 0) (i32.const 12) (i32.const 0x600) (i64.const -1) (i32.const 300))
            (then unreachable)))
        (else (call $scan (i32.const 1)))))
    (func $f (param i32) (result i32)
      i32.const 0
      ${half}
      (if (param i32) (result i32) (global.get $depth)
        (then
          (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
          (i32.add (call $f (local.get 0))))
        (else (call $bottom)))
      ${half})
    (func (export "user_entrypoint") (param i32) (result i32) (local i32)
      (call $args (i32.const 0)) (call $self (i32.const 160))
      (global.set $levels (i32.load (i32.const 0)))
      (global.set $depth (i32.load (i32.const 8)))
      (local.set 1 (call $f (i32.const 3)))
      (if (global.get $found) (then
        (i32.store (i32.const 16) (global.get $found))
        (call $log (i32.const 16) (i32.const 4) (i32.const 0))))
      (i32.store (i32.const 16) (local.get 1))
      (call $log (i32.const 16) (i32.const 4) (i32.const 0))
      (i32.const 0)))`)
}

/** Calls itself `levels` times, going `depth` frames down on each level. */
export function deepCall(levels: number, depth: number): Uint8Array {
  const data = new Uint8Array(12)
  const view = new DataView(data.buffer)
  view.setUint32(0, levels, true)
  view.setUint32(8, depth, true)
  return data
}

import { watToWasm } from '../../testing/modules.ts'
