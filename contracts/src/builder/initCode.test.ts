import { brotliDecompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { codeOf, initCodeOf, toHex } from './initCode.ts'

const wasm = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

it('code is EFF000, no dictionary, brotli of the module', () => {
  const code = codeOf(wasm)
  expect(toHex(code.subarray(0, 4))).toBe('0xeff00000')
  expect(new Uint8Array(brotliDecompressSync(code.subarray(4)))).toEqual(wasm)
})

it('init code is the 43 bytes of cargo-stylus, with version 01 for a constructor, then the code', () => {
  const code = new Uint8Array(0x1234).fill(7)
  const init = initCodeOf(code)
  const length = '1234'.padStart(64, '0')
  expect(toHex(init.subarray(0, 43))).toBe(`0x7f${length}80602b6000396000f301`)
  expect(init.subarray(43)).toEqual(code)
  expect(toHex(initCodeOf(code, 'store').subarray(33, 43))).toBe('0x80602b6000396000f300')
})
