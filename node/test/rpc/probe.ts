/** A contract with one function for each thing that can happen to a call, in WebAssembly text over the Stylus ABI. */
import {
  bytesToHex,
  encodeAbiParameters,
  encodeErrorResult,
  type Hex,
  hexToBytes,
  keccak256,
  parseAbi,
  stringToHex,
  toFunctionSelector,
} from 'viem'
import { encodeInitCode } from '../../src/execution/initCode.ts'
import { packCode, watToWasm } from '../../testing/modules.ts'

export const probeAbi = parseAbi([
  'function value() view returns (uint256)',
  'function set(uint256 value)',
  'function refuse() view',
  'function deny() view',
  'function trap() view',
  'function spin() view',
  'event Set(uint256 indexed value)',
  'error Denied(uint256 amount)',
])

export const REASON = 'the probe refuses'
export const DENIED_AMOUNT = 7n

const refusal = encodeErrorResult({ abi: parseAbi(['error Error(string)']), args: [REASON] })
const denial = encodeErrorResult({ abi: parseAbi(['error Denied(uint256)']), args: [DENIED_AMOUNT] })
const topic = keccak256(stringToHex('Set(uint256)'))

/** As a little-endian i32, which is how the module reads it. */
function selector(signature: string): string {
  return `0x${toFunctionSelector(signature).slice(2).match(/../g)!.reverse().join('')}`
}

function bytesOf(data: Hex): string {
  return Array.from(hexToBytes(data), (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
}

/** Memory: 0 calldata, 256 the storage slot (0), 320 topics, 512 and 768 revert data, 1024 scratch. */
const TEXT = `(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (import "vm_hooks" "emit_log" (func $emit_log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 320) "${bytesOf(topic)}")
  (data (i32.const 512) "${bytesOf(refusal)}")
  (data (i32.const 768) "${bytesOf(denial)}")
  (func $broken unreachable)
  (func (export "user_entrypoint") (param $length i32) (result i32)
    (local $selector i32)
    (call $read_args (i32.const 0))
    (local.set $selector (i32.load (i32.const 0)))
    (if (i32.eq (local.get $selector) (i32.const ${selector('value()')})) (then
      (call $load (i32.const 256) (i32.const 1024))
      (call $write_result (i32.const 1024) (i32.const 32))
      (return (i32.const 0))))
    (if (i32.eq (local.get $selector) (i32.const ${selector('set(uint256)')})) (then
      (call $cache (i32.const 256) (i32.const 4))
      (call $flush (i32.const 0))
      (memory.copy (i32.const 352) (i32.const 4) (i32.const 32))
      (call $emit_log (i32.const 320) (i32.const 64) (i32.const 2))
      (return (i32.const 0))))
    (if (i32.eq (local.get $selector) (i32.const ${selector('refuse()')})) (then
      (call $write_result (i32.const 512) (i32.const ${(refusal.length - 2) / 2}))
      (return (i32.const 1))))
    (if (i32.eq (local.get $selector) (i32.const ${selector('deny()')})) (then
      (call $write_result (i32.const 768) (i32.const ${(denial.length - 2) / 2}))
      (return (i32.const 1))))
    (if (i32.eq (local.get $selector) (i32.const ${selector('trap()')})) (then (call $broken)))
    (if (i32.eq (local.get $selector) (i32.const ${selector('spin()')})) (then (loop $again (br $again))))
    (i32.const 1)))`

/** Init code as cargo-stylus sends it: version 00, no constructor. */
export function probeBytecode(): Hex {
  return bytesToHex(encodeInitCode(packCode(watToWasm(TEXT)), null))
}

export function encodedValue(value: bigint): Hex {
  return encodeAbiParameters([{ type: 'uint256' }], [value])
}
