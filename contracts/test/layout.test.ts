/**
 * Storage slot by slot against Solidity's rules, worked out by hand from "Layout of State Variables in Storage": slots
 * number from 0 in order of declaration, base contract first.
 */

import { type Address, concat, getAddress, type Hex, hexToBigInt, keccak256, pad, size, slice, toHex } from 'viem'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT, buildFixture } from './fixtures.ts'
import { TestChain, type TestContract } from './testChain.ts'

const WHO: Address = getAddress('0x1111222233334444555566667777888899990000')
const ZERO = pad('0x00')
const word = (value: bigint | number): Hex => pad(toHex(value), { size: 32 })
const plus = (slot: Hex, n: number | bigint): Hex => word(hexToBigInt(slot) + BigInt(n))
const dataOf = (slot: number | Hex): Hex => keccak256(typeof slot === 'number' ? word(slot) : slot)
const entry = (key: Hex, slot: number | Hex): Hex =>
  keccak256(concat([key, typeof slot === 'number' ? word(slot) : slot]))

// Slot numbers, by hand.
const SLOT = {
  base: 0, // baseNumber
  packed: 1, // baseFlag, small, who, count
  packed2: 2, // wide, signed
  name: 3,
  raw: 4,
  balances: 5,
  nested: 6,
  numbers: 7,
  shorts: 8,
  names: 9,
  grid: 10,
  position: 11, // 11: owner, open, size; 12: label; 13: margin; 14: tag
  positions: 15,
  after: 16,
  hash: 17,
  flags: 18,
  perBlob: 19,
}

const POSITION = { owner: WHO, open: true, size: 0xabcdn, label: 'short', margin: 77n, tag: '0xdeadbeef' } as const
const POSITION_WORDS = [
  pad(concat([toHex(0xabcdn, { size: 8 }), '0x01', WHO]), { size: 32 }),
  concat([toHex('short'), pad('0x', { size: 26 }), toHex(10, { size: 1 })]),
  word(77),
  pad('0xdeadbeef', { size: 32 }),
].map((hex) => hex.toLowerCase())

let chain: TestChain
let contract: TestContract
const at = (slot: number | Hex): Hex => chain.slot(contract.address, typeof slot === 'number' ? BigInt(slot) : slot)

let artifact: Artifact
beforeAll(async () => {
  artifact = await buildFixture('layout')
}, BUILD_TIMEOUT)
beforeEach(() => {
  chain = new TestChain()
  contract = chain.deploy(artifact)
})

describe('storageLayout of the artifact', () => {
  it('says where each field is, in the words of solc', () => {
    const { storageLayout, transientStorageLayout } = artifact
    const places = storageLayout.storage.map(({ label, slot, offset, type }) => [label, Number(slot), offset, type])
    expect(places.slice(0, 5)).toEqual([
      ['baseNumber', 0, 0, 't_uint256'],
      ['baseFlag', 1, 0, 't_bool'],
      ['small', 1, 1, 't_uint8'],
      ['who', 1, 2, 't_address'],
      ['count', 1, 22, 't_uint64'],
    ])
    const slots = Object.fromEntries(places.map(([label, slot]) => [label, slot]))
    const { base, packed, packed2, ...named } = SLOT
    expect(slots).toMatchObject({ ...named, baseNumber: base, count: packed, signed: packed2 })
    expect(storageLayout.storage.every(({ contract }) => contract === 'assembly/index.ts:LayoutFixture')).toBe(true)
    const { types } = storageLayout
    expect(types['t_mapping(t_string_memory_ptr,t_mapping(t_uint32,t_struct(Position)_storage))']).toEqual({
      encoding: 'mapping',
      key: 't_string_memory_ptr',
      label: 'mapping(string => mapping(uint32 => struct Position))',
      numberOfBytes: '32',
      value: 't_mapping(t_uint32,t_struct(Position)_storage)',
    })
    expect(types['t_array(t_array(t_uint64)dyn_storage)dyn_storage']).toMatchObject({
      base: 't_array(t_uint64)dyn_storage',
      encoding: 'dynamic_array',
      label: 'uint64[][]',
    })
    const position = types['t_struct(Position)_storage']!
    expect(position).toMatchObject({ encoding: 'inplace', label: 'struct Position', numberOfBytes: '128' })
    expect(position.members?.map(({ label, slot, offset }) => [label, slot, offset])).toEqual([
      ['owner', '0', 0],
      ['open', '0', 20],
      ['size', '0', 21],
      ['label', '1', 0],
      ['margin', '2', 0],
      ['tag', '3', 0],
    ])
    // Every type that is named is there.
    const mentioned = Object.values(types).flatMap(({ key, value, base: element, members }) => [
      ...[key, value, element].filter((id) => id !== undefined),
      ...(members ?? []).map(({ type }) => type),
    ])
    for (const id of [...mentioned, ...storageLayout.storage.map(({ type }) => type)])
      expect(types).toHaveProperty([id])
    expect(transientStorageLayout.storage.map(({ label, slot, offset }) => [label, slot, offset])).toEqual([
      ['lock', '0', 0],
      ['holder', '0', 1],
    ])
  })
})

