import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from './hex.ts'
import { CodecError, decodeRlp, decodeRlpFirstStrings, decodeRlpListMembers, encodeRlp, type RlpItem } from './rlp.ts'
import { fixedBytesField, integerField, integerItem, numberField, tupleField } from './rlpFields.ts'

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof CodecError) return error.code
    throw error
  }
  return 'accepted'
}

describe('each item has one encoding', () => {
  test.each([
    ['0x', 'rlp-truncated'],
    ['0x81', 'rlp-truncated'],
    ['0x8100', 'rlp-not-canonical'],
    ['0x817f', 'rlp-not-canonical'],
    ['0x8180', 'accepted'],
    ['0xb800', 'rlp-not-canonical'],
    [`0xb837${'11'.repeat(55)}`, 'rlp-not-canonical'],
    [`0xb838${'11'.repeat(56)}`, 'accepted'],
    [`0xb90038${'11'.repeat(56)}`, 'rlp-not-canonical'],
    [`0xf837${'01'.repeat(55)}`, 'rlp-not-canonical'],
    [`0xf838${'01'.repeat(56)}`, 'accepted'],
    ['0xc180', 'accepted'],
    ['0xc100', 'accepted'],
    ['0xc28100', 'rlp-not-canonical'],
    ['0xc0c0', 'rlp-trailing-bytes'],
    ['0x0000', 'rlp-trailing-bytes'],
    ['0xc2c1', 'rlp-truncated'],
    // The inner item reaches beyond its list, though not beyond the input.
    ['0xc3c28080', 'accepted'],
    ['0xc4c382010280', 'rlp-trailing-bytes'],
    ['0xc2c2800180', 'rlp-truncated'],
    ['0xbfffffffffffffffff', 'rlp-truncated'],
    ['0xffffffffffffffffff', 'rlp-truncated'],
    ['0xf9', 'rlp-truncated'],
  ])('%s: %s', (hex, code) => {
    expect(codeOf(() => decodeRlp(fromHex(hex)))).toBe(code)
  })
})

describe('limits', () => {
  const nested = (depth: number): RlpItem => (depth === 0 ? new Uint8Array(0) : [nested(depth - 1)])

  test('depth', () => {
    expect(codeOf(() => decodeRlp(encodeRlp(nested(64))))).toBe('accepted')
    expect(codeOf(() => decodeRlp(encodeRlp(nested(65))))).toBe('rlp-too-deep')
    expect(codeOf(() => decodeRlp(encodeRlp(nested(2)), { maxDepth: 1 }))).toBe('rlp-too-deep')
  })

  test('nesting fifty thousand deep does not overflow the stack', () => {
    const prefixes: number[][] = [[0xc0]]
    for (let length = 1; prefixes.length < 50_000; ) {
      const prefix = length < 56 ? [0xc0 + length] : [0xfa, length >> 16, (length >> 8) & 255, length & 255]
      if (length >= 56 && length < 0x100) prefix.splice(0, 3, 0xf8)
      else if (length >= 56 && length < 0x10000) prefix.splice(0, 2, 0xf9)
      prefixes.push(prefix)
      length += prefix.length
    }
    const bytes = Uint8Array.from(prefixes.reverse().flat())
    expect(codeOf(() => decodeRlp(bytes))).toBe('rlp-too-deep')
  })

  test('items', () => {
    const list = encodeRlp(new Array<Uint8Array>(10).fill(new Uint8Array(0)))
    expect(codeOf(() => decodeRlp(list, { maxItems: 11 }))).toBe('accepted')
    expect(codeOf(() => decodeRlp(list, { maxItems: 10 }))).toBe('rlp-too-many-items')
    expect(codeOf(() => decodeRlpListMembers(list, { maxItems: 9 }))).toBe('rlp-too-many-items')
  })

  test('bytes', () => {
    expect(codeOf(() => decodeRlp(new Uint8Array(3), { maxBytes: 2 }))).toBe('rlp-too-large')
    expect(codeOf(() => decodeRlpListMembers(new Uint8Array(3), { maxBytes: 2 }))).toBe('rlp-too-large')
  })
})

