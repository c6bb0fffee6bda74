import { describe, expect, it } from 'vitest'
import { ValidationError } from '../validationError.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof ValidationError) return error.code
    throw error
  }
  return 'none'
}

const read = (...bytes: number[]): Reader => new Reader(Uint8Array.from(bytes))

describe('LEB128 integers', () => {
  it('round-trip at every length, in shortest form', () => {
    for (let bit = 0; bit < 32; bit++) {
      for (const value of [2 ** bit - 1, 2 ** bit, 2 ** bit + 1].filter((v) => v < 2 ** 32)) {
        const writer = new Writer()
        writer.u32(value)
        writer.s32(value | 0)
        writer.s32(~value)
        const reader = new Reader(writer.finish())
        expect([reader.u32(), reader.s32(), reader.s32()]).toEqual([value, value | 0, ~value])
        expect(reader.atEnd).toBe(true)
      }
    }
    for (let bit = 0n; bit < 64n; bit++) {
      for (const value of [2n ** bit - 1n, 2n ** bit, -(2n ** bit), -(2n ** bit) - 1n]) {
        const wrapped = BigInt.asIntN(64, value)
        const writer = new Writer()
        const low = Number(BigInt.asIntN(32, wrapped))
        const high = Number(BigInt.asIntN(32, wrapped >> 32n))
        writer.s64(low, high)
        const reader = new Reader(writer.finish())
        expect(reader.s64()).toEqual([low, high])
        expect(reader.atEnd).toBe(true)
      }
    }
  })

  it('may be padded up to their greatest length', () => {
    expect(read(0x80, 0x80, 0x80, 0x80, 0x00).u32()).toBe(0)
    expect(read(0xff, 0xff, 0xff, 0xff, 0x7f).s32()).toBe(-1)
    expect(read(0xff, 0xff, 0xff, 0xff, 0x7f).s33()).toBe(-1)
    expect(read(0xff, 0xff, 0xff, 0xff, 0x0f).s33()).toBe(2 ** 32 - 1)
    expect(read(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f).s64()).toEqual([-1, -1])
  })

  it('are refused when too long or when unused bits are set', () => {
    expect(codeOf(() => read(0x80, 0x80, 0x80, 0x80, 0x80, 0x00).u32())).toBe('malformed:integer')
    expect(codeOf(() => read(0xff, 0xff, 0xff, 0xff, 0x1f).u32())).toBe('malformed:integer')
    expect(codeOf(() => read(0xff, 0xff, 0xff, 0xff, 0x4f).s32())).toBe('malformed:integer')
    expect(codeOf(() => read(0x80, 0x80, 0x80, 0x80, 0x70).s32())).toBe('malformed:integer')
    expect(codeOf(() => read(0xff, 0xff, 0xff, 0xff, 0x2f).s33())).toBe('malformed:integer')
    const eight = new Array<number>(9).fill(0xff)
    expect(codeOf(() => read(...eight, 0x01).s64())).toBe('malformed:integer')
    expect(codeOf(() => read(0x80).u32())).toBe('malformed:unexpected-end')
  })
})

describe('names', () => {
  it('are UTF-8, and may begin with a byte order mark', () => {
    expect(read(3, 0xef, 0xbb, 0xbf).name().text).toBe('\ufeff')
    expect(codeOf(() => read(2, 0xc0, 0x80).name())).toBe('malformed:utf8')
    expect(codeOf(() => read(3, 0xed, 0xa0, 0x80).name())).toBe('malformed:utf8')
    expect(codeOf(() => read(5, 0x61).name())).toBe('malformed:unexpected-end')
  })
})
