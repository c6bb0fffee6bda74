import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { CodecError, decodeRlp, encodeRlp, type RlpItem } from '../codec/rlp.ts'
import type { Certificate } from './certificate.ts'
import { decodeCertificate, encodeCertificate } from './certificateCodec.ts'

const random = seededRandom(21)
const certificate: Certificate = {
  chainId: 31337n,
  height: 70_000n,
  round: 0,
  blockHash: random.bytes(32),
  signatures: [0, 1, 3].map((index) => ({ index, signature: random.bytes(64) })),
}

test('a certificate comes back as it was', () => {
  expect(decodeCertificate(encodeCertificate(certificate))).toEqual(certificate)
  const none = { ...certificate, round: 12, signatures: [] }
  expect(decodeCertificate(encodeCertificate(none))).toEqual(none)
})

test.each([
  ['an index twice', { signatures: [certificate.signatures[0]!, certificate.signatures[0]!] }, 'signatures[1].index'],
  ['descending', { signatures: [...certificate.signatures].reverse() }, 'signatures[1].index'],
  ['signature length', { signatures: [{ index: 0, signature: random.bytes(63) }] }, 'signatures[0].signature'],
  ['index', { signatures: [{ index: 1000, signature: random.bytes(64) }] }, 'signatures[0].index'],
  ['round', { round: 2 ** 31 }, 'round'],
  ['block hash', { blockHash: random.bytes(31) }, 'blockHash'],
  ['height', { height: 1n << 64n }, 'height'],
])('%s is refused', (_, change, field) => {
  let error: unknown
  try {
    decodeCertificate(encodeCertificate({ ...certificate, ...change }))
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(CodecError)
  expect((error as CodecError).field).toBe(`certificate.${field}`)
})

test('other shapes are refused', () => {
  const items = decodeRlp(encodeCertificate(certificate)) as RlpItem[]
  for (const bad of [items.slice(1), [...items, new Uint8Array(0)], new Uint8Array(4), [...items.slice(0, 4), [[]]]]) {
    expect(() => decodeCertificate(encodeRlp(bad))).toThrow(CodecError)
  }
  const many = Array.from({ length: 5000 }, () => new Uint8Array(0))
  expect(() => decodeCertificate(encodeRlp([...items.slice(0, 4), many]))).toThrow(CodecError)
})
