import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { StateDump } from '../../chain/chainService.ts'
import { bigintToBytes } from '../../codec/bytes.ts'
import { fromHex } from '../../codec/hex.ts'
import { packState, unpackState } from './stateFile.ts'

const MUCH = 100_000
const address = (last: number) => new Uint8Array(20).fill(last)
const word = (value: bigint) => bigintToBytes(value, 32)
const wasm = fromHex('0x0061736d01000000')
const dump: StateDump = {
  number: 42n,
  accounts: [
    { address: address(9), nonce: 2n ** 53n + 1n, balance: 2n ** 255n, code: wasm, storage: [[word(5n), 6n]] },
    { address: address(1), nonce: 0n, balance: 0n, code: new Uint8Array(0), storage: [] },
  ],
}
const json = (accounts: object) => new TextEncoder().encode(JSON.stringify({ accounts }))
const hex = (last: number) => `0x${last.toString(16).padStart(2, '0').repeat(20)}`

describe('a state that is dumped', () => {
  it("is gzip of anvil's JSON, by address, and to the digit", async () => {
    const text = gunzipSync(await packState(dump)).toString()
    expect(text).toContain('"nonce":9007199254740993,')
    expect(JSON.parse(text)).toEqual({
      block: null,
      accounts: {
        [hex(1)]: { nonce: 0, balance: '0x0', code: '0x', storage: {} },
        [hex(9)]: {
          ...{ nonce: 9007199254740992, balance: `0x8${'0'.repeat(63)}`, code: '0x0061736d01000000' },
          storage: { [`0x${'5'.padStart(64, '0')}`]: `0x${'6'.padStart(64, '0')}` },
        },
      },
      ...{ best_block_number: '0x2a', blocks: [], transactions: [] },
    })
    expect(Object.keys(JSON.parse(text).accounts)).toEqual([hex(1), hex(9)])
  })

  it('is loaded as it was, and as anvil and older ones wrote it', async () => {
    const small: StateDump = { ...dump, accounts: [{ ...dump.accounts[0]!, nonce: 3n }] }
    expect(await unpackState(await packState(small), MUCH)).toEqual([
      { address: address(9), nonce: 3n, balance: 2n ** 255n, code: wasm, storage: [[word(5n), word(6n)]] },
    ])
    const storage = { '0x1': '0x2', [`0x${'0'.repeat(63)}3`]: `0x${'0'.repeat(63)}4` }
    const old = json({ [hex(2)]: { nonce: '0x5', balance: '1000', storage }, [hex(3)]: { balance: '0x00ff' } })
    expect(await unpackState(old, MUCH)).toEqual([
      {
        ...{ address: address(2), nonce: 5n, balance: 1000n, code: new Uint8Array(0) },
        storage: [
          [word(1n), word(2n)],
          [word(3n), word(4n)],
        ],
      },
      { address: address(3), nonce: 0n, balance: 255n, code: new Uint8Array(0), storage: [] },
    ])
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['no JSON', new TextEncoder().encode('{"accounts":'), /^invalid params: state: it is no JSON/],
    ['no text', Uint8Array.of(0xff, 0xfe), /neither gzip nor UTF-8/],
    ['damaged gzip', gzipSync('{"accounts":{}}').subarray(0, 12), /its gzip is damaged/],
    ['no accounts', new TextEncoder().encode('{}'), /state\.accounts must be an object/],
    ['an account without an address', json({ '0x12': {} }), /accounts\["0x12"\] must be an address/],
    ['a nonce that was rounded', json({ [hex(1)]: { nonce: 2 ** 53 } }), /\.nonce must be/],
    ['a balance without end', json({ [hex(1)]: { balance: `0x1${'0'.repeat(64)}` } }), /amount below 2\^256/],
    ['a wide slot', json({ [hex(1)]: { storage: { [`0x${'1'.repeat(65)}`]: '0x1' } } }), /storage slot/],
    ['code of the EVM', json({ [hex(1)]: { code: '0x60806040' } }), /begins with 0x60806040: EVM bytecode\?/],
  ])('is refused with its place: %s', async (_, bytes, words) => {
    await expect(unpackState(bytes, MUCH)).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(words),
    })
  })

  it('is unpacked up to a bound only, however small it came', async () => {
    const bomb = gzipSync(new Uint8Array(50_000_000))
    expect(bomb.length).toBeLessThan(60_000)
    for (const bytes of [bomb, new Uint8Array(MUCH + 1).fill(0x20)]) {
      await expect(unpackState(bytes, MUCH)).rejects.toMatchObject({
        code: -32005,
        message: `the state has more than ${MUCH} bytes of JSON (maxStateBytes)`,
      })
    }
  })
})
