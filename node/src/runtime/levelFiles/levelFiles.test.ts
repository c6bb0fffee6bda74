/** The readers of LevelDB's formats, each by itself; on real, damaged databases in node/test/faults/corruption.test.ts. */
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../codec/bytes.ts'
import { crc32c, masked } from './crc32c.ts'
import { readLog } from './log.ts'
import { liveFiles } from './manifest.ts'
import { decompressSnappy } from './snappy.ts'
import { tableDamage } from './table.ts'

const text = (value: string) => new TextEncoder().encode(value)

function record(type: number, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(7 + data.length)
  const view = new DataView(out.buffer)
  view.setUint16(4, data.length, true)
  out[6] = type
  out.set(data, 7)
  view.setUint32(0, masked(crc32c(out, 6, out.length)), true)
  return out
}

describe('CRC-32C', () => {
  // RFC 3720, B.4.
  test.each([
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    [text('123456789'), 0xe3069283],
  ])('of the examples is theirs', (bytes, crc) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(crc)
    // Of a part, whatever the alignment.
    const shifted = concatBytes(Uint8Array.of(1, 2, 3), bytes, Uint8Array.of(4))
    expect(crc32c(shifted, 3, 3 + bytes.length)).toBe(crc)
  })

  test('is masked as LevelDB masks it', () => {
    expect(masked(0)).toBe(0xa282ead8)
    expect(masked(0xffffffff)).toBe(0xa282ead7)
  })
})

describe('a log', () => {
  const records = [record(1, text('one')), record(2, text('tw')), record(4, text('o')), record(1, text('three'))]
  const whole = concatBytes(...records)

  test('gives its records, fragments joined', () => {
    const { records: read, damagedAt } = readLog(whole)
    expect(read.map((bytes) => new TextDecoder().decode(bytes))).toEqual(['one', 'two', 'three'])
    expect(damagedAt).toBeNull()
  })

  test('that is cut off is damaged at its end, and nothing follows', () => {
    expect(readLog(whole.subarray(0, -1))).toMatchObject({ damagedAt: whole.length - 12, goesOn: false })
    expect(readLog(whole.subarray(0, -9))).toMatchObject({ damagedAt: whole.length - 12, goesOn: false })
  })

  test('with a changed byte goes on after it, also when the length is what changed', () => {
    for (const at of [0, 4, 5, 6, 8]) {
      const changed = whole.slice()
      changed[at]! ^= 4
      expect(readLog(changed), `byte ${at}`).toMatchObject({ damagedAt: 0, goesOn: true })
    }
  })

  test('fills its blocks of 32 KiB and leaves a trailer too short for a record', () => {
    const first = record(1, new Uint8Array(32_768 - 7 - 3))
    const { records: read } = readLog(concatBytes(first, new Uint8Array(3), record(1, text('next'))))
    expect(read.map(({ length }) => length)).toEqual([32_758, 4])
  })
})

test('a MANIFEST adds up to its live files', () => {
  const key = Uint8Array.of(1, 0x61)
  const added = (number: number) => concatBytes(Uint8Array.of(7, 0, number, 9), key, key)
  const edits = [
    concatBytes(Uint8Array.of(1, 1, 0x78, 2, 3, 9, 0, 3, 4, 4, 5), added(5), added(6)),
    concatBytes(Uint8Array.of(2, 8, 5, 0), key, Uint8Array.of(6, 0, 5), added(200 & 127)),
  ]
  expect(liveFiles(edits)).toEqual({ tables: new Set([6, 72]), firstLog: 8 })
  expect(() => liveFiles([Uint8Array.of(99)])).toThrow('unknown kind 99')
  expect(() => liveFiles([Uint8Array.of(7, 0)])).toThrow('cut off')
})

describe('Snappy', () => {
  test('literals and copies, overlapping ones too', () => {
    // "abcd", then 6 bytes from 4 back (kind 1), then 3 bytes from 1 back (kind 2).
    const bytes = Uint8Array.of(13, 3 << 2, 0x61, 0x62, 0x63, 0x64, ((6 - 4) << 2) | 1, 4, ((3 - 1) << 2) | 2, 1, 0)
    expect(new TextDecoder().decode(decompressSnappy(bytes))).toBe('abcdabcdabbbb')
  })

  test.each([
    ['a literal past the end', [4, 3 << 2, 0x61]],
    ['a copy from before the beginning', [4, 0, 0x61, (2 << 2) | 2, 9, 0]],
    ['fewer bytes than announced', [9, 0, 0x61]],
    ['more than anybody needs', [0xff, 0xff, 0xff, 0xff, 0x7f]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decompressSnappy(Uint8Array.from(bytes))).toThrow(RangeError)
  })
})

test('what is no table is said to be none', () => {
  expect(tableDamage(new Uint8Array(0))).toBe('it does not end as a table does')
  expect(tableDamage(new Uint8Array(100))).toBe('it does not end as a table does')
})
