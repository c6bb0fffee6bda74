/** The data of a creation transaction: docs/protocol/artifacts.md, and architecture's chain rules for contract creation. */

import { brotliCompressSync, constants } from 'node:zlib'

/** EIP-3541's reserved first byte, Stylus's discriminant (F0 00), and the number of the brotli dictionary: none. */
const CODE_PREFIX = Uint8Array.of(0xef, 0xf0, 0x00, 0x00)
const BROTLI_QUALITY = 11
const BROTLI_WINDOW = 22
const INIT_LENGTH = 43

/** The chain does nothing besides storing the code, or it calls its constructor with what follows the code. */
const INIT_VERSIONS = { store: 0x00, construct: 0x01 } as const

/** A module as the chain stores it. */
export function codeOf(wasm: Uint8Array): Uint8Array {
  const compressed = brotliCompressSync(wasm, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW,
      [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
    },
  })
  const code = new Uint8Array(CODE_PREFIX.length + compressed.length)
  code.set(CODE_PREFIX)
  code.set(compressed, CODE_PREFIX.length)
  return code
}

/**
 * PUSH32 length, DUP1, PUSH1 43, PUSH1 0, CODECOPY, PUSH1 0, RETURN, version, code: EVM code that returns `code`, and
 * which this chain recognises without running it. Constructor arguments are appended to `construct`, nothing to `store`.
 *
 * @example
 * ```ts
 * import { codeOf, initCodeOf } from '@touchstone/contracts'
 * import { watToWasm } from '@touchstone/vm/testing/wat'
 *
 * const data = initCodeOf(codeOf(watToWasm('(module)')), 'store')
 * Buffer.from(data.slice(43, 47)).toString('hex') // => 'eff00000'
 * ```
 */
export function initCodeOf(code: Uint8Array, version: keyof typeof INIT_VERSIONS = 'construct'): Uint8Array {
  const init = new Uint8Array(INIT_LENGTH + code.length)
  init[0] = 0x7f
  new DataView(init.buffer).setUint32(29, code.length)
  init.set([0x80, 0x60, INIT_LENGTH, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3, INIT_VERSIONS[version]], 33)
  init.set(code, INIT_LENGTH)
  return init
}

export function toHex(bytes: Uint8Array): `0x${string}` {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return `0x${text}`
}
