/**
 * For tests: a contract that does what its calldata says, one command in each call, and a world to run it in. The first
 * byte is the command; what it answers is the call's output.
 */
import { packCode, watToWasm } from '../../../testing/modules.ts'
import { bigintToBytes, concatBytes } from '../../codec/bytes.ts'
import type { JournaledState } from '../../state/journaledState.ts'
import { openMemoryState } from '../../state/memoryState.ts'
import type { Log } from '../../types/log.ts'
import type { CallOutcome } from '../call.ts'
import { callMessage } from '../callMessage.ts'
import type { BlockContext } from '../contractHost.ts'
import type { ExecutionConfig } from '../executionConfig.ts'
import { createProgramCache } from '../programCache.ts'

/**
 * Calldata lies at 0x10000, output is made at 0x400. 01 store, 02 load, 03 call, 04 create, 05 log, 06 trap, 07 loop,
 * 08 context, 09 revert, 0a store and revert, 0b transient, 0c recurse, 0d grow, 0e gas, 0f account, 10 sequence,
 * 11 store without a flush, 12 print; 55 is the first byte of the constructor's selector.
 */
export const PUPPET_WAT = `(module
  (import "vm_hooks" "read_args" (func $read_args (param i32)))
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (import "vm_hooks" "transient_load_bytes32" (func $tload (param i32 i32)))
  (import "vm_hooks" "transient_store_bytes32" (func $tstore (param i32 i32)))
  (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "delegate_call_contract" (func $delegate (param i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "static_call_contract" (func $static (param i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "create1" (func $create1 (param i32 i32 i32 i32 i32)))
  (import "vm_hooks" "create2" (func $create2 (param i32 i32 i32 i32 i32 i32)))
  (import "vm_hooks" "read_return_data" (func $return_data (param i32 i32 i32) (result i32)))
  (import "vm_hooks" "return_data_size" (func $return_size (result i32)))
  (import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))
  (import "vm_hooks" "msg_sender" (func $sender (param i32)))
  (import "vm_hooks" "msg_value" (func $value (param i32)))
  (import "vm_hooks" "contract_address" (func $self (param i32)))
  (import "vm_hooks" "tx_origin" (func $origin (param i32)))
  (import "vm_hooks" "msg_reentrant" (func $reentrant (result i32)))
  (import "vm_hooks" "evm_gas_left" (func $gas_left (result i64)))
  (import "vm_hooks" "account_balance" (func $balance (param i32 i32)))
  (import "vm_hooks" "account_codehash" (func $codehash (param i32 i32)))
  (import "vm_hooks" "account_code_size" (func $codesize (param i32) (result i32)))
  (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
  (import "console" "log_txt" (func $print (param i32 i32)))
  (memory (export "memory") 4)
  (global $length (mut i32) (i32.const 0))
  (func $trap_here unreachable)
  (func $recurse (param i32) (result i32)
    (i32.add (call $recurse (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func $answer (param $length i32)
    (global.set $length (local.get $length)))
  (func $run (param $p i32) (param $n i32) (result i32)
    (local $op i32) (local $kind i32) (local $gas i64) (local $status i32) (local $step i32)
    (local.set $op (i32.load8_u (local.get $p)))
    (local.set $p (i32.add (local.get $p) (i32.const 1)))
    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (if (i32.eq (local.get $op) (i32.const 0x01)) (then
      (call $cache (local.get $p) (i32.add (local.get $p) (i32.const 32)))
      (call $flush (i32.const 0))
      (return (i32.const 0))))
    (if (i32.eq (local.get $op) (i32.const 0x02)) (then
      (call $load (local.get $p) (i32.const 0x400))
      (call $answer (i32.const 32))
      (return (i32.const 0))))
    ;; kind 1, address 20, value 32, gas 8 (little-endian), data
    (if (i32.eq (local.get $op) (i32.const 0x03)) (then
      (local.set $kind (i32.load8_u (local.get $p)))
      (local.set $gas (i64.load (i32.add (local.get $p) (i32.const 53))))
      (local.set $n (i32.sub (local.get $n) (i32.const 61)))
      (local.set $status
        (if (result i32) (i32.eqz (local.get $kind))
          (then (call $call (i32.add (local.get $p) (i32.const 1)) (i32.add (local.get $p) (i32.const 61)) (local.get $n)
            (i32.add (local.get $p) (i32.const 21)) (local.get $gas) (i32.const 0x100)))
          (else (if (result i32) (i32.eq (local.get $kind) (i32.const 1))
            (then (call $delegate (i32.add (local.get $p) (i32.const 1)) (i32.add (local.get $p) (i32.const 61))
              (local.get $n) (local.get $gas) (i32.const 0x100)))
            (else (call $static (i32.add (local.get $p) (i32.const 1)) (i32.add (local.get $p) (i32.const 61))
              (local.get $n) (local.get $gas) (i32.const 0x100)))))))
      (i32.store8 (i32.const 0x400) (local.get $status))
      (call $answer (i32.add (i32.const 1) (call $return_data (i32.const 0x401) (i32.const 0) (call $return_size))))
      (return (i32.const 0))))
    ;; kind 1 (1: CREATE2), value 32, salt 32, code
    (if (i32.eq (local.get $op) (i32.const 0x04)) (then
      (if (i32.load8_u (local.get $p))
        (then (call $create2 (i32.add (local.get $p) (i32.const 65)) (i32.sub (local.get $n) (i32.const 65))
          (i32.add (local.get $p) (i32.const 1)) (i32.add (local.get $p) (i32.const 33)) (i32.const 0x400) (i32.const 0x100)))
        (else (call $create1 (i32.add (local.get $p) (i32.const 65)) (i32.sub (local.get $n) (i32.const 65))
          (i32.add (local.get $p) (i32.const 1)) (i32.const 0x400) (i32.const 0x100))))
      (call $answer (i32.add (i32.const 20) (call $return_data (i32.const 0x414) (i32.const 0) (call $return_size))))
      (return (i32.const 0))))
    ;; topics 1, topics and data
    (if (i32.eq (local.get $op) (i32.const 0x05)) (then
      (call $log (i32.add (local.get $p) (i32.const 1)) (i32.sub (local.get $n) (i32.const 1)) (i32.load8_u (local.get $p)))
      (return (i32.const 0))))
    (if (i32.eq (local.get $op) (i32.const 0x06)) (then (call $trap_here)))
    (if (i32.eq (local.get $op) (i32.const 0x07)) (then (loop $forever (br $forever))))
    (if (i32.eq (local.get $op) (i32.const 0x08)) (then
      (call $sender (i32.const 0x400))
      (call $self (i32.const 0x414))
      (call $origin (i32.const 0x428))
      (call $value (i32.const 0x43c))
      (i32.store8 (i32.const 0x45c) (call $reentrant))
      (call $answer (i32.const 93))
      (return (i32.const 0))))
    (if (i32.eq (local.get $op) (i32.const 0x09)) (then
      (memory.copy (i32.const 0x400) (local.get $p) (local.get $n))
      (call $answer (local.get $n))
      (return (i32.const 1))))
    (if (i32.eq (local.get $op) (i32.const 0x0a)) (then
      (call $cache (local.get $p) (i32.add (local.get $p) (i32.const 32)))
      (call $flush (i32.const 0))
      (call $answer (i32.const 0))
      (return (i32.const 1))))
    ;; write 1, key 32, value 32
    (if (i32.eq (local.get $op) (i32.const 0x0b)) (then
      (if (i32.load8_u (local.get $p))
        (then (call $tstore (i32.add (local.get $p) (i32.const 1)) (i32.add (local.get $p) (i32.const 33)))))
      (call $tload (i32.add (local.get $p) (i32.const 1)) (i32.const 0x400))
      (call $answer (i32.const 32))
      (return (i32.const 0))))
    (if (i32.eq (local.get $op) (i32.const 0x0c)) (then (drop (call $recurse (i32.const 0)))))
    ;; pages 4 (little-endian)
    (if (i32.eq (local.get $op) (i32.const 0x0d)) (then
      (call $pay (i32.load (local.get $p)))
      (i32.store (i32.const 0x400) (memory.grow (i32.load (local.get $p))))
      (call $answer (i32.const 4))
      (return (i32.const 0))))
    (if (i32.eq (local.get $op) (i32.const 0x0e)) (then
      (i64.store (i32.const 0x400) (call $gas_left))
      (call $answer (i32.const 8))
      (return (i32.const 0))))
    (if (i32.eq (local.get $op) (i32.const 0x0f)) (then
      (call $balance (local.get $p) (i32.const 0x400))
      (call $codehash (local.get $p) (i32.const 0x420))
      (i32.store (i32.const 0x440) (call $codesize (local.get $p)))
      (call $answer (i32.const 68))
      (return (i32.const 0))))
    ;; commands with their lengths before them, 2 bytes little-endian; the last one's answer counts
    (if (i32.eq (local.get $op) (i32.const 0x10)) (then
      (block $done (loop $next
        (br_if $done (i32.le_s (local.get $n) (i32.const 0)))
        (local.set $step (i32.load16_u (local.get $p)))
        (local.set $status (call $run (i32.add (local.get $p) (i32.const 2)) (local.get $step)))
        (if (local.get $status) (then (return (local.get $status))))
        (local.set $p (i32.add (local.get $p) (i32.add (i32.const 2) (local.get $step))))
        (local.set $n (i32.sub (local.get $n) (i32.add (i32.const 2) (local.get $step))))
        (br $next)))
      (return (i32.const 0))))
    (if (i32.eq (local.get $op) (i32.const 0x11)) (then
      (call $cache (local.get $p) (i32.add (local.get $p) (i32.const 32)))
      (return (i32.const 0))))
    (if (i32.eq (local.get $op) (i32.const 0x12)) (then
      (call $print (local.get $p) (local.get $n))
      (return (i32.const 0))))
    ;; the constructor: stores its argument at slot 0 and the value at slot 1; without an argument it reverts
    (if (i32.eq (local.get $op) (i32.const 0x55)) (then
      (if (i32.ne (local.get $n) (i32.const 35)) (then
        (i32.store (i32.const 0x400) (i32.const 0x64616221))
        (call $answer (i32.const 4))
        (return (i32.const 1))))
      (call $cache (i32.const 0x200) (i32.add (local.get $p) (i32.const 3)))
      (i32.store8 (i32.const 0x23f) (i32.const 1))
      (call $value (i32.const 0x240))
      (call $cache (i32.const 0x220) (i32.const 0x240))
      (call $flush (i32.const 1))
      (return (i32.const 0))))
    (return (i32.const 0)))
  (func (export "user_entrypoint") (param $n i32) (result i32)
    (local $status i32)
    (call $read_args (i32.const 0x10000))
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (local.set $status (call $run (i32.const 0x10000) (local.get $n)))
    (call $write_result (i32.const 0x400) (global.get $length))
    (local.get $status))
)`

