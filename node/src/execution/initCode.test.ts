import { brotliCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { CONSTRUCTOR_SELECTOR, encodeInitCode, type InitCode, parseInitCode } from './initCode.ts'
import { MAX_CODE_BYTES, MAX_INIT_CODE_BYTES, MAX_MODULE_BYTES } from './limits.ts'
import { unpackCode } from './storedCode.ts'

const WASM = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
const packed = (module: Uint8Array, dictionary = 0) =>
  concatBytes(Uint8Array.of(0xef, 0xf0, 0, dictionary), Uint8Array.from(brotliCompressSync(module)))

const errorOf = (result: InitCode | ReturnType<typeof unpackCode>) => {
  if (result.ok) throw new Error('was not refused')
  return result.error
}

describe('parseInitCode', () => {
  const code = packed(WASM)
  const prefix = (length: number, version: string) =>
    fromHex(`0x7f${length.toString(16).padStart(64, '0')}80602b6000396000f3${version}`)

  it('reads what cargo-stylus sends', () => {
    const parsed = parseInitCode(concatBytes(prefix(code.length, '00'), code))
    expect(parsed).toEqual({ ok: true, code, constructorInput: null })
  })
  it('reads code with constructor arguments', () => {
    const parsed = parseInitCode(concatBytes(prefix(code.length, '01'), code, Uint8Array.of(1, 2, 3)))
    expect(parsed).toEqual({
      ok: true,
      code,
      constructorInput: concatBytes(CONSTRUCTOR_SELECTOR, Uint8Array.of(1, 2, 3)),
    })
    expect(toHex(CONSTRUCTOR_SELECTOR)).toBe('0x5585258d')
  })
  it('reads what it writes', () => {
    expect(encodeInitCode(code, null)).toEqual(concatBytes(prefix(code.length, '00'), code))
    expect(encodeInitCode(code, Uint8Array.of(9))).toEqual(
      concatBytes(prefix(code.length, '01'), code, Uint8Array.of(9)),
    )
  })
  it('reads what has no version byte, and nothing behind it', () => {
    const unversioned = fromHex(`0x7f${code.length.toString(16).padStart(64, '0')}80602a6000396000f3`)
    expect(parseInitCode(concatBytes(unversioned, code))).toEqual({ ok: true, code, constructorInput: null })
    for (const wrong of [code.subarray(1), concatBytes(code, Uint8Array.of(0))]) {
      expect(parseInitCode(concatBytes(unversioned, wrong))).toMatchObject({
        ok: false,
        error: { code: 'length-mismatch' },
      })
    }
  })
  it('takes a bare module as the code', () => {
    expect(parseInitCode(WASM)).toEqual({ ok: true, code: WASM, constructorInput: null })
  })

  const refused: [string, Uint8Array, string, RegExp][] = [
    ['nothing', new Uint8Array(0), 'unknown-format', /no code was given/],
    [
      'EVM bytecode',
      fromHex('0x6080604052348015600e575f5ffd5b50'),
      'unknown-format',
      /0x6080604052348015\.\.\. .*EVM bytecode\? This chain runs WebAssembly/,
    ],
    ['code without its init code', code, 'unknown-format', /contract code, not init code/],
    ['another version', concatBytes(prefix(code.length, '02'), code), 'unsupported-version', /is 0x02/],
    ['a missing version', prefix(0, ''), 'unsupported-version', /missing/],
    [
      'more code than there is',
      concatBytes(prefix(code.length + 1, '00'), code),
      'length-mismatch',
      new RegExp(`announces ${code.length + 1} bytes of code, but ${code.length} follow`),
    ],
    [
      'an absurd length',
      concatBytes(fromHex(`0x7f${'ff'.repeat(32)}80602b6000396000f301`), code),
      'length-mismatch',
      /announces 1157920892/,
    ],
    [
      'arguments for version 00',
      concatBytes(prefix(code.length, '00'), code, Uint8Array.of(1)),
      'length-mismatch',
      /use version 01/,
    ],
    ['too much', new Uint8Array(MAX_INIT_CODE_BYTES + 1), 'init-code-too-large', /at most 262144/],
  ]
  for (const [name, data, codeOfError, words] of refused) {
    it(`refuses ${name}`, () => {
      const error = errorOf(parseInitCode(data))
      expect(error.code).toBe(codeOfError)
      expect(error.message).toMatch(words)
    })
  }
})

describe('unpackCode', () => {
  it('unpacks compressed and plain modules', () => {
    expect(unpackCode(packed(WASM))).toEqual({ ok: true, module: WASM })
    expect(unpackCode(WASM)).toEqual({ ok: true, module: WASM })
  })
  const stream = Uint8Array.from(brotliCompressSync(WASM))
  const head = Uint8Array.of(0xef, 0xf0, 0, 0)
  const refused: [string, Uint8Array, string, RegExp][] = [
    ['something else', Uint8Array.of(1, 2, 3), 'unknown-format', /neither a WebAssembly module/],
    ['a header alone', Uint8Array.of(0xef, 0xf0, 0), 'unknown-format', /neither/],
    [
      'a fragment',
      Uint8Array.of(0xef, 0xf0, 1, 0),
      'bad-fragments',
      /a fragment \(EFF001\) of a contract: call its root/,
    ],
    ['a root of fragments', Uint8Array.of(0xef, 0xf0, 2, 0), 'bad-fragments', /EFF002/],
    ['the Stylus dictionary', packed(WASM, 1), 'unsupported-dictionary', /01 \(the Stylus dictionary\)/],
    [
      'a truncated stream',
      concatBytes(head, stream.subarray(0, stream.length - 1)),
      'bad-compression',
      /not a complete/,
    ],
    ['no stream', head, 'bad-compression', /not a complete/],
    ['bytes after the stream', concatBytes(head, stream, Uint8Array.of(0)), 'bad-compression', /goes on after/],
    ['two streams', concatBytes(head, stream, stream), 'bad-compression', /goes on after/],
    ['too much code', concatBytes(WASM, new Uint8Array(MAX_CODE_BYTES)), 'code-too-large', /may hold 131072/],
    ['a bomb', packed(new Uint8Array(100 * MAX_MODULE_BYTES)), 'module-too-large', /more than 1048576 bytes/],
  ]
  for (const [name, code, codeOfError, words] of refused) {
    it(`refuses ${name}`, () => {
      const error = errorOf(unpackCode(code))
      expect(error.code).toBe(codeOfError)
      expect(error.message).toMatch(words)
    })
  }
  it('stops where the gas ends', () => {
    const module = concatBytes(WASM, new Uint8Array(1_000))
    expect(unpackCode(packed(module), module.length).ok).toBe(true)
    expect(errorOf(unpackCode(packed(module), module.length - 1)).message).toMatch(/pays for unpacking 1007 bytes/)
    expect(errorOf(unpackCode(module, 5)).message).toMatch(/out of gas/)
  })
})
