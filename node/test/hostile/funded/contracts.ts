/**
 * The contracts of an attacker with money, each as heavy for its gas as is known. All take what to do from their calldata.
 */

import { concatBytes } from '../../../src/codec/bytes.ts'
import { encodeInitCode } from '../../../src/execution/initCode.ts'
import { packCode, watToWasm } from '../../../testing/modules.ts'
import { prefixCodesOnly } from './prefixCodes.ts'

/** EFF000 || 00 || a stream that never gives a module. */
export function codeOfPrefixCodes(bytes: number): Uint8Array {
  return concatBytes(Uint8Array.of(0xef, 0xf0, 0, 0), prefixCodesOnly(bytes))
}

const hexText = (bytes: Uint8Array) => Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
const times = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')

/** The init code of a contract that is stored packed and has no constructor. */
export const initCodeOf = (text: string): Uint8Array => encodeInitCode(packCode(watToWasm(text)), null)

/** Little-endian, as the contracts below read their calldata. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true)
  return bytes
}

const TERMS = 3_000
const DEPTH = 2_200

/**
 * words(turns, levels): runs a function `turns` times, which makes it hot; then recurses through it, and at the bottom calls
 * itself `levels` times over. The function computes the same 3 000 values before and after its call, which an optimising
 * compiler keeps alive across it.
 */
export function valuesAcrossCalls(): string {
  const half = times(TERMS, (i) => `local.get 0 i32.const ${i + 1} i32.add i32.xor`)
  return `(module
    (import "vm_hooks" "read_args" (func $args (param i32)))
    (import "vm_hooks" "contract_address" (func $self (param i32)))
    (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
    (memory (export "memory") 1)
    (global $deep (mut i32) (i32.const 0))
    (global $levels (mut i32) (i32.const 0))
    (func $bottom
      (if (global.get $levels) (then
        (i32.store (i32.const 0) (i32.const 0))
        (i32.store (i32.const 4) (i32.sub (global.get $levels) (i32.const 1)))
        (drop (call $call (i32.const 160) (i32.const 0) (i32.const 8) (i32.const 32) (i64.const -1) (i32.const 300))))))
    (func $f (param i32) (result i32)
      i32.const 0
      ${half}
      (if (global.get $deep)
        (then
          (global.set $deep (i32.sub (global.get $deep) (i32.const 1)))
          (drop (call $f (local.get 0))))
        (else (call $bottom)))
      ${half})
    (func (export "user_entrypoint") (param i32) (result i32) (local i32 i32)
      (call $args (i32.const 0)) (call $self (i32.const 160))
      (if (i32.load (i32.const 0)) (then
        (local.set 1 (i32.load (i32.const 0)))
        (loop
          (local.set 2 (i32.add (local.get 2) (call $f (local.get 1))))
          (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))))
      (global.set $levels (i32.load (i32.const 4)))
      (global.set $deep (i32.const ${DEPTH}))
      (i32.store (i32.const 8) (i32.add (local.get 2) (call $f (i32.const 3))))
      (i32.const 0)))`
}

/** Creates contracts from a stream of prefix codes until its gas is gone, in calls of itself that fail. */
export function creationsOfPrefixCodes(bytes: number): string {
  const init = encodeInitCode(codeOfPrefixCodes(bytes), null)
  return `(module
    (import "vm_hooks" "create1" (func $create (param i32 i32 i32 i32 i32)))
    (import "vm_hooks" "contract_address" (func $self (param i32)))
    (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
    (memory (export "memory") 4) (data (i32.const 1024) "${hexText(init)}")
    (func (export "user_entrypoint") (param i32) (result i32)
      (call $self (i32.const 160))
      (if (local.get 0) (then
        (call $create (i32.const 1024) (i32.const ${init.length}) (i32.const 0) (i32.const 64) (i32.const 128))
        (return (i32.const 0))))
      (loop
        (drop (call $call (i32.const 160) (i32.const 0) (i32.const 1) (i32.const 32) (i64.const 49000) (i32.const 300)))
        (br 0))
      (i32.const 0)))`
}

/** 16 tables of 10 000 elements, and an entry point that can call itself. */
const withTables = (entry: string) => `(module
    (import "vm_hooks" "contract_address" (func $self (param i32)))
    (import "vm_hooks" "static_call_contract" (func $call (param i32 i32 i32 i64 i32) (result i32)))
    (memory (export "memory") 1)
    ${times(16, () => '(table 10000 funcref)')}
    (func $again (result i32)
      (call $self (i32.const 160))
      (call $call (i32.const 160) (i32.const 0) (i32.const 1) (i64.const -1) (i32.const 300)))
    (func (export "user_entrypoint") (param i32) (result i32) ${entry}))`

/** An instance whose memory grows, and calls of itself one after the other until the gas is gone. */
export function freshInstances(): string {
  return withTables(`
      (drop (memory.grow (i32.const 1)))
      (if (local.get 0) (then (return (i32.const 0))))
      (loop (drop (call $again)) (br 0))
      (i32.const 0)`)
}

/** The same tables, each frame inside the one before, so that all are held at once. */
export function nestedInstances(): string {
  return withTables('(call $again)')
}

/** words(steps): a chain of loads at random through 4 MiB, which no cache of a processor holds. */
export function scatteredLoads(): string {
  return `(module
    (import "vm_hooks" "read_args" (func $args (param i32)))
    (memory (export "memory") 64)
    (func (export "user_entrypoint") (param i32) (result i32) (local $n i32) (local $at i32)
      (call $args (i32.const 0))
      (local.set $n (i32.load (i32.const 0)))
      (loop
        (local.set $at (i32.and
          (i32.add (i32.mul (i32.add (local.get $at) (i32.load (local.get $at))) (i32.const 1664525)) (i32.const 1013904223))
          (i32.const 0x3ffffc)))
        (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.store (i32.const 4) (local.get $at))
      (i32.const 0)))`
}

/** Reverts with 16 KiB that would clear a terminal and turn text around. */
export function loudReverts(): string {
  return `(module
    (import "vm_hooks" "write_result" (func $result (param i32 i32)))
    (import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\08\\c3\\79\\a0") (data (i32.const 35) "\\20") (data (i32.const 66) "\\3f\\80")
    (data (i32.const 68) "\\1b[2J\\1b]0;owned\\07\\c2\\9b2J\\e2\\80\\ae")
    (func (export "user_entrypoint") (param i32) (result i32)
      (call $log (i32.const 0) (i32.const 16384) (i32.const 0))
      (call $result (i32.const 0) (i32.const 16384))
      (i32.const 1)))`
}

/** For state overrides: a contract that never ends by itself. */
export function endless(): Uint8Array {
  return watToWasm(`(module (memory (export "memory") 1)
    (func (export "user_entrypoint") (param i32) (result i32) (loop (br 0)) (i32.const 0)))`)
}