export const PUPPET_MODULE = watToWasm(PUPPET_WAT)
export const PUPPET_CODE = packCode(PUPPET_MODULE)

export const word = (value: bigint): Uint8Array => bigintToBytes(value, 32)
export const address = (value: bigint): Uint8Array => bigintToBytes(value, 20)
const littleEndian = (value: bigint, length: number): Uint8Array => bigintToBytes(value, length).reverse()

const ALL_GAS = 2n ** 63n - 1n
const kinds = { call: 0, delegatecall: 1, staticcall: 2 } as const

/** Calldata for the puppet. */
export const command = {
  store: (key: bigint, value: bigint) => concatBytes(Uint8Array.of(0x01), word(key), word(value)),
  storeUnflushed: (key: bigint, value: bigint) => concatBytes(Uint8Array.of(0x11), word(key), word(value)),
  load: (key: bigint) => concatBytes(Uint8Array.of(0x02), word(key)),
  call: (kind: keyof typeof kinds, to: Uint8Array, data: Uint8Array, options: { value?: bigint; gas?: bigint } = {}) =>
    concatBytes(
      Uint8Array.of(0x03, kinds[kind]),
      to,
      word(options.value ?? 0n),
      littleEndian(options.gas ?? ALL_GAS, 8),
      data,
    ),
  create: (initCode: Uint8Array, options: { value?: bigint; salt?: bigint } = {}) =>
    concatBytes(
      Uint8Array.of(0x04, options.salt === undefined ? 0 : 1),
      word(options.value ?? 0n),
      word(options.salt ?? 0n),
      initCode,
    ),
  log: (topics: readonly bigint[], data: Uint8Array) =>
    concatBytes(Uint8Array.of(0x05, topics.length), ...topics.map(word), data),
  trap: () => Uint8Array.of(0x06),
  loop: () => Uint8Array.of(0x07),
  context: () => Uint8Array.of(0x08),
  revert: (data: Uint8Array) => concatBytes(Uint8Array.of(0x09), data),
  storeAndRevert: (key: bigint, value: bigint) => concatBytes(Uint8Array.of(0x0a), word(key), word(value)),
  transient: (key: bigint, value: bigint | null) =>
    concatBytes(Uint8Array.of(0x0b, value === null ? 0 : 1), word(key), word(value ?? 0n)),
  recurse: () => Uint8Array.of(0x0c),
  grow: (pages: number) => concatBytes(Uint8Array.of(0x0d), littleEndian(BigInt(pages), 4)),
  gas: () => Uint8Array.of(0x0e),
  account: (of: Uint8Array) => concatBytes(Uint8Array.of(0x0f), of),
  sequence: (...steps: readonly Uint8Array[]) =>
    concatBytes(Uint8Array.of(0x10), ...steps.flatMap((step) => [littleEndian(BigInt(step.length), 2), step])),
  print: (text: string) => concatBytes(Uint8Array.of(0x12), new TextEncoder().encode(text)),
}

