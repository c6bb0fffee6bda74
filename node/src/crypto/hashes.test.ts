import { createHash } from 'node:crypto'
import { blake2b } from '@noble/hashes/blake2.js'
import { seededRandom } from '@touchstone/vm/testing/random'
import { keccak256 as viemKeccak256 } from 'viem'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { blake2f, blake2fRounds } from './blake2f.ts'
import { EMPTY_CODE_HASH, keccak256 } from './keccak.ts'
import { loadKeccak } from './keccakLibrary.ts'
import { nobleProvider } from './nobleProvider.ts'
import { nodeProvider } from './nodeProvider.ts'
import { setCryptoProvider, slots } from './provider.ts'
import { ripemd160 } from './ripemd160.ts'
import { sha256 } from './sha256.ts'
import { type Hash, wasmKeccak } from './wasmKeccak.ts'

test('hashes of nothing', () => {
  expect(toHex(EMPTY_CODE_HASH)).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
  expect(toHex(sha256(new Uint8Array(0)))).toBe('0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(toHex(ripemd160(new Uint8Array(0)))).toBe('0x9c1185a5c5e9fc54612808977ee8f548b2258d31')
})

test('lengths around the block sizes agree with independent implementations', () => {
  const random = seededRandom(4)
  for (const length of [1, 55, 56, 63, 64, 65, 135, 136, 137, 271, 272, 500]) {
    const data = random.bytes(length)
    expect(toHex(keccak256(data))).toBe(viemKeccak256(toHex(data)))
    expect(toHex(sha256(data))).toBe(`0x${createHash('sha256').update(data).digest('hex')}`)
    expect(nodeProvider.sha256(data)).toEqual(nobleProvider.sha256(data))
    expect(nodeProvider.keccak256?.(data)).toEqual(nobleProvider.keccak256(data))
    expect(nodeProvider.sha256(data).constructor).toBe(Uint8Array)
  }
})

/** After so many hashes by `other`, of inputs of three bytes. */
async function loaded(other: Hash, hashesBefore: number): Promise<Hash> {
  const library = loadKeccak()
  const hash = wasmKeccak({ other, hashesBefore, load: () => library })
  for (let run = 0; run < hashesBefore; run++) hash(new Uint8Array(3))
  await library
  return hash
}

test('Keccak by WebAssembly gives what noble gives, for every length up to a few blocks and around its bounds', async () => {
  const random = seededRandom(5)
  const asked: number[] = []
  const other = (data: Uint8Array) => {
    asked.push(data.length)
    return nobleProvider.keccak256(data)
  }
  const hash = await loaded(other, 2)
  const lengths = [...Array.from({ length: 420 }, (_, length) => length), 1_023, 1_024, 1_025, 5_000, 0]
  for (const length of lengths) {
    const data = random.bytes(length)
    const found = hash(data)
    expect(toHex(found), `${length} bytes`).toBe(toHex(nobleProvider.keccak256(data)))
    // Neither a view of the module's memory nor a Buffer.
    expect(found.buffer.byteLength).toBe(32)
    expect(found.constructor).toBe(Uint8Array)
  }
  expect(asked).toEqual([3, 3, 1_025, 5_000])
  // A part of a larger buffer, and the answer before is left alone.
  const large = random.bytes(300)
  const before = hash(large)
  const copy = before.slice()
  expect(hash(large.subarray(7, 100))).toEqual(nobleProvider.keccak256(large.slice(7, 100)))
  expect(before).toEqual(copy)
})

test('an input that is not hashed to its end, as at the end of a stack, leaves nothing behind', async () => {
  const hash = await loaded(nobleProvider.keccak256, 1)
  const data = new Uint8Array(500).fill(3)
  const deeper = (): void => {
    hash(data)
    deeper()
  }
  expect(deeper).toThrow(RangeError)
  expect(hash(data)).toEqual(nobleProvider.keccak256(data))
})

test('where the library cannot be loaded, the other implementation makes all Keccak hashes', async () => {
  let asked = 0
  const load = () => {
    asked += 1
    return Promise.resolve(null)
  }
  const hash = wasmKeccak({ other: nobleProvider.keccak256, hashesBefore: 2, load })
  for (let run = 0; run < 4; run++) {
    expect(toHex(hash(new Uint8Array(0)))).toBe(toHex(EMPTY_CODE_HASH))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(asked).toBe(1)
})

test('a slot is filled without touching the others', () => {
  const { keccak256: before } = slots
  setCryptoProvider({ sha256: () => new Uint8Array(32).fill(9) })
  expect(sha256(new Uint8Array(0))).toEqual(new Uint8Array(32).fill(9))
  expect(slots.keccak256).toBe(before)
  setCryptoProvider(nobleProvider)
})

describe('BLAKE2b F (EIP-152)', () => {
  const H =
    '48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b'
  const M = `616263${'00'.repeat(125)}`
  const T = `03${'00'.repeat(15)}`
  const run = (rounds: string, final: string) => blake2f(fromHex(`0x${rounds}${H}${M}${T}${final}`))

  test.each([
    [
      '00000000',
      '01',
      '08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b',
    ],
    [
      '0000000c',
      '01',
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    ],
    [
      '0000000c',
      '00',
      '75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d2875298743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735',
    ],
    [
      '00000001',
      '01',
      'b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421',
    ],
  ])('rounds %s, final %s', (rounds, final, expected) => {
    expect(toHex(run(rounds, final)!)).toBe(`0x${expected}`)
  })

  test('twelve rounds on one block are BLAKE2b', () => {
    const random = seededRandom(5)
    for (let i = 0; i < 20; i++) {
      const data = random.bytes(random.below(129))
      const block = new Uint8Array(128)
      block.set(data)
      const input = concatBytes(
        Uint8Array.of(0, 0, 0, 12),
        fromHex(`0x${H}`),
        block,
        Uint8Array.of(data.length),
        new Uint8Array(15),
        Uint8Array.of(1),
      )
      expect(toHex(blake2f(input)!)).toBe(toHex(blake2b(data)))
    }
  })

  test('other lengths and flags are invalid', () => {
    const input = fromHex(`0x0000000c${H}${M}${T}01`)
    expect(blake2fRounds(input)).toBe(12)
    expect(blake2f(input.subarray(1))).toBeNull()
    expect(blake2f(concatBytes(input, Uint8Array.of(0)))).toBeNull()
    expect(blake2f(new Uint8Array(0))).toBeNull()
    input[212] = 2
    expect(blake2f(input)).toBeNull()
  })
})
