import { describe, expect, test } from 'vitest'
import { bigintToBytes, concatBytes } from '../../codec/bytes.ts'
import { findPrecompile } from './precompiles.ts'
import { precompilePrices } from './prices.ts'

const own = precompilePrices('touchstone/1')
const word = (value: number): Uint8Array => bigintToBytes(BigInt(value), 32)
const gas = (address: number, input: Uint8Array): bigint =>
  findPrecompile(bigintToBytes(BigInt(address), 20))!.gas(input, own)

describe('the prices of touchstone/1', () => {
  test('of hashes and signatures', () => {
    expect(gas(1, new Uint8Array(0))).toBe(30_000n)
    expect([0, 32, 33].map((length) => gas(2, new Uint8Array(length)))).toEqual([400n, 425n, 450n])
    expect([0, 33].map((length) => gas(3, new Uint8Array(length)))).toEqual([1_200n, 1_500n])
    expect([0, 33].map((length) => gas(4, new Uint8Array(length)))).toEqual([15n, 21n])
  })
  test('of powers: by the bits of the exponent and the square of the words', () => {
    expect(gas(5, new Uint8Array(0))).toBe(1_500n)
    const operands = concatBytes(word(64), word(4), word(64), new Uint8Array(64), new Uint8Array(4).fill(0xff))
    expect(gas(5, operands)).toBe(31n * (100n + 2n * 64n))
  })
  test('of the curve and of blake2f', () => {
    expect([gas(6, new Uint8Array(0)), gas(7, new Uint8Array(0))]).toEqual([3_000n, 350_000n])
    expect([0, 192, 384].map((length) => gas(8, new Uint8Array(length)))).toEqual([3_000_000n, 4_000_000n, 5_000_000n])
    const rounds = new Uint8Array(213)
    rounds[3] = 12
    expect([gas(9, new Uint8Array(0)), gas(9, rounds)]).toEqual([1_000n, 1_960n])
  })
  test('there are none of a schedule nobody knows', () => {
    expect(() => precompilePrices('touchstone/0')).toThrow('has no prices of precompiles')
  })
})
