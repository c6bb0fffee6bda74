/**
 * The prices of host functions in schedule `stylus`, each alone in a module of its own: the figures that nitro's tests pin
 * (system_tests/program_ink_test.go) for everything that can be asked here. There are no EVM contracts and no programs
 * with a price for their activation, so what those figures hold of them is left out.
 */
import { describe, expect, it } from 'vitest'
import { hookCall, hookImport } from '../../testing/hooks.ts'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { concatBytes, EMPTY_BYTES } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { applyMessage } from './applyMessage.ts'
import { ALICE, address, newWorld, type World, word } from './testing/puppet.ts'
import type { TracedFrame } from './trace/callTree.ts'
import { Listening } from './trace/listening.ts'
import { TracedState } from './trace/tracedState.ts'

const PROGRAM = address(0xa0n)
const OTHER = address(0xb0n)
/** Answers with as many bytes as a test wants. */
const ANSWERS = address(0xc0n)

/** Host functions and their arguments: numbers are i32, bigints i64. Calldata is at 0. */
type Call = readonly [name: string, ...args: readonly (number | bigint)[]]

function program(calls: readonly Call[], pages: number): Uint8Array {
  const names = [...new Set(calls.map(([name]) => name))].filter((name) => name !== 'read_args')
  const body = calls.map(([name, ...args]) => {
    const pushed = args.map((arg) => (typeof arg === 'bigint' ? `(i64.const ${arg})` : `(i32.const ${arg})`)).join(' ')
    return hookCall(name, pushed)
  })
  return watToWasm(`(module
    ${['read_args', ...names].map((name) => hookImport(name)).join('\n')}
    (memory (export "memory") ${pages} ${pages})
    (func (export "user_entrypoint") (param $length i32) (result i32)
      (call $read_args (i32.const 0)) ${body.join(' ')} (i32.const 0)))`)
}

/** Ink of each call of a host function, in order. */
function inkOf(
  name: string,
  calls: readonly Call[],
  input: Uint8Array = EMPTY_BYTES,
  prepare: (world: World) => void = () => {},
) {
  const world = newWorld()
  world.place(PROGRAM, packCode(program(calls, name === 'write_result' ? 5 : 1)))
  prepare(world)
  const config = { ...world.config, schedule: 'stylus' }
  const listening = new Listening(world.state, (onLog) => new TracedState(world.state, onLog), config, {
    hostCalls: true,
    state: false,
  })
  listening.begin()
  const outer = {
    from: ALICE,
    to: PROGRAM,
    value: 0n,
    data: input,
    accessList: [],
    gasLimit: 30_000_000n,
    gasPrice: 0n,
  }
  const applied = applyMessage(listening.state, outer, world.block, listening.config)
  expect(applied.message).toBeNull()
  return inks(listening.take().root!, name)
}

function inks(frame: TracedFrame, name: string): number[] {
  return frame.steps.flatMap((step) =>
    step.kind === 'host' && step.call.name === name ? [Number(step.call.startInk - step.call.endInk)] : [],
  )
}

