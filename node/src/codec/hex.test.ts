import { expect, test } from 'vitest'
import { CodecError } from './codecError.ts'
import { fromHex, fromQuantity, toHex, toQuantity } from './hex.ts'

test('hex goes both ways, in lower case', () => {
  expect(toHex(Uint8Array.of(0, 1, 171, 255))).toBe('0x0001abff')
  expect(fromHex('0x0001aBFf')).toEqual(Uint8Array.of(0, 1, 171, 255))
  expect(toHex(new Uint8Array(0))).toBe('0x')
  expect(fromHex('0x')).toEqual(new Uint8Array(0))
})

test.each([
  ['', 'must start with 0x'],
  ['00', 'must start with 0x'],
  ['0x0', 'odd number of digits'],
  ['0x0g', '"g" at position 3'],
  ['0x:0', '":" at position 2'],
  ['0x 1', '" " at position 2'],
])('%j is refused with what is wrong', (text, reason) => {
  expect(() => fromHex(text)).toThrow(reason)
  expect(() => fromHex(text)).toThrow(CodecError)
})

test('an error shows the start of a long text only', () => {
  expect(() => fromHex(`0x${'zz'.repeat(100_000)}`)).toThrow(/^hex "0xz{37}…" has/)
})

test('quantities have no leading zeros', () => {
  expect(toQuantity(0n)).toBe('0x0')
  expect(toQuantity(31337n)).toBe('0x7a69')
  expect(fromQuantity('0x7A69')).toBe(31337n)
  expect(fromQuantity('0x0')).toBe(0n)
  for (const bad of ['0x', '0x00', '0x01', '1', '-0x1', '0x1 ', '']) expect(() => fromQuantity(bad)).toThrow(CodecError)
  expect(() => toQuantity(-1n)).toThrow(RangeError)
})
