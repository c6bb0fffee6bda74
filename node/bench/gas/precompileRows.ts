/** Precompiles at inputs that take them longest for their price, called as the node calls them. */
import { concatBytes } from '../../src/codec/bytes.ts'
import { fromHex } from '../../src/codec/hex.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { slots } from '../../src/crypto/provider.ts'
import type { EngineName } from '../../src/execution/executionConfig.ts'
import { findPrecompile } from '../../src/execution/precompiles/precompiles.ts'
import { precompilePrices } from '../../src/execution/precompiles/prices.ts'
import type { Row } from './row.ts'
import { nanosecondsOf } from './stopwatch.ts'
import { addressOf, wordOf } from './world.ts'

export interface PrecompileOptions {
  readonly engine: EngineName
  readonly schedule: string
  readonly rounds: number
  readonly wanted: (name: string) => boolean
}

export interface PrecompileCase {
  readonly name: string
  readonly address: number
  readonly input: Uint8Array
  readonly turns: number
}

const random = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 32)
    bytes.set(keccak256(wordOf(at + length)).subarray(0, Math.min(32, length - at)), at)
  return bytes
}
const modexpInput = (base: number, exponent: number, modulus: number): Uint8Array =>
  concatBytes(
    wordOf(base),
    wordOf(exponent),
    wordOf(modulus),
    new Uint8Array(base).fill(0xfe),
    new Uint8Array(exponent).fill(0xff),
    new Uint8Array(modulus).fill(0xfd),
  )

/** EIP-197's generators. */
const G1 = concatBytes(wordOf(1), wordOf(2))
const G2 = fromHex(
  '0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa',
)

function ecrecoverInput(): Uint8Array {
  const hash = keccak256(wordOf(5))
  const signature = slots.signSecp256k1(hash, wordOf(77))
  return concatBytes(hash, wordOf(27 + signature[64]!), signature.subarray(0, 64))
}

export function precompileCases(): PrecompileCase[] {
  const blake = new Uint8Array(213)
  blake.set([0, 0, 0x40, 0])
  const pairs = (count: number) => concatBytes(...Array.from({ length: count }, () => concatBytes(G1, G2)))
  const scalar = new Uint8Array(32).fill(0xff)
  return [
    { name: 'ecrecover', address: 1, input: ecrecoverInput(), turns: 5 },
    { name: 'sha256, 0 bytes', address: 2, input: new Uint8Array(0), turns: 500 },
    { name: 'sha256, 64 bytes', address: 2, input: random(64), turns: 500 },
    { name: 'sha256, 65 536 bytes', address: 2, input: random(65_536), turns: 3 },
    { name: 'ripemd160, 32 bytes', address: 3, input: random(32), turns: 100 },
    { name: 'ripemd160, 65 536 bytes', address: 3, input: random(65_536), turns: 1 },
    { name: 'identity, 32 bytes', address: 4, input: random(32), turns: 2_000 },
    { name: 'identity, 65 536 bytes', address: 4, input: random(65_536), turns: 50 },
    { name: 'modexp, 1-byte operands', address: 5, input: modexpInput(1, 1, 1), turns: 100 },
    { name: 'modexp, 8-byte base, 1 024-byte exponent', address: 5, input: modexpInput(8, 1_024, 8), turns: 1 },
    { name: 'modexp, 32-byte operands', address: 5, input: modexpInput(32, 32, 32), turns: 3 },
    { name: 'modexp, 256-byte operands', address: 5, input: modexpInput(256, 256, 256), turns: 1 },
    { name: 'modexp, 1 024-byte base, 1-byte exponent', address: 5, input: modexpInput(1_024, 1, 1_024), turns: 5 },
    { name: 'modexp, 1 024-byte operands', address: 5, input: modexpInput(1_024, 1_024, 1_024), turns: 1 },
    { name: 'bn254 add', address: 6, input: concatBytes(G1, G1), turns: 20 },
    { name: 'bn254 mul', address: 7, input: concatBytes(G1, scalar), turns: 1 },
    { name: 'bn254 pairing, no pair', address: 8, input: new Uint8Array(0), turns: 20 },
    { name: 'bn254 pairing, 1 pair', address: 8, input: pairs(1), turns: 1 },
    { name: 'bn254 pairing, 4 pairs', address: 8, input: pairs(4), turns: 1 },
    { name: 'blake2f, 16 384 rounds', address: 9, input: blake, turns: 1 },
    { name: 'blake2f, no round', address: 9, input: new Uint8Array(213), turns: 200 },
  ]
}

export function precompileRows({ engine, schedule, rounds, wanted }: PrecompileOptions): Row[] {
  const prepared = precompileCases()
    .filter(({ name }) => wanted(name))
    .map((test) => ({ test, best: Number.POSITIVE_INFINITY }))
  for (let round = 0; round < rounds; round++) {
    for (const item of prepared) {
      const { address, input, turns } = item.test
      const precompile = findPrecompile(addressOf(address))!
      const time = nanosecondsOf(() => {
        for (let i = 0; i < turns; i++)
          if (precompile.run(input) === null) throw new Error(`${item.test.name}: refused`)
      })
      item.best = Math.min(item.best, time / turns)
    }
  }
  return prepared.map(({ test, best }) => ({
    group: 'precompile',
    name: test.name,
    engine,
    gas: Math.max(1, Number(findPrecompile(addressOf(test.address))!.gas(test.input, precompilePrices(schedule)))),
    nanoseconds: best,
    ownNanoseconds: null,
  }))
}
