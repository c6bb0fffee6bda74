/**
 * The meaning of statements: writes to parts of what is stored, slot by slot against Solidity's rules worked out by
 * hand; the order of evaluation, with the results of the same statements in Solidity; amounts, with their exact values.
 */

import { concat, type Hex, hexToBigInt, hexToBytes, keccak256, pad, toHex } from 'viem'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT, buildFixture } from './fixtures.ts'
import { account, TestChain, type TestContract } from './testChain.ts'

const WHO = '0x1111222233334444555566667777888899990000'
const ZERO_ADDRESS = pad('0x', { size: 20 })
const word = (value: bigint | number): Hex => pad(toHex(value), { size: 32 })
const plus = (slot: Hex, n: number): Hex => word(hexToBigInt(slot) + BigInt(n))
const dataOf = (slot: Hex): Hex => keccak256(slot)
const entry = (key: Hex, slot: Hex): Hex => keccak256(concat([key, slot]))
const text = (value: string): Hex =>
  concat([pad(toHex(value), { dir: 'right', size: 31 }), toHex(2 * value.length, { size: 1 })])

const POSITION = {
  small: 3,
  wide: 5n,
  who: WHO,
  inner: { x: 7, y: WHO, z: 100n },
  note: 'short',
  data: '0x0102',
  amount: 50n,
} as const

/** Slots by hand: 0 has small (1 byte, lowest), wide (8), who (20); 1 has inner.x (4), inner.y (20); then one each. */
const slot0 = (small: number, wide: bigint, who: Hex = WHO): Hex =>
  pad(concat([who, toHex(BigInt.asUintN(64, wide), { size: 8 }), toHex(small, { size: 1 })]), { size: 32 })
const slot1 = (x: number, y: Hex = WHO): Hex => pad(concat([y, toHex(x, { size: 4 })]), { size: 32 })
const bytes = (value: Hex): Hex => concat([pad(value, { dir: 'right', size: 31 }), '0x04'])
const BEFORE = [slot0(3, 5n), slot1(7), word(100), text('short'), bytes('0x0102'), word(50)]

const PLACES = {
  position: word(0),
  byOwner: entry(pad(account(0)), word(6)),
  nested: entry(toHex('k'), entry(word(3), word(7))),
  list: plus(dataOf(word(8)), 6),
  grid: dataOf(dataOf(word(9))),
} as const

let artifact: Artifact
let chain: TestChain
let contract: TestContract
beforeAll(async () => {
  artifact = await buildFixture('statements')
}, BUILD_TIMEOUT)
beforeEach(() => {
  chain = new TestChain()
  contract = chain.deploy(artifact)
})
const at = (slot: Hex): Hex => chain.slot(contract.address, slot)
const put = (slot: Hex, value: Hex): void => {
  chain.state.setStorage(hexToBytes(contract.address), hexToBytes(slot), hexToBytes(value))
  chain.state.endTransaction()
}

describe('a write to a member of a stored struct', () => {
  it.each<[string, readonly unknown[], keyof typeof PLACES, Readonly<Record<number, Hex>>]>([
    ['setWide', [], 'position', { 0: slot0(3, -2n) }],
    ['addSmall', [], 'position', { 0: slot0(8, 5n) }],
    ['countSmall', [], 'position', { 0: slot0(5, 5n) }],
    ['setWho', [], 'position', { 0: slot0(3, 5n, ZERO_ADDRESS) }],
    ['addAmount', [], 'position', { 5: word(59) }],
    ['setInner', [], 'position', { 1: slot1(1, account(0)), 2: word(2) }],
    ['setInnerX', [], 'position', { 1: slot1(0xaabbccdd) }],
    ['innerZ', [], 'position', { 2: word(99) }],
    ['setByte', [1], 'position', { 4: bytes('0x01ee') }],
    ['given', [], 'position', { 0: slot0(3, 77n) }],
    ['chained', [], 'position', { 0: slot0(44, 5n) }],
    ['chained', [], 'byOwner', { 0: slot0(44, 5n) }],
    ['ofMapping', [], 'byOwner', { 1: slot1(8) }],
    ['ofGet', [], 'byOwner', { 5: word(3) }],
    ['ofNested', [], 'nested', { 2: word(8) }],
    ['ofHandle', [], 'nested', { 0: slot0(2, 5n) }],
    ['ofList', [1], 'list', { 1: slot1(6) }],
    ['ofGrid', [], 'grid', { 5: word(1) }],
  ])('%s%j changes its slot of %s, and touches no other', (name, args, place, changed) => {
    contract.send('setAll', [POSITION])
    const slots = BEFORE.map((_, i) => plus(PLACES[place], i))
    expect(slots.map(at)).toEqual(BEFORE)
    // A string that cannot be read: reading the whole struct would panic.
    const broken = word(2n ** 256n - 1n)
    if (!('3' in changed)) put(slots[3] as Hex, broken)
    contract.send(name, args)
    const after = BEFORE.map((before, i) => changed[i] ?? (i === 3 ? broken : before))
    expect(slots.map(at)).toEqual(after)
  })

  it('gives the value that was written', () => {
    contract.send('setAll', [POSITION])
    expect(contract.send('given')).toBe(77n)
    expect(contract.send('wide')).toBe(77n)
    expect(contract.send('countSmall')).toEqual([3, 5])
  })

  it('of a string clears what a longer one left', () => {
    contract.send('setAll', [POSITION])
    contract.send('setNote', ['x'.repeat(70)])
    const data = dataOf(word(3))
    expect([at(word(3)), at(plus(data, 2))]).toEqual([word(141), pad(toHex('xxxxxx'), { dir: 'right', size: 32 })])
    contract.send('setNote', ['y'])
    expect([at(word(3)), at(data), at(plus(data, 2))]).toEqual([text('y'), word(0), word(0)])
    expect(contract.send('noteOf')).toBe('short')
  })

  it('of a key that was never set, or of an element just appended, starts from zero', () => {
    contract.send('ofNew')
    expect(at(entry(toHex('k'), entry(word(4), word(7))))).toBe(slot0(0, 1n, ZERO_ADDRESS))
    contract.send('ofGrown')
    expect([at(word(8)), at(plus(dataOf(word(8)), 5))]).toEqual([word(1), word(6)])
  })

  it('beyond the end of an array or of bytes panics, and a checked sum overflows', () => {
    expect(() => contract.send('ofList', [0])).toThrow('array index out of bounds (panic 0x32)')
    expect(() => contract.send('setByte', [0])).toThrow('array index out of bounds (panic 0x32)')
    expect(() => contract.send('innerZ')).toThrow('arithmetic underflow or overflow (panic 0x11)')
  })

  it('leaves a copy in memory alone until it is written back', () => {
    contract.send('setAll', [POSITION])
    expect(contract.send('copied')).toEqual([3, 99])
  })
})