describe('host functions in schedule stylus cost what nitro charges', () => {
  // Words at 0, 32 and 64 are 1, 3 and 5.
  const words = concatBytes(word(1n), word(3n), word(5n))
  it.each<[string, number, ...(number | bigint)[]]>([
    ['exit_early', 0, 0],
    ['transient_load_bytes32', 1_078_153, 0, 128],
    ['transient_store_bytes32', 1_078_153, 0, 32],
    ['return_data_size', 8_400],
    ['evm_gas_left', 8_400],
    ['evm_ink_left', 8_400],
    ['block_basefee', 13_440, 128],
    ['block_coinbase', 13_440, 128],
    ['chainid', 8_400],
    ['block_gas_limit', 8_400],
    ['block_number', 8_400],
    ['block_timestamp', 8_400],
    ['contract_address', 13_440, 128],
    ['math_div', 43_520, 0, 32],
    ['math_mod', 43_520, 0, 32],
    ['math_add_mod', 49_560, 0, 32, 64],
    ['math_mul_mod', 52_660, 0, 32, 64],
    ['msg_reentrant', 8_400],
    ['msg_sender', 13_440, 128],
    ['msg_value', 13_440, 128],
    ['tx_gas_price', 13_440, 128],
    ['tx_ink_price', 8_400],
    ['tx_origin', 13_440, 128],
    ['storage_cache_bytes32', 18_480, 0, 32],
    ['pay_for_memory_grow', 8_400, 0],
    ['pay_for_memory_grow', 9_320_660_000, 100],
  ])('%s: %i', (name, ink, ...args) => {
    expect(inkOf(name, [[name, ...args]], words)).toEqual([ink])
  })

  it('accounts, warm and cold', () => {
    const sender = concatBytes(ALICE, OTHER)
    const prepare = (world: World): void => void world.place(OTHER)
    expect(inkOf('account_balance', [['account_balance', 0, 128]], sender, prepare)).toEqual([1_078_153])
    expect(inkOf('account_code_size', [['account_code_size', 20]], sender, prepare)).toEqual([33_068_073])
    expect(inkOf('account_codehash', [['account_codehash', 20, 128]], sender, prepare)).toEqual([26_078_153])
  })
  // The lengths of the codes that nitro's test reads follow from the figures.
  it.each([
    [120, 33_075_753],
    [206, 33_078_333],
    [179, 33_077_523],
    [135, 33_076_203],
  ])('account_code of %i bytes: %i', (length, ink) => {
    const prepare = (world: World): void => void world.place(OTHER, new Uint8Array(length).fill(0xef))
    expect(inkOf('account_code', [['account_code', 0, 0, length, 128]], OTHER, prepare)).toEqual([ink])
  })
  it.each([
    [1, 61_520],
    [2, 79_020],
    [10, 219_020],
    [32, 604_020],
  ])('math_pow of %i bytes of exponent: %i', (bytes, ink) => {
    const input = concatBytes(word(1n), word(1n << BigInt(8 * bytes - 1)))
    expect(inkOf('math_pow', [['math_pow', 0, 32]], input)).toEqual([ink])
  })

  const SLOT = keccak256(Uint8Array.of(1))
  const slots = concatBytes(SLOT, word(7n), word(8n), word(0n))
  const used = (world: World): void => {
    world.state.setStorage(PROGRAM, SLOT, word(5n))
    world.state.endTransaction()
  }
  const load: Call = ['storage_load_bytes32', 0, 128]
  const cache = (from: number): Call => ['storage_cache_bytes32', 0, from]
  const flush: Call = ['storage_flush_cache', 0]
  const clear: Call = ['storage_flush_cache', 1]
  it.each<[string, readonly Call[], string, readonly number[], ((world: World) => void)?]>([
    ['a first write', [cache(32), flush], 'storage_flush_cache', [221_068_073]],
    ['a read', [load], 'storage_load_bytes32', [21_068_480], used],
    ['two reads', [load, load], 'storage_load_bytes32', [21_068_480, 18_480], used],
    ['a flush between reads', [load, cache(32), flush, load], 'storage_load_bytes32', [21_068_480, 18_480], used],
    ['a clearing between reads', [load, clear, load], 'storage_load_bytes32', [21_068_480, 1_068_480], used],
    ['a write over a value', [cache(32), flush], 'storage_flush_cache', [50_068_073], used],
    ['two, flushed', [cache(32), flush, cache(64), flush], 'storage_flush_cache', [50_068_073, 1_068_073], used],
    ['two, flushed once', [cache(32), cache(64), flush], 'storage_flush_cache', [50_068_073], used],
    ['a write of zero', [cache(96), flush], 'storage_flush_cache', [50_068_073], used],
    ['a read of zero', [load], 'storage_load_bytes32', [21_068_480]],
  ])('storage: %s', (_, calls, name, ink, prepare) => {
    expect(inkOf(name, calls, slots, prepare)).toEqual(ink)
  })

  it.each([
    [0, 0, 3_834_454],
    [0, 10, 4_634_454],
    [0, 100, 11_838_194],
    [1, 100, 15_589_954],
    [2, 100, 19_341_714],
    [3, 100, 23_093_474],
    [4, 100, 26_845_234],
  ])('a log of %i topics and %i bytes: %i', (topics, bytes, ink) => {
    expect(inkOf('emit_log', [['emit_log', 0, 32 * topics + bytes, topics]])).toEqual([ink])
  })
  it.each([
    [10, 73_113],
    [100, 75_153],
    [1_000, 102_153],
    [10_000, 372_153],
  ])('read_return_data of %i bytes: %i', (bytes, ink) => {
    const prepare = (world: World): void =>
      void world.place(ANSWERS, packCode(program([['write_result', 0, bytes]], 1)))
    const calls: Call[] = [
      ['call_contract', 0, 0, 0, 64, 2n ** 62n, 128],
      ['read_return_data', 256, 0, bytes],
    ]
    expect(inkOf('read_return_data', calls, ANSWERS, prepare)).toEqual([ink])
  })
  it('calls: what comes before the callee', () => {
    const call: Call = ['call_contract', 0, 32, 4, 64, 2n ** 62n, 128]
    const delegate = (name: string): Call => [name, 0, 32, 4, 2n ** 62n, 128]
    // Nitro's 28 325 955 for a cold contract of the EVM and 4 bytes of input, without the 221 gas that its code takes.
    const ink = [28_325_955 - 2_210_000]
    expect(inkOf('call_contract', [call], OTHER)).toEqual(ink)
    expect(inkOf('delegate_call_contract', [delegate('delegate_call_contract')], OTHER)).toEqual(ink)
    expect(inkOf('static_call_contract', [delegate('static_call_contract')], OTHER)).toEqual(ink)
  })
  it.each([
    [10, 121_800],
    [100, 163_800],
    [1_000, 751_800],
  ])('native_keccak256 of %i bytes: %i', (bytes, ink) => {
    expect(inkOf('native_keccak256', [['native_keccak256', 0, bytes, 0]])).toEqual([ink])
  })
  it.each([0, 64, 320_064])('write_result of %i bytes', (bytes) => {
    const ink = 8_400 + 2 * (16_381 + 55 * Math.max(0, bytes - 32))
    expect(inkOf('write_result', [['write_result', 0, bytes]])).toEqual([ink])
  })
  it.each([4, 36, 100])('read_args of %i bytes', (bytes) => {
    const ink = 8_400 + 5_040 + 30 * Math.max(0, bytes - 32)
    expect(inkOf('read_args', [], new Uint8Array(bytes))).toEqual([ink])
  })
})
