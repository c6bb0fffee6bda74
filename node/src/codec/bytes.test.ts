import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, test } from 'vitest'
import {
  bigintToBytes,
  bigintToMinimalBytes,
  bytesToBigint,
  compareBytes,
  concatBytes,
  countNonzero,
  equalBytes,
  keyOf,
  plainBytes,
} from './bytes.ts'

describe('integers', () => {
  test('go both ways at every length', () => {
    const random = seededRandom(1)
    for (let i = 0; i < 500; i++) {
      const value = random.bigint(512)
      const minimal = bigintToMinimalBytes(value)
      expect(BigInt(`0x${keyOf(minimal) || '0'}`)).toBe(value)
      expect(minimal[0]).not.toBe(0)
      expect(bytesToBigint(minimal)).toBe(value)
      const padded = bigintToBytes(value, 65)
      expect(padded.length).toBe(65)
      expect(bytesToBigint(padded)).toBe(value)
    }
  })

  test('zero is the empty string, and zero bytes where a length is asked for', () => {
    expect(bigintToMinimalBytes(0n)).toEqual(new Uint8Array(0))
    expect(bigintToBytes(0n, 3)).toEqual(new Uint8Array(3))
    expect(bytesToBigint(new Uint8Array(0))).toBe(0n)
  })

  test('the boundaries between the short ways', () => {
    for (const bits of [8n, 16n, 24n, 32n, 40n, 48n, 56n, 64n]) {
      for (const value of [(1n << bits) - 1n, 1n << bits]) {
        expect(keyOf(bigintToMinimalBytes(value)).replace(/^0/, '')).toBe(value.toString(16))
        expect(bytesToBigint(bigintToMinimalBytes(value))).toBe(value)
      }
    }
  })

  test('what does not fit is a bug of the caller', () => {
    expect(() => bigintToBytes(1n << 256n, 32)).toThrow(RangeError)
    expect(() => bigintToBytes(1n << 256n, 33)).not.toThrow()
    expect(() => bigintToBytes(1n, 0)).toThrow(RangeError)
    expect(() => bigintToBytes(256n, 1)).toThrow(RangeError)
    expect(() => bigintToBytes(1n << 64n, 8)).toThrow(RangeError)
    expect(() => bigintToBytes(-1n, 8)).toThrow(RangeError)
    expect(() => bigintToMinimalBytes(-1n)).toThrow(RangeError)
    expect(bigintToBytes((1n << 64n) - 1n, 8)).toEqual(new Uint8Array(8).fill(255))
  })

  test('a view into a larger buffer is read where it starts', () => {
    const whole = Uint8Array.from({ length: 40 }, (_, i) => i)
    expect(bytesToBigint(whole.subarray(3, 13))).toBe(BigInt(`0x${keyOf(whole.slice(3, 13))}`))
  })
})

test('order is that of unsigned bytes, prefixes first', () => {
  const sorted = [[], [0], [0, 255], [1], [127, 0], [128], [255]].map((bytes) => Uint8Array.from(bytes))
  for (const [i, a] of sorted.entries()) {
    for (const [j, b] of sorted.entries()) {
      expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(i - j))
      expect(equalBytes(a, b.slice())).toBe(i === j)
    }
  }
})

test('parts are joined in order', () => {
  expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3))
})

test('a Node Buffer becomes plain without a copy', () => {
  const buffer = Buffer.from('0102', 'hex')
  const plain = plainBytes(buffer)
  expect(plain.constructor).toBe(Uint8Array)
  expect(plain.buffer).toBe(buffer.buffer)
  expect(plain).toEqual(Uint8Array.of(1, 2))
})

test('keys are hex whether the engine writes it or the table does', () => {
  const bytes = seededRandom(2).bytes(300)
  expect(keyOf(bytes)).toBe([...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''))
})

test('countNonzero counts what a look at each byte does, wherever they begin', () => {
  const random = seededRandom(3)
  for (let round = 0; round < 500; round++) {
    const whole = random
      .bytes(random.below(70))
      .map((byte) => (byte < 100 ? 0 : byte < 150 ? 0x80 : byte < 200 ? 1 : byte))
    const bytes = whole.subarray(Math.min(round % 5, whole.length))
    expect(countNonzero(bytes)).toBe(bytes.filter((byte) => byte !== 0).length)
  }
})

test('numbers of every length come back, and what was made before is left alone', () => {
  const before = bigintToBytes(0x0102n, 32)
  for (let length = 1; length <= 40; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => at + 1)
    const value = bytesToBigint(bytes)
    expect(value.toString(16).padStart(2 * length, '0')).toBe(keyOf(bytes))
    for (const width of [length, length + 1, 32, 41]) {
      if (width < length) continue
      const padded = bigintToBytes(value, width)
      expect(keyOf(padded)).toBe(keyOf(bytes).padStart(2 * width, '0'))
      expect(padded.buffer.byteLength).toBe(width)
    }
  }
  expect(keyOf(before)).toBe('0102'.padStart(64, '0'))
})