describe('values', () => {
  it('that fit share a slot, the first at its low end; base contracts come first', () => {
    contract.send('setBase', [0x1234n])
    contract.send('setPacked', [0x5a, WHO, 0x1122334455667788n, 0xcafebabe, -2, true])
    expect(at(SLOT.base)).toBe(word(0x1234))
    const packed = concat(['0x1122334455667788', WHO, '0x5a', '0x01']).toLowerCase() as Hex
    expect(at(SLOT.packed)).toBe(pad(packed, { size: 32 }))
    expect(at(SLOT.packed2)).toBe(pad('0xfffecafebabe', { size: 32 }))
    expect(['small', 'who', 'count', 'wide', 'signed', 'baseFlag'].map((name) => contract.send(name))).toEqual([
      0x5a,
      WHO,
      0x1122334455667788n,
      0xcafebabe,
      -2,
      true,
    ])
    // Writing one leaves its neighbours alone.
    contract.send('setPacked', [0, WHO, 0n, 1, 7, false])
    expect(at(SLOT.packed)).toBe(pad(concat([WHO, '0x0000']).toLowerCase() as Hex, { size: 32 }))
  })

  it('with an initializer have it after construction', () => {
    expect(contract.send('after')).toBe(7)
    expect(contract.send('name')).toBe('initial')
    expect(at(SLOT.after)).toBe(word(7))
  })

  it('of 32 bytes have a slot of their own', () => {
    const hash = keccak256('0x01')
    contract.send('setHash', [hash])
    expect(at(SLOT.hash)).toBe(hash)
    expect(contract.send('hash')).toBe(hash)
  })
})

describe('strings and bytes', () => {
  it.each([0, 1, 31, 32, 33, 64, 100])('of %i bytes', (length) => {
    const text = 'x'.repeat(length)
    contract.send('setName', [text])
    expect(contract.send('name')).toBe(text)
    if (length < 32) {
      const body = pad(length ? toHex(text) : '0x', { dir: 'right', size: 31 })
      expect(at(SLOT.name)).toBe(concat([body, toHex(2 * length, { size: 1 })]))
      expect(at(dataOf(SLOT.name))).toBe(ZERO)
      return
    }
    expect(at(SLOT.name)).toBe(word(2 * length + 1))
    for (let i = 0; i * 32 < length; i++) {
      const part = slice(toHex(text), 32 * i, Math.min(length, 32 * (i + 1)))
      expect(at(plus(dataOf(SLOT.name), i))).toBe(pad(part, { dir: 'right', size: 32 }))
    }
  })

  it('leave nothing behind when they shrink', () => {
    const long = toHex(Uint8Array.from({ length: 100 }, (_, i) => i + 1))
    contract.send('setRaw', [long])
    expect(contract.send('raw')).toBe(long)
    expect(at(plus(dataOf(SLOT.raw), 3))).toBe(pad('0x61626364', { dir: 'right', size: 32 }))
    contract.send('setRaw', [slice(long, 0, 40)])
    expect([2, 3].map((i) => at(plus(dataOf(SLOT.raw), i)))).toEqual([ZERO, ZERO])
    expect(contract.send('raw')).toBe(slice(long, 0, 40))
    contract.send('setRaw', ['0x0102'])
    expect([0, 1].map((i) => at(plus(dataOf(SLOT.raw), i)))).toEqual([ZERO, ZERO])
    expect(at(SLOT.raw)).toBe(concat(['0x0102', pad('0x', { size: 29 }), '0x04']))
  })
})

describe('mappings', () => {
  it('keep values at the hash of key and slot', () => {
    contract.send('setBalance', [WHO, 5n])
    contract.send('addBalance', [WHO, 6n])
    expect(at(entry(pad(WHO.toLowerCase() as Hex), SLOT.balances))).toBe(word(11))
    expect(contract.send('balances', [WHO])).toBe(11n)
    expect(at(SLOT.balances)).toBe(ZERO)
    contract.send('deleteBalance', [WHO])
    expect(at(entry(pad(WHO.toLowerCase() as Hex), SLOT.balances))).toBe(ZERO)
  })

  it('nest, with unpadded string keys, and hold structs', () => {
    contract.send('setNested', ['ключ', 9, POSITION])
    const inner = entry(toHex('ключ'), SLOT.nested)
    const first = entry(word(9), inner)
    expect([0, 1, 2, 3].map((i) => at(plus(first, i)))).toEqual(POSITION_WORDS)
    expect(contract.send('nested', ['ключ', 9])).toEqual(Object.values(POSITION))
    contract.send('clearNested', ['ключ', 9])
    expect([0, 1, 2, 3].map((i) => at(plus(first, i)))).toEqual([ZERO, ZERO, ZERO, ZERO])
  })

  it('take signed and bytes keys', () => {
    contract.send('setFlag', [-3, true])
    expect(at(entry(toHex(2n ** 256n - 3n), SLOT.flags))).toBe(word(1))
    const blob = toHex(Uint8Array.from({ length: 45 }, (_, i) => i))
    contract.send('setPerBlob', [blob, WHO])
    expect(at(entry(blob, SLOT.perBlob))).toBe(pad(WHO.toLowerCase() as Hex))
    expect(contract.send('perBlob', [blob])).toBe(WHO)
  })
})

