import { type AbiParameter, decodeAbiParameters, encodeAbiParameters } from 'viem'
import { describe, expect, it } from 'vitest'
import { formatFields, formatTyped, formatValue, namedValues } from './values.ts'

const bob = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const label = (address: string) => `@1 ${address}`
const point: AbiParameter = {
  type: 'tuple',
  name: 'at',
  components: [
    { type: 'uint8', name: 'y' },
    { type: 'address', name: 'owner' },
  ],
}

describe('a value', () => {
  it('is written by its type: strings in quotes in lists too, addresses checksummed with their name', () => {
    const text = formatValue({ type: 'string[]' }, ['a', '0x12', 'say "b"'], label)
    expect(text).toBe('["a", "0x12", "say \\"b\\""]')
    expect(formatValue({ type: 'bytes' }, '0x12', label)).toBe('0x12')
    expect(formatValue({ type: 'bytes20' }, bob.toLowerCase(), label)).toBe(bob.toLowerCase())
    expect(formatValue({ type: 'address[]' }, [bob.toLowerCase()], label)).toBe(`[@1 ${bob}]`)
    expect(formatValue({ type: 'uint256[][2]' }, [[1n, 2n ** 64n], []], label)).toBe('[[1, 18446744073709551616], []]')
  })

  it('keeps the members of a struct in declared order, with their names or without', () => {
    const value = decodeAbiParameters([point], encodeAbiParameters([point], [{ y: 5, owner: bob }]))[0]
    expect(formatValue(point, value, label)).toBe(`{y: 5, owner: @1 ${bob}}`)
    const unnamed = { type: 'tuple', components: [{ type: 'uint8' }, { type: 'string' }] }
    expect(formatValue(unnamed, [1, 'x'], label)).toBe('(1, "x")')
  })

  it('comes with the name of its parameter', () => {
    expect(
      formatFields([{ type: 'bool', name: 'ok' }, { type: 'string' }, point], [true, 'x', { y: 1, owner: bob }], label),
    ).toBe(`ok: true, "x", at: {y: 1, owner: @1 ${bob}}`)
  })

  it('is an object for scripts where every name is there once', () => {
    const of = (...names: string[]) =>
      namedValues(
        names.map((name) => ({ type: 'bool', name })),
        [true, false],
      )
    expect(of('b', 'a')).toEqual({ b: true, a: false })
    expect(Object.keys(of('b', 'a'))).toEqual(['b', 'a'])
    expect(of('a', '')).toEqual([true, false])
    expect(of('a', 'a')).toEqual([true, false])
  })
})

it('what was typed is shown as it was meant', () => {
  expect(formatTyped([{ a: 2n ** 64n, b: null }, 'x'])).toBe('[{"a": 18446744073709551616, "b": null}, "x"]')
})
