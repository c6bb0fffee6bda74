import { expect, test } from 'vitest'
import { bigintToBytes } from '../codec/bytes.ts'
import { NodeCache } from './nodeCache.ts'

const word = (value: bigint) => bigintToBytes(value, 32)
const value = new Uint8Array(744)
// An entry counts its 744 bytes and 256 more; each generation holds five.
const MAX_BYTES = 10_000

test('keeps what fits, drops what was not used for two generations', () => {
  const cache = new NodeCache(MAX_BYTES)
  for (let index = 0n; index < 5n; index++) cache.set(word(index), value)
  expect(cache.get(word(0n))).toBe(value)
  for (let index = 5n; index < 9n; index++) cache.set(word(index), value)
  // Read in the old generation: moves to the young one, and fills it.
  expect(cache.get(word(0n))).toBe(value)
  cache.set(word(9n), value)
  expect(cache.get(word(0n))).toBe(value)
  for (let index = 1n; index < 5n; index++) expect(cache.get(word(index))).toBeUndefined()
  for (let index = 5n; index < 10n; index++) expect(cache.get(word(index))).toBe(value)
})

test('never holds more than its bound, whatever is put', () => {
  const cache = new NodeCache(MAX_BYTES)
  for (let index = 0n; index < 1_000n; index++) cache.set(word(index), value)
  const held = Array.from({ length: 1_000 }, (_, index) => cache.get(word(BigInt(index)))).filter(Boolean)
  expect(held.length).toBeLessThanOrEqual(10)
  expect(cache.get(word(12_345n))).toBeUndefined()
})

test('what is deleted is gone from both generations, and gives its place to others', () => {
  const cache = new NodeCache(MAX_BYTES)
  for (let index = 0n; index < 10n; index++) cache.set(word(index), value)
  for (const index of [0n, 9n]) cache.delete(word(index))
  for (const index of [0n, 9n]) expect(cache.get(word(index))).toBeUndefined()
  cache.set(word(10n), value)
  // The young generation had a place for it, so the old one is still there.
  expect(cache.get(word(1n))).toBe(value)
  cache.delete(word(12_345n))
  expect(cache.get(word(10n))).toBe(value)
})
