/** The price table against the figures of Stylus, written out here a second time and in full. */
import { describe, expect, it } from 'vitest'
import { vmHooks } from './hooks.ts'
import {
  cacheReadGas,
  cacheWriteGas,
  type HookName,
  hookPrices,
  keccakInk,
  powInk,
  readInk,
  writeInk,
} from './prices.ts'

const stylus = hookPrices('stylus')

/** From the table in docs/protocol/vm_hooks.md. */
const expected: Record<string, [signature: string, ink: number]> = {
  read_args: ['(i32)->()', 8400],
  write_result: ['(i32,i32)->()', 8400],
  exit_early: ['(i32)->()', 0],
  storage_load_bytes32: ['(i32,i32)->()', 18480],
  storage_cache_bytes32: ['(i32,i32)->()', 18480],
  storage_flush_cache: ['(i32)->()', 68073],
  transient_load_bytes32: ['(i32,i32)->()', 78153],
  transient_store_bytes32: ['(i32,i32)->()', 78153],
  call_contract: ['(i32,i32,i32,i32,i64,i32)->(i32)', 83193],
  delegate_call_contract: ['(i32,i32,i32,i64,i32)->(i32)', 83193],
  static_call_contract: ['(i32,i32,i32,i64,i32)->(i32)', 83193],
  create1: ['(i32,i32,i32,i32,i32)->()', 83193],
  create2: ['(i32,i32,i32,i32,i32,i32)->()', 88233],
  read_return_data: ['(i32,i32,i32)->(i32)', 68073],
  return_data_size: ['()->(i32)', 8400],
  emit_log: ['(i32,i32,i32)->()', 68073],
  account_balance: ['(i32,i32)->()', 78153],
  account_code: ['(i32,i32,i32,i32)->(i32)', 68073],
  account_code_size: ['(i32)->(i32)', 68073],
  account_codehash: ['(i32,i32)->()', 78153],
  block_basefee: ['(i32)->()', 13440],
  block_coinbase: ['(i32)->()', 13440],
  block_gas_limit: ['()->(i64)', 8400],
  block_number: ['()->(i64)', 8400],
  block_timestamp: ['()->(i64)', 8400],
  chainid: ['()->(i64)', 8400],
  contract_address: ['(i32)->()', 13440],
  msg_sender: ['(i32)->()', 13440],
  msg_value: ['(i32)->()', 13440],
  tx_origin: ['(i32)->()', 13440],
  tx_gas_price: ['(i32)->()', 13440],
  msg_reentrant: ['()->(i32)', 8400],
  tx_ink_price: ['()->(i32)', 8400],
  evm_gas_left: ['()->(i64)', 8400],
  evm_ink_left: ['()->(i64)', 8400],
  math_div: ['(i32,i32)->()', 43520],
  math_mod: ['(i32,i32)->()', 43520],
  math_pow: ['(i32,i32)->()', 23520],
  math_add_mod: ['(i32,i32,i32)->()', 49560],
  math_mul_mod: ['(i32,i32,i32)->()', 52660],
  native_keccak256: ['(i32,i32,i32)->()', 0],
  pay_for_memory_grow: ['(i32)->()', 8400],
}

describe('the functions of vm_hooks', () => {
  it('are 42, with the signatures and base prices of Stylus', () => {
    const actual = Object.fromEntries(
      Object.entries(vmHooks).map(([name, { type }]) => [
        name,
        [`(${type.params.join(',')})->(${type.results.join(',')})`, Number(stylus.base[name as HookName])],
      ]),
    )
    expect(Object.keys(actual)).toHaveLength(42)
    expect(actual).toEqual(expected)
  })
})

describe('prices that depend on arguments', () => {
  it('of copying are flat up to a word', () => {
    expect([readInk(stylus, 0), readInk(stylus, 32), readInk(stylus, 33), readInk(stylus, 132)]).toEqual([
      16_381n,
      16_381n,
      16_436n,
      21_881n,
    ])
    expect([writeInk(stylus, 0), writeInk(stylus, 32), writeInk(stylus, 33), writeInk(stylus, 132)]).toEqual([
      5_040n,
      5_040n,
      5_070n,
      8_040n,
    ])
  })
  it('of hashing are flat up to two words', () => {
    expect([keccakInk(stylus, 0), keccakInk(stylus, 64), keccakInk(stylus, 65), keccakInk(stylus, 96)]).toEqual([
      121_800n,
      121_800n,
      142_800n,
      142_800n,
    ])
  })
  it('of powers follow the bytes of the exponent', () => {
    expect([powInk(stylus, 0), powInk(stylus, 1), powInk(stylus, 32)]).toEqual([20_500n, 38_000n, 580_500n])
  })
  it('of the storage cache rise with use', () => {
    expect([1, 32, 33, 128, 129].map(cacheReadGas)).toEqual([0n, 0n, 2n, 2n, 10n])
    expect([1, 8, 9, 64, 65].map(cacheWriteGas)).toEqual([0n, 0n, 7n, 7n, 10n])
  })
})

describe('touchstone/1', () => {
  const own = hookPrices('touchstone/1')
  const gas = (name: HookName): number => Number(own.base[name]) / 10_000

  it('has prices of its own for host functions', () => {
    expect(gas('msg_reentrant')).toBe(30)
    expect(gas('msg_sender')).toBe(40)
    expect(gas('storage_load_bytes32')).toBe(130)
    expect(gas('transient_load_bytes32')).toBe(150)
    const calls = ['call_contract', 'delegate_call_contract', 'static_call_contract'] as const
    expect(calls.map(gas)).toEqual([390, 390, 390])
    expect([gas('create1'), gas('create2')]).toEqual([160, 170])
    expect(gas('emit_log')).toBe(130)
    expect(gas('math_div')).toBe(210)
    expect(gas('math_add_mod')).toBe(320)
    expect(gas('math_mul_mod')).toBe(320)
    expect([0, 64, 65, 96].map((length) => keccakInk(own, length))).toEqual([
      2_500_000n,
      2_500_000n,
      2_800_000n,
      2_800_000n,
    ])
    expect([readInk(own, 32), readInk(own, 33), writeInk(own, 32), writeInk(own, 33)]).toEqual([
      200_000n,
      200_400n,
      200_000n,
      200_100n,
    ])
    expect([powInk(own, 0), powInk(own, 32)]).toEqual([3_000_000n, 67_000_000n])
    expect(own.cache).toBe(800_000n)
  })
  it('is not the only one, and others are refused by name', () => {
    expect(() => hookPrices('custom')).toThrow('schedule "custom" has no prices of host functions')
    expect(() => hookPrices('toString')).toThrow(RangeError)
  })
})