export const ALICE = address(0xa11cen)
export const MINER = address(0x31n << 144n)

export interface World {
  readonly state: JournaledState
  readonly config: ExecutionConfig
  readonly block: BlockContext
  readonly printed: string[]
  /** Puts code at an address without a transaction. */
  place(at: Uint8Array, code?: Uint8Array): Uint8Array
  /** Runs a message and keeps nothing of it. */
  run(
    to: Uint8Array | null,
    data: Uint8Array,
    options?: { value?: bigint; gas?: bigint; from?: Uint8Array },
  ): CallOutcome
}

/** Alice has 10^21 wei; the base fee is 10. */
export function newWorld(): World {
  const state = openMemoryState()
  state.setBalance(ALICE, 10n ** 21n)
  state.endTransaction()
  const printed: string[] = []
  const config: ExecutionConfig = {
    chainId: 31_337n,
    schedule: 'touchstone/1',
    engine: 'reference',
    debug: (text) => printed.push(text),
    programs: createProgramCache(),
  }
  const block: BlockContext = {
    number: 1n,
    timestamp: 1_000n,
    coinbase: MINER,
    gasLimit: 30_000_000n,
    baseFee: 10n,
    prevRandao: new Uint8Array(32),
  }
  return {
    state,
    config,
    block,
    printed,
    place(at, code = PUPPET_CODE) {
      state.setNonce(at, 1n)
      state.setCode(at, code)
      state.endTransaction()
      return at
    },
    run(to, data, { value = 0n, gas, from = ALICE } = {}) {
      return callMessage(state, { from, to, data, value, ...(gas === undefined ? {} : { gas }) }, block, config, [])
    },
  }
}

/** The output of a success; anything else fails the test with its message. */
export function outputOf(outcome: CallOutcome): Uint8Array {
  if (outcome.kind !== 'success') throw new Error(`${outcome.kind}: ${outcome.message}`)
  return outcome.output
}

export function logsOf(outcome: CallOutcome): readonly Log[] {
  if (outcome.kind !== 'success') throw new Error(`${outcome.kind}: ${outcome.message}`)
  return outcome.logs
}