describe('a write to one byte of stored bytes', () => {
  it.each([2, 31, 32, 70])('of %i', (length) => {
    const value = Uint8Array.from({ length }, (_, i) => i + 1)
    contract.send('setRaw', [toHex(value)])
    for (const i of [0, length - 1]) {
      contract.send('rawByte', [i, 0xc0])
      contract.send('rawAdd', [i])
      value[i] = 0xc1
      expect(contract.send('readRaw', [i])).toBe(0xc1)
    }
    expect(contract.send('raw')).toBe(toHex(value))
    for (const i of [length, -1])
      expect(() => contract.send('rawByte', [i, 1])).toThrow('array index out of bounds (panic 0x32)')
    expect(() => contract.send('readRaw', [length])).toThrow('array index out of bounds (panic 0x32)')
  })
})

describe('a target with side effects is evaluated once', () => {
  it.each([
    ['onceKey', [5n, 10n, 1n]],
    ['onceCall', [1n, 0n, 1n]],
    ['oncePrefix', [7n, 7n, 1n]],
    ['onceIndex', [101, 3, 3, 2]],
    ['onceSlot', [4n, 2n, 0n]],
    ['onceMemory', [7, 1, 3, 2]],
    ['onceMember', [6n, 4n, 2n]],
    ['onceObject', [4, 2]],
  ])('%s', (name, expected) => {
    expect(contract.send(name)).toEqual(expected)
  })

  it('and is inside its array', () => {
    expect(() => contract.send('outside')).toThrow('array index out of bounds (panic 0x32)')
  })
})

describe('the right side is evaluated first, then the target, then its old value is read', () => {
  it.each([
    // balance 100, and the right side takes 30 of it: 70 + 30.
    ['lateValue', 100n],
    ['lateField', 12],
    ['lateKey', [0n, 1n]],
    ['latePlain', [0n, 1n]],
    ['lateMember', [1n, 0n]],
    ['lateLocal', 10],
    ['lateMemory', [0, 2]],
  ])('%s', (name, expected) => {
    expect(contract.send(name)).toEqual(expected)
  })
})

describe('amounts', () => {
  it('of constants are exact', () => {
    expect(contract.send('ether')).toBe(1000n * 10n ** 18n)
    expect(contract.send('power')).toEqual([10n ** 20n, 1n << 200n, 2n ** 256n - 1n, 7n])
    expect(contract.send('signs')).toEqual([-(10n ** 30n), 10n ** 30n, -5n, 2n ** 63n])
  })

  it('of signed numbers panic below zero', () => {
    expect(contract.send('lastOf', [[7, 8]])).toBe(1n)
    expect(() => contract.send('lastOf', [[]])).toThrow('arithmetic underflow or overflow (panic 0x11)')
    expect(contract.send('ofSigned', [5, 2n ** 63n - 1n])).toEqual([5n, 2n ** 63n - 1n, 5n])
    expect(() => contract.send('ofSigned', [-1, 0n])).toThrow('arithmetic underflow or overflow (panic 0x11)')
    expect(() => contract.send('ofSigned', [0, -1n])).toThrow('arithmetic underflow or overflow (panic 0x11)')
  })

  it('of unsigned numbers are what they are, signed ones too', () => {
    expect(contract.send('ofUnsigned', [2 ** 32 - 1, 2n ** 64n - 1n])).toEqual([
      2n ** 32n - 1n,
      2n ** 64n - 1n,
      10n ** 19n,
    ])
    expect(contract.send('signedOf', [2n ** 64n - 1n, -3n])).toEqual([2n ** 64n - 1n, -3n])
  })

  it('of a text are there or are not', () => {
    expect(contract.send('parsed', ['0'])).toBe(0n)
    expect(contract.send('parsed', ['none'])).toBe(404n)
  })
})
