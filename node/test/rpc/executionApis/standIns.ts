/**
 * Contracts in WebAssembly that do what the vectors' EVM contracts do, as far as the vectors ask it of them. Calldata
 * lies at 0x1000.
 */
import { bytesToHex, encodeErrorResult, type Hex, hexToBytes, parseAbi, stringToHex } from 'viem'
import { encodeInitCode } from '../../../src/execution/initCode.ts'
import { packCode, watToWasm } from '../../../testing/modules.ts'

const IMPORTS = {
  write_result: '(param i32 i32)',
  storage_load_bytes32: '(param i32 i32)',
  storage_cache_bytes32: '(param i32 i32)',
  storage_flush_cache: '(param i32)',
  emit_log: '(param i32 i32 i32)',
  account_balance: '(param i32 i32)',
  msg_value: '(param i32)',
  native_keccak256: '(param i32 i32 i32)',
  call_contract: '(param i32 i32 i32 i32 i64 i32) (result i32)',
} as const

function bytesAt(place: number, data: Hex): string {
  const escaped = Array.from(hexToBytes(data), (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
  return `(data (i32.const ${place}) "${escaped}")`
}

/** The length of what is at 0x600 in the reverting ones. */
const lengthOf = (data: Hex) => hexToBytes(data).length
const errorOf = (reason: string) => encodeErrorResult({ abi: parseAbi(['error Error(string)']), args: [reason] })
const panic = encodeErrorResult({ abi: parseAbi(['error Panic(uint256)']), args: [1n] })
const always = errorOf('Always reverting contract')
/** Theirs ends with the text. */
const user = errorOf('user error').slice(0, 2 + 2 * (4 + 64 + 10)) as Hex
const wrongSize = stringToHex('wrong-calldatasize')
const emitTopic = stringToHex('emit').slice(2).padStart(64, '0')

/** The selector at 0x1000, as a little-endian i32. */
const isCalled = (selector: Hex) =>
  `(i32.eq (i32.load (i32.const 0x1000)) (i32.const 0x${selector.slice(2).match(/../g)!.reverse().join('')}))`

interface StandIn {
  readonly uses: readonly (keyof typeof IMPORTS)[]
  readonly data?: string
  /** Leaves whether it reverts. */
  readonly body: string
}

const CONTRACTS = {
  /** getBalance(address) */
  balanceOf: {
    uses: ['account_balance', 'write_result'],
    body: `(call $account_balance (i32.const 0x1010) (i32.const 0x100))
      (call $write_result (i32.const 0x100) (i32.const 32)) (i32.const 0)`,
  },
  alwaysReverts: {
    uses: ['write_result'],
    data: bytesAt(0x600, always),
    body: `(call $write_result (i32.const 0x600) (i32.const ${lengthOf(always)})) (i32.const 1)`,
  },
  /** forward(address): gives on what came, and reverts without a word where the word is no address. */
  forwards: {
    uses: ['msg_value', 'call_contract'],
    body: `(if (i32.or (i64.ne (i64.load (i32.const 0x1004)) (i64.const 0)) (i32.ne (i32.load (i32.const 0x100c)) (i32.const 0)))
        (then (return (i32.const 1))))
      (call $msg_value (i32.const 0x100))
      (call $call_contract (i32.const 0x1010) (i32.const 0) (i32.const 0) (i32.const 0x100) (i64.const -1) (i32.const 0x200))`,
  },
  /** A log of one topic, all ones, without data. */
  logs: {
    uses: ['emit_log'],
    data: bytesAt(0x100, `0x${'ff'.repeat(32)}`),
    body: '(call $emit_log (i32.const 0x100) (i32.const 32) (i32.const 1)) (i32.const 0)',
  },
  /** set(uint256 slot, uint256 value) and get(uint256 slot) */
  slots: {
    uses: ['storage_load_bytes32', 'storage_cache_bytes32', 'storage_flush_cache', 'write_result'],
    body: `(if ${isCalled('0x7b8d56e3')} (then
        (call $storage_cache_bytes32 (i32.const 0x1004) (i32.const 0x1024))
        (call $storage_flush_cache (i32.const 0)) (return (i32.const 0))))
      (call $storage_load_bytes32 (i32.const 0x1004) (i32.const 0x100))
      (call $write_result (i32.const 0x100) (i32.const 32)) (i32.const 0)`,
  },
  /** store(uint256) and retrieve() */
  cell: {
    uses: ['storage_load_bytes32', 'storage_cache_bytes32', 'storage_flush_cache', 'write_result'],
    body: `(if ${isCalled('0x6057361d')} (then
        (call $storage_cache_bytes32 (i32.const 0) (i32.const 0x1004))
        (call $storage_flush_cache (i32.const 0)) (return (i32.const 0))))
      (call $storage_load_bytes32 (i32.const 0) (i32.const 0x100))
      (call $write_result (i32.const 0x100) (i32.const 32)) (i32.const 0)`,
  },
  /** Of vectors that are about something else. */
  nothing: { uses: [], body: '(i32.const 0)' },
  /** Of the chain at 0x7dcd...: logs the hash of its calldata and a number that rises, and stores both. */
  emits: {
    uses: ['native_keccak256', 'storage_load_bytes32', 'storage_cache_bytes32', 'storage_flush_cache', 'emit_log'],
    data: bytesAt(0x100, `0x${emitTopic}`),
    body: `(call $native_keccak256 (i32.const 0x1000) (local.get 0) (i32.const 0x120))
      (call $storage_load_bytes32 (i32.const 0) (i32.const 0x140))
      (call $storage_cache_bytes32 (i32.const 0x120) (i32.const 0x140))
      (memory.copy (i32.const 0x160) (i32.const 0x140) (i32.const 32))
      (i32.store8 (i32.const 0x17f) (i32.add (i32.load8_u (i32.const 0x17f)) (i32.const 1)))
      (call $storage_cache_bytes32 (i32.const 0) (i32.const 0x160))
      (call $storage_flush_cache (i32.const 0))
      (call $emit_log (i32.const 0x100) (i32.const 96) (i32.const 2)) (i32.const 0)`,
  },
  /** Of the chain at 0x0ee3...: reads slot 0x42ff, and reverts with a panic or with a reason, as the byte says. */
  reverts: {
    uses: ['storage_load_bytes32', 'write_result'],
    data: `${bytesAt(0x600, panic)} ${bytesAt(0x700, user)} ${bytesAt(0x11e, '0x42ff')}`,
    body: `(call $storage_load_bytes32 (i32.const 0x100) (i32.const 0x200))
      (if (i32.load8_u (i32.const 0x1000))
        (then (call $write_result (i32.const 0x700) (i32.const ${lengthOf(user)})))
        (else (call $write_result (i32.const 0x600) (i32.const ${lengthOf(panic)})))) (i32.const 1)`,
  },
  /** Of the chain at 0x17e7...: answers ffee to two bytes, and reverts where they are not two. */
  answers: {
    uses: ['write_result'],
    data: `${bytesAt(0x600, '0xffee')} ${bytesAt(0x700, wrongSize)}`,
    body: `(if (i32.ne (local.get 0) (i32.const 2)) (then
        (call $write_result (i32.const 0x700) (i32.const ${lengthOf(wrongSize)})) (return (i32.const 1))))
      (call $write_result (i32.const 0x600) (i32.const 2)) (i32.const 0)`,
  },
} as const satisfies Readonly<Record<string, StandIn>>

export type StandInName = keyof typeof CONTRACTS

function moduleOf({ uses, data = '', body }: StandIn): Uint8Array {
  const imports = uses.map((name) => `(import "vm_hooks" "${name}" (func $${name} ${IMPORTS[name]}))`)
  return watToWasm(`(module (import "vm_hooks" "read_args" (func $read_args (param i32)))
    ${imports.join('\n')} (memory (export "memory") 1) ${data}
    (func (export "user_entrypoint") (param i32) (result i32) (call $read_args (i32.const 0x1000)) ${body}))`)
}

/** The code as it is stored. */
export function standIn(name: StandInName): Hex {
  return bytesToHex(packCode(moduleOf(CONTRACTS[name])))
}

/** The data of a transaction that creates it. */
export function creationOf(name: StandInName): Hex {
  return bytesToHex(encodeInitCode(packCode(moduleOf(CONTRACTS[name])), null))
}
