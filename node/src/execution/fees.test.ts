import { describe, expect, it } from 'vitest'
import { nextBaseFee } from './baseFee.ts'
import { floorGas, intrinsicGas, leastGasLimit } from './fees.ts'

const to = new Uint8Array(20)

describe('intrinsicGas', () => {
  it('is 21000 for a plain transfer', () => {
    expect(intrinsicGas({ to, data: new Uint8Array(0) })).toBe(21_000n)
  })
  it('counts data bytes, creation and access list', () => {
    expect(intrinsicGas({ to, data: Uint8Array.of(0, 1, 0, 255) })).toBe(21_000n + 8n + 32n)
    expect(intrinsicGas({ to: null, data: new Uint8Array(0) })).toBe(53_000n)
    const accessList = [
      { address: to, storageKeys: [new Uint8Array(32), new Uint8Array(32)] },
      { address: to, storageKeys: [] },
    ]
    expect(intrinsicGas({ to, data: new Uint8Array(0), accessList })).toBe(21_000n + 2n * 2_400n + 2n * 1_900n)
  })
})

describe('the floor of calldata', () => {
  it('is 10 and 40 gas a byte, where execution pays 4 and 16', () => {
    expect(floorGas({ data: new Uint8Array(0) })).toBe(21_000n)
    expect(floorGas({ data: Uint8Array.of(0) })).toBe(21_010n)
    expect(floorGas({ data: Uint8Array.of(1) })).toBe(21_040n)
    expect(floorGas({ data: Uint8Array.of(0, 1, 0, 255) })).toBe(21_000n + 20n + 80n)
    // The bytes of a block are not to be had for less than two thirds of its 30 million.
    expect(floorGas({ data: new Uint8Array(2 ** 21) })).toBe(20_992_520n)
  })
  it('is the least gas limit unless more is paid before anything runs', () => {
    const data = Uint8Array.of(0, 1, 0, 255)
    expect(leastGasLimit({ to, data })).toBe(21_100n)
    expect(leastGasLimit({ to: null, data })).toBe(53_040n)
    const accessList = [{ address: to, storageKeys: [] }]
    expect(leastGasLimit({ to, data, accessList })).toBe(23_440n)
  })
})

describe('nextBaseFee', () => {
  const parent = (gasUsed: bigint, baseFeePerGas = 1_000_000_000n) => ({
    gasLimit: 20_000_000n,
    gasUsed,
    baseFeePerGas,
  })
  // The cases of geth's consensus/misc/eip1559 tests.
  it('follows the vectors of EIP-1559', () => {
    expect(nextBaseFee(parent(10_000_000n))).toBe(1_000_000_000n)
    expect(nextBaseFee(parent(9_000_000n))).toBe(987_500_000n)
    expect(nextBaseFee(parent(11_000_000n))).toBe(1_012_500_000n)
  })
  it('moves by an eighth at most', () => {
    expect(nextBaseFee(parent(0n))).toBe(875_000_000n)
    expect(nextBaseFee(parent(20_000_000n))).toBe(1_125_000_000n)
  })
  it('rises by at least one wei and never falls below what an eighth of cannot be taken', () => {
    expect(nextBaseFee(parent(10_000_001n, 1n))).toBe(2n)
    expect(nextBaseFee(parent(0n, 7n))).toBe(7n)
    expect(nextBaseFee(parent(20_000_000n, 0n))).toBe(1n)
  })
  it('stays when there is no target', () => {
    expect(nextBaseFee({ gasLimit: 1n, gasUsed: 1n, baseFeePerGas: 9n })).toBe(9n)
  })
})