describe('arrays', () => {
  it('keep their length in the slot and elements from its hash on', () => {
    for (const value of [5n, 6n, 7n]) contract.send('pushNumber', [value])
    contract.send('setNumber', [1, 66n])
    expect(at(SLOT.numbers)).toBe(word(3))
    expect([0, 1, 2].map((i) => at(plus(dataOf(SLOT.numbers), i)))).toEqual([word(5), word(66), word(7)])
    expect(contract.send('numbers', [2n])).toBe(7n)
    contract.send('popNumber')
    expect(at(SLOT.numbers)).toBe(word(2))
    expect(at(plus(dataOf(SLOT.numbers), 2))).toBe(ZERO)
    expect(() => contract.send('setNumber', [2, 1n])).toThrow('array index out of bounds (panic 0x32)')
    expect(() => contract.send('numbers', [2n ** 255n])).toThrow('array index out of bounds (panic 0x32)')
  })

  it('pack small elements', () => {
    for (let i = 1; i <= 18; i++) contract.send('pushShort', [0x100 + i])
    const packed = Array.from({ length: 16 }, (_, i) => toHex(0x110 - i, { size: 2 }))
    expect(at(dataOf(SLOT.shorts))).toBe(concat(packed))
    expect(at(plus(dataOf(SLOT.shorts), 1))).toBe(word(0x01120111))
    contract.send('popShort')
    contract.send('setShort', [16, 9])
    expect(at(plus(dataOf(SLOT.shorts), 1))).toBe(word(9))
    expect(contract.send('shorts', [15n])).toBe(0x110)
  })

  it('hold strings, arrays and structs, and clear what is removed', () => {
    const long = 'y'.repeat(40)
    for (const name of ['a', long, 'c']) contract.send('pushName', [name])
    const names = dataOf(SLOT.names)
    expect(at(plus(names, 1))).toBe(word(81))
    contract.send('removeName', [0])
    expect([0n, 1n].map((i) => contract.send('names', [i]))).toEqual(['c', long])
    contract.send('removeName', [1])
    expect(at(dataOf(plus(names, 1)))).toBe(ZERO)

    contract.send('pushRow')
    contract.send('pushRow')
    for (const value of [1n, 2n, 3n, 4n, 5n]) contract.send('pushCell', [1, value])
    const row = plus(dataOf(SLOT.grid), 1)
    expect(at(row)).toBe(word(5))
    expect(at(dataOf(row))).toBe(concat([4, 3, 2, 1].map((n) => toHex(n, { size: 8 }))))
    expect(contract.send('grid', [1n, 4n])).toBe(5n)
    contract.send('popRow')
    expect([at(row), at(dataOf(row)), at(plus(dataOf(row), 1))]).toEqual([ZERO, ZERO, ZERO])

    contract.send('pushPosition', [{ ...POSITION, margin: 1n }])
    contract.send('pushPosition', [POSITION])
    const second = plus(dataOf(SLOT.positions), 4)
    expect([0, 1, 2, 3].map((i) => at(plus(second, i)))).toEqual(POSITION_WORDS)
    expect(contract.send('positions', [1n])).toEqual(Object.values(POSITION))
    contract.send('popPosition')
    expect([0, 1, 2, 3].map((i) => at(plus(second, i)))).toEqual([ZERO, ZERO, ZERO, ZERO])
    expect(contract.send('lengths')).toEqual([0, 0, 1, 1, 1])
  })

  it('cannot be popped when empty', () => {
    expect(() => contract.send('popNumber')).toThrow('pop on an empty array (panic 0x31)')
  })
})

describe('structs', () => {
  it('take slots of their own, and what follows starts a new one', () => {
    contract.send('setPosition', [POSITION])
    expect([0, 1, 2, 3].map((i) => at(SLOT.position + i))).toEqual(POSITION_WORDS)
    expect(contract.send('position')).toEqual(Object.values(POSITION))
    expect(at(SLOT.after)).toBe(word(7))
    expect(size(at(SLOT.positions))).toBe(32)
  })
})

describe('transient fields', () => {
  it('live for one transaction and do not touch storage', () => {
    expect(contract.send('useTransient', [3, WHO])).toBe(BigInt(WHO) + 3n)
    expect(contract.send('readTransient')).toBe(0n)
    expect([at(SLOT.base), at(SLOT.packed)]).toEqual([ZERO, ZERO])
  })
})
