/** EIP-712 against its own example, and against viem and ethers on types and values of chance. */

import { seededRandom } from '@touchstone/vm/testing/random'
import { TypedDataEncoder } from 'ethers'
import { type Hex, hashTypedData } from 'viem'
import { expect, test } from 'vitest'
import { toHex } from '../../codec/hex.ts'
import { DEFAULT_RPC_LIMITS } from '../limits.ts'
import { typedDataHash } from './typedData.ts'
import { typedData } from './typedDataDecoder.ts'

const hashOf = (value: unknown) => toHex(typedDataHash(typedData(DEFAULT_RPC_LIMITS)(value, 'it'), 'it'))

/** EIP-712, "Example". */
const mail = {
  types: {
    EIP712Domain: [
      { name: 'name', type: 'string' },
      { name: 'version', type: 'string' },
      { name: 'chainId', type: 'uint256' },
      { name: 'verifyingContract', type: 'address' },
    ],
    Person: [
      { name: 'name', type: 'string' },
      { name: 'wallet', type: 'address' },
    ],
    Mail: [
      { name: 'from', type: 'Person' },
      { name: 'to', type: 'Person' },
      { name: 'contents', type: 'string' },
    ],
  },
  primaryType: 'Mail',
  domain: {
    name: 'Ether Mail',
    version: '1',
    chainId: 1,
    verifyingContract: '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC',
  },
  message: {
    from: { name: 'Cow', wallet: '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826' },
    to: { name: 'Bob', wallet: '0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB' },
    contents: 'Hello, Bob!',
  },
}

test('the example of EIP-712, as an object and as text', () => {
  const digest = '0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2'
  expect(hashOf(mail)).toBe(digest)
  expect(hashOf(JSON.stringify(mail))).toBe(digest)
})

test('a domain whose type is not given has the fields that are there', () => {
  const { EIP712Domain: _type, ...types } = mail.types
  expect(hashOf({ ...mail, types })).toBe(hashOf(mail))
  expect(() => hashOf({ ...mail, types, domain: { ...mail.domain, colour: 'red' } })).toThrow('"colour"')
})

test('the domain alone', () => {
  const only = { ...mail, primaryType: 'EIP712Domain', message: {} }
  expect(hashOf(only)).toBe(hashTypedData(only as never))
})

test.each([
  ['a missing member', { message: { ...mail.message, contents: undefined } }, 'it.message.contents must be'],
  ['null for a struct', { message: { ...mail.message, to: null } }, 'it.message.to must be an object'],
  ['no address', { message: { ...mail.message, to: { name: 'x', wallet: '0x1' } } }, 'it.message.to.wallet must be'],
  ['a primary type that is none', { primaryType: 'Letter' }, 'it.primaryType must be'],
  ['a type that is none', { types: { ...mail.types, Mail: [{ name: 'from', type: 'uint7' }] } }, '"uint7"'],
  ['a name with a comma', { types: { ...mail.types, Mail: [{ name: 'a,b', type: 'bool' }] } }, 'it.types.Mail[0].name'],
  ['no types', { types: null }, 'it.types must be an object'],
  ['a fraction', { domain: { ...mail.domain, chainId: 1.5 } }, 'it.domain.chainId must be a whole number'],
  ['a number that is rounded', { domain: { ...mail.domain, chainId: 2 ** 53 } }, 'it.domain.chainId must be'],
  ['a number that is too big', { domain: { ...mail.domain, chainId: (1n << 256n).toString() } }, 'fits uint256'],
])('%s is refused', (_what, change, words) => {
  expect(() => hashOf(JSON.parse(JSON.stringify({ ...mail, ...change })))).toThrow(words)
})

test('text that is no JSON is a wrong parameter, not a wrong request', () => {
  expect(() => hashOf('mail')).toThrow(
    expect.objectContaining({ code: -32602, message: expect.stringMatching(/it must be JSON of .*, not "mail"$/) }),
  )
})

test('too much text of types, and text nested too deep, are refused before they are hashed', () => {
  const types = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, index) => [`T${index}`, [{ name: 'next', type: `T${(index + 1) % 2_000}` }]]),
  )
  expect(() => hashOf({ ...mail, types: { ...mail.types, ...types } })).toThrow('maxTypedDataTypeLength')
  expect(() => hashOf('['.repeat(100))).toThrow('maxJsonDepth')
})

const ATOMS = [
  'bool',
  'address',
  'string',
  'bytes',
  'bytes1',
  'bytes32',
  'uint8',
  'uint256',
  'int8',
  'int136',
  'int256',
]
const seed = Number(process.env['SEED'] ?? 712)

test(`300 types and values of chance (SEED=${seed})`, () => {
  const random = seededRandom(seed)
  for (let run = 0; run < 300; run++) {
    const structs = Array.from({ length: 1 + random.below(4) }, (_, index) => `S${index}`)
    // Each struct refers to later ones only, so that values end.
    const types = Object.fromEntries(
      structs.map((name, index) => [
        name,
        Array.from({ length: 1 + random.below(4) }, (_, member) => ({
          name: `m${member}`,
          type: random.pick([...ATOMS, ...structs.slice(index + 1)]) + random.pick(['', '', '[]', '[2]', '[][1]']),
        })),
      ]),
    )
    const chance = (type: string): unknown => {
      const array = /^(.*)\[(\d*)\]$/.exec(type)
      if (array !== null) {
        const length = array[2] === '' ? random.below(3) : Number(array[2])
        return Array.from({ length }, () => chance(array[1]!))
      }
      if (types[type] !== undefined) return Object.fromEntries(types[type].map((one) => [one.name, chance(one.type)]))
      if (type === 'bool') return random.below(2) === 1
      if (type === 'string') return random.pick(['', 'ä€😀', 'x'.repeat(random.below(100))])
      if (type === 'address') return toHex(random.bytes(20))
      if (type === 'bytes') return toHex(random.bytes(random.below(70)))
      const size = Number(/\d+$/.exec(type)![0])
      if (type.startsWith('bytes')) return toHex(random.bytes(size))
      if (type.startsWith('uint')) return random.bigint(size).toString()
      return BigInt.asIntN(size, random.bigint(size)).toString()
    }
    const primaryType = structs[0]!
    const domain = random.pick([{ name: 'x', chainId: 5 }, { version: '2', salt: toHex(random.bytes(32)) }, {}])
    const value = { types, primaryType, domain, message: chance(primaryType) as Record<string, unknown> }
    const ours = hashOf(JSON.stringify(value))
    expect(ours, JSON.stringify(value)).toBe(hashTypedData(value as never) as Hex)
    // ethers takes the type that nobody refers to for the primary one, so the others are left out.
    expect(ours).toBe(TypedDataEncoder.hash(domain, reachable(types, primaryType), value.message))
  }
})

type Types = Record<string, { name: string; type: string }[]>

function reachable(types: Types, from: string): Types {
  const found = new Set([from])
  for (const name of found) {
    for (const { type } of types[name]!) {
      const base = type.replace(/\[.*$/, '')
      if (types[base] !== undefined) found.add(base)
    }
  }
  return Object.fromEntries([...found].map((name) => [name, types[name]!]))
}