test('decoding copies nothing and writes nothing', () => {
  const bytes = encodeRlp([Uint8Array.of(1, 2, 3), [Uint8Array.of(9)]])
  const before = bytes.slice()
  const [first, [second]] = decodeRlp(bytes) as [Uint8Array, [Uint8Array]]
  expect(first.buffer).toBe(bytes.buffer)
  expect(second.buffer).toBe(bytes.buffer)
  expect(bytes).toEqual(before)
})

test('members of a list come as they are encoded', () => {
  const members = [encodeRlp([Uint8Array.of(1)]), encodeRlp(Uint8Array.of(200)), encodeRlp(new Uint8Array(60))]
  const list = encodeRlp([[Uint8Array.of(1)], Uint8Array.of(200), new Uint8Array(60)])
  expect(decodeRlpListMembers(list).map(toHex)).toEqual(members.map(toHex))
  expect(codeOf(() => decodeRlpListMembers(Uint8Array.of(0x80)))).toBe('wrong-shape')
  expect(codeOf(() => decodeRlpListMembers(Uint8Array.of(0xc0, 0)))).toBe('rlp-trailing-bytes')
})

describe('fields', () => {
  test('an integer is canonical and in range', () => {
    expect(integerField(integerItem(0n), 10n, 'a')).toBe(0n)
    expect(integerField(Uint8Array.of(10), 10n, 'a')).toBe(10n)
    expect(codeOf(() => integerField(Uint8Array.of(11), 10n, 'a'))).toBe('out-of-range')
    expect(codeOf(() => integerField(Uint8Array.of(0), 10n, 'a'))).toBe('leading-zeros')
    expect(codeOf(() => integerField(Uint8Array.of(0, 1), 10n, 'a'))).toBe('leading-zeros')
    expect(codeOf(() => integerField(new Uint8Array(33).fill(1), 1n << 300n, 'a'))).toBe('out-of-range')
    expect(codeOf(() => integerField([], 10n, 'a'))).toBe('wrong-shape')
    expect(codeOf(() => integerField(undefined, 10n, 'a'))).toBe('wrong-shape')
    expect(numberField(integerItem(300), 300, 'a')).toBe(300)
  })

  test('errors name the field', () => {
    expect(() => fixedBytesField(new Uint8Array(19), 20, 'to')).toThrow('to: 19 bytes, expected 20')
    expect(() => tupleField([[], []], 3, 'pair')).toThrow('pair: a list of 2 items, expected 3')
    expect(() => tupleField(new Uint8Array(0), 3, 'pair')).toThrow('pair: a byte string where a list belongs')
  })

  test('an error gets its path from the outside in', () => {
    const inner = new CodecError('out-of-range', 'nonce', 'too high')
    expect(inner.within('transactions[3]').within('block').message).toBe('block.transactions[3].nonce: too high')
    expect(new CodecError('bad-hex', '', 'odd').within('alloc').field).toBe('alloc')
    expect(new CodecError('bad-hex', '[2]', 'odd').within('alloc').field).toBe('alloc[2]')
  })
})

describe('the first strings of a list', () => {
  const list = encodeRlp([Uint8Array.of(1), new Uint8Array(0), new Uint8Array(70).fill(2), [Uint8Array.of(3)]])

  test('are views of it, whatever comes behind them', () => {
    const longer = Uint8Array.from([...list, 9])
    for (const bytes of [list, longer]) {
      const [one, empty, long] = decodeRlpFirstStrings(bytes, 3)
      expect([one, empty, long]).toEqual([Uint8Array.of(1), new Uint8Array(0), new Uint8Array(70).fill(2)])
      expect(long!.buffer).toBe(bytes.buffer)
    }
  })

  test('are refused where they are none, or not there', () => {
    expect(codeOf(() => decodeRlpFirstStrings(list, 4))).toBe('wrong-shape')
    expect(codeOf(() => decodeRlpFirstStrings(encodeRlp(Uint8Array.of(1, 2)), 1))).toBe('wrong-shape')
    expect(codeOf(() => decodeRlpFirstStrings(encodeRlp([Uint8Array.of(1)]), 2))).toBe('rlp-truncated')
    expect(codeOf(() => decodeRlpFirstStrings(new Uint8Array(0), 1))).toBe('rlp-truncated')
  })
})
