import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../codec/hex.ts'
import { create2Address, createAddress } from './contractAddress.ts'

describe('createAddress', () => {
  // From go-ethereum, crypto/crypto_test.go, TestNewContractAddress.
  it('follows sender and nonce', () => {
    const sender = fromHex('0x970e8128ab834e8eac17ab8e3812f010678cf791')
    expect([0n, 1n, 2n].map((nonce) => toHex(createAddress(sender, nonce)))).toEqual([
      '0x333c3310824b7c685133f2bedb2ca4b8b4df633d',
      '0x8bda78331c916a08481428e4b07c96d3e916d165',
      '0xc9ddedf451bc62ce88bf9292afb13df35b670699',
    ])
  })
})

/** EIP-1014, "Examples": address, salt, init code, result. */
const vectors: [string, string, string, string][] = [
  ['0x0000000000000000000000000000000000000000', '0x00', '0x00', '0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38'],
  ['0xdeadbeef00000000000000000000000000000000', '0x00', '0x00', '0xb928f69bb1d91cd65274e3c79d8986362984fda3'],
  [
    '0xdeadbeef00000000000000000000000000000000',
    '0x000000000000000000000000feed000000000000000000000000000000000000',
    '0x00',
    '0xd04116cdd17bebe565eb2422f2497e06cc1c9833',
  ],
  ['0x0000000000000000000000000000000000000000', '0x00', '0xdeadbeef', '0x70f2b2914a2a4b783faefb75f459a580616fcb5e'],
  [
    '0x00000000000000000000000000000000deadbeef',
    '0x00000000000000000000000000000000000000000000000000000000cafebabe',
    '0xdeadbeef',
    '0x60f3f640a8508fc6a86d45df051962668e1e8ac7',
  ],
  [
    '0x00000000000000000000000000000000deadbeef',
    '0x00000000000000000000000000000000000000000000000000000000cafebabe',
    '0xdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
    '0x1d8bfdc5d46dc4f61d6b6115972536ebe6a8854c',
  ],
  ['0x0000000000000000000000000000000000000000', '0x00', '0x', '0xe33c0c7f7df4809055c3eba6c09cfe4baf1bd9e0'],
]

describe('create2Address', () => {
  for (const [address, salt, initCode, result] of vectors) {
    it(`gives ${result}`, () => {
      const padded = new Uint8Array(32)
      const saltBytes = fromHex(salt)
      padded.set(saltBytes, 32 - saltBytes.length)
      expect(toHex(create2Address(fromHex(address), padded, fromHex(initCode)))).toBe(result)
    })
  }
})
