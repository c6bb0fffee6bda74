/** Precompiles against the examples of their EIPs and go-ethereum's test vectors (core/vm/testdata/precompiles). */
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../codec/hex.ts'
import { isPrecompile } from './precompileNames.ts'
import { findPrecompile } from './precompiles.ts'
import { precompilePrices } from './prices.ts'

const at = (address: number) => {
  const bytes = new Uint8Array(20)
  bytes[19] = address
  const precompile = findPrecompile(bytes)
  if (precompile === undefined) throw new Error(`no precompile at ${address}`)
  return precompile
}

const run = (address: number, input: string): string | null => {
  const output = at(address).run(fromHex(input))
  return output === null ? null : toHex(output)
}
const gas = (address: number, input: string): bigint => at(address).gas(fromHex(input), precompilePrices('stylus'))
const word = (hex: string): string => hex.padStart(64, '0')

describe('the addresses', () => {
  it('are 1 to 9', () => {
    const found = Array.from({ length: 12 }, (_, i) => {
      const address = new Uint8Array(20)
      address[19] = i
      return isPrecompile(address)
    })
    expect(found).toEqual([false, true, true, true, true, true, true, true, true, true, false, false])
    const shifted = new Uint8Array(20).fill(0)
    shifted[18] = 1
    shifted[19] = 1
    expect(isPrecompile(shifted)).toBe(false)
  })
})

describe('ecrecover', () => {
  const hash = '18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c'
  const r = '73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f'
  const s = 'eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549'
  it('gives the signer (go-ethereum, "ValidKey")', () => {
    expect(run(1, `0x${hash}${word('1c')}${r}${s}`)).toBe(`0x${word('a94f5374fce5edbc8e2a8697c15331677e6ebf0b')}`)
    expect(gas(1, '0x')).toBe(3_000n)
  })
  it('gives nothing for what is no signature', () => {
    expect(run(1, `0x${hash}${word('1d')}${r}${s}`)).toBe('0x')
    expect(run(1, `0x${hash}${'1'.padEnd(62, '0')}1c${r}${s}`)).toBe('0x')
    expect(run(1, `0x${hash}${word('1c')}${word('0')}${s}`)).toBe('0x')
    expect(run(1, '0x')).toBe('0x')
  })
})

describe('hashes', () => {
  it('sha256, ripemd160 and identity give the known values', () => {
    expect(run(2, '0x616263')).toBe('0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(run(3, '0x616263')).toBe(`0x${word('8eb208f7e05d987a9b044a8e98c6b087f15a0bfc')}`)
    expect(run(4, '0x010203')).toBe('0x010203')
  })
  it('are priced by the word', () => {
    const bytes = `0x${'00'.repeat(33)}`
    expect([2, 3, 4].map((address) => gas(address, '0x'))).toEqual([60n, 600n, 15n])
    expect([2, 3, 4].map((address) => gas(address, bytes))).toEqual([84n, 840n, 21n])
  })
})

describe('modexp', () => {
  const p = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f'
  const minusOne = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e'
  it('follows the examples of EIP-198, at the prices of EIP-2565', () => {
    const fermat = `0x${word('1')}${word('20')}${word('20')}03${minusOne}${p}`
    expect(run(5, fermat)).toBe(`0x${word('1')}`)
    expect(gas(5, fermat)).toBe(1_360n)
    const zeroBase = `0x${word('0')}${word('20')}${word('20')}${minusOne}${p}`
    expect(run(5, zeroBase)).toBe(`0x${word('0')}`)
    expect(gas(5, zeroBase)).toBe(1_360n)
    const cut = `0x${word('1')}${word('2')}${word('20')}03ffff80`
    expect(run(5, cut)).toBe('0x3b01b01ac41f2d6e917c6d6a221ce793802469026d9ab7578fa2e79e4da6aaab')
  })
  it('follows eip_example and nagydani of go-ethereum in price', () => {
    const lengths = `${word('40')}${word('1')}${word('40')}`
    const square = `0x${lengths}${'e0'.repeat(64)}02${'f1'.repeat(64)}`
    expect(gas(5, square)).toBe(200n)
    const pow65537 = `0x${word('40')}${word('3')}${word('40')}${'e0'.repeat(64)}010001${'f1'.repeat(64)}`
    expect(gas(5, pow65537)).toBe(341n)
  })
  it('knows its corner cases', () => {
    expect(run(5, '0x')).toBe('0x')
    expect(gas(5, '0x')).toBe(200n)
    const numbers = (b: string, e: string, m: string) => `0x${word('1')}${word('1')}${word('1')}${b}${e}${m}`
    expect(run(5, numbers('05', '00', '07'))).toBe('0x01')
    expect(run(5, numbers('05', '00', '01'))).toBe('0x00')
    expect(run(5, numbers('05', '03', '00'))).toBe('0x00')
    expect(run(5, numbers('05', '03', '07'))).toBe('0x06')
  })
  it('prices absurd lengths before it looks at them, and refuses over 1024 bytes', () => {
    const huge = 'ff'.repeat(32)
    expect(gas(5, `0x${huge}${word('1')}${word('1')}`)).toBeGreaterThan(10n ** 70n)
    expect(gas(5, `0x${word('1')}${huge}${word('1')}`)).toBeGreaterThan(10n ** 70n)
    expect(run(5, `0x${word('1')}${word('401')}${word('1')}03`)).toBeNull()
    expect(run(5, `0x${word('0')}${huge}${word('0')}`)).toBe('0x')
  })
})

describe('alt_bn128', () => {
  const g = word('1') + word('2')
  const twoG =
    '030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd315ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4'
  it('adds and multiplies', () => {
    expect(run(6, `0x${g}${g}`)).toBe(`0x${twoG}`)
    expect(run(7, `0x${g}${word('2')}`)).toBe(`0x${twoG}`)
    expect(run(6, '0x')).toBe(`0x${'00'.repeat(64)}`)
    expect(run(6, `0x${word('1')}${word('1')}`)).toBeNull()
    expect([gas(6, '0x'), gas(7, '0x')]).toEqual([150n, 6_000n])
  })
  it('checks pairings (go-ethereum, "two_point_match_2", and an input of the wrong length)', () => {
    const g2 =
      '198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa'
    const minusG = `${word('1')}30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd45`
    expect(run(8, `0x${g}${g2}${minusG}${g2}`)).toBe(`0x${word('1')}`)
    expect(run(8, `0x${g}${g2}`)).toBe(`0x${word('0')}`)
    expect(run(8, '0x')).toBe(`0x${word('1')}`)
    expect(run(8, `0x${g}`)).toBeNull()
    expect(gas(8, `0x${g}${g2}${minusG}${g2}`)).toBe(113_000n)
  })
})

describe('blake2f', () => {
  const state =
    '48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b'
  const rest = `${'616263'.padEnd(256, '0')}0300000000000000${'00'.repeat(8)}`
  it('follows the vectors of EIP-152', () => {
    expect(run(9, `0x0000000c${state}${rest}01`)).toBe(
      '0xba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    )
    expect(run(9, `0x00000000${state}${rest}01`)).toBe(
      '0x08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b',
    )
    expect(run(9, `0x0000000c${state}${rest}02`)).toBeNull()
    expect(run(9, `0x0000000c${state}${rest}`)).toBeNull()
    expect(gas(9, `0x0000000c${state}${rest}01`)).toBe(12n)
  })
})
