/**
 * The forms in which an account's code is stored: `EFF000` || dictionary byte || brotli(module), which is Stylus's, or
 * a plain module; and a contract in fragments (codeSource.ts). Everything else is refused, so code that is stored can
 * be run, by itself or as a part.
 */
import { decompressBrotli } from '../codec/brotli/brotli.ts'
import { type CodeError, shownBytes } from './codeError.ts'
import { MAX_CODE_BYTES, MAX_MODULE_BYTES } from './limits.ts'

/** `EF F0 00` and the dictionary byte. */
const STYLUS_HEADER_BYTES = 4
/** Dictionary byte: plain Brotli. */
const NO_DICTIONARY = 0
/** "\0asm". */
const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d] as const

/** `EF F0 01`, before the bytes of a fragment. */
export const FRAGMENT_PREFIX_BYTES = 3

export type UnpackOutcome =
  | { readonly ok: true; readonly module: Uint8Array }
  | { readonly ok: false; readonly error: CodeError }

/** Begins as a WebAssembly module does. */
export function isWasm(bytes: Uint8Array): boolean {
  return WASM_MAGIC.every((byte, i) => bytes[i] === byte)
}

/** Begins as code of Stylus does, in any of its forms: packed, a fragment, a root. */
export function isStylusCode(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xf0
}

/** A part of a contract that its root names; it never runs by itself. */
export function isFragment(code: Uint8Array): boolean {
  return isStylusCode(code) && code[2] === 1 && code.length > FRAGMENT_PREFIX_BYTES
}

/** Names the accounts that hold the fragments of a contract. */
export function isRoot(code: Uint8Array): boolean {
  return isStylusCode(code) && code[2] === 2
}

/** The header of a packed module in an account that holds it whole. */
export function packedHeader(dictionary: number): Uint8Array {
  return Uint8Array.of(0xef, 0xf0, 0, dictionary)
}

/**
 * The module in stored code. `affordableBytes`: stop unpacking there, because the creation could not pay for more;
 * the module is then reported as too large.
 */
export function unpackCode(code: Uint8Array, affordableBytes: number = MAX_MODULE_BYTES): UnpackOutcome {
  if (code.length > MAX_CODE_BYTES) {
    return refuse('code-too-large', `the code has ${code.length} bytes; an account may hold ${MAX_CODE_BYTES}`)
  }
  if (isWasm(code)) {
    return code.length <= affordableBytes ? { ok: true, module: code } : tooLarge(affordableBytes)
  }
  if (!isStylusCode(code) || code.length < STYLUS_HEADER_BYTES) {
    return refuse(
      'unknown-format',
      `code starting with ${shownBytes(code)} is neither a WebAssembly module nor EFF000 || 00 || brotli(module)`,
    )
  }
  if (code[2] !== 0) {
    if (code[2] === 1) return refuse('bad-fragments', 'the code is a fragment (EFF001) of a contract: call its root')
    if (code[2] === 2)
      return refuse('bad-fragments', 'the code is a root (EFF002) whose fragments are in other accounts')
    return refuse(
      'unsupported-code-format',
      `code format EFF0${hexByte(code[2])} is not supported; use EFF000 || 00 || brotli(module)`,
    )
  }
  if (code[3] !== NO_DICTIONARY) {
    const what = code[3] === 1 ? 'the Stylus dictionary' : 'an unknown one'
    return refuse(
      'unsupported-dictionary',
      `compression dictionary ${hexByte(code[3])} (${what}) is not supported; compress with plain Brotli, dictionary byte 00`,
    )
  }
  const outcome = decompressBrotli(code.subarray(STYLUS_HEADER_BYTES), Math.min(affordableBytes, MAX_MODULE_BYTES))
  if (outcome.ok) return { ok: true, module: outcome.bytes }
  if (outcome.code === 'too-long') return tooLarge(affordableBytes)
  return refuse('bad-compression', `the compressed module ${BAD_STREAMS[outcome.code]}`)
}

const BAD_STREAMS = {
  malformed: 'is not a complete Brotli stream',
  'trailing-bytes': 'goes on after the Brotli stream',
  'too-much-work':
    'asks for more work than its bytes account for, as no encoder writes it; compress the module with a usual one',
} as const

function tooLarge(affordableBytes: number): UnpackOutcome {
  if (affordableBytes < MAX_MODULE_BYTES) {
    return refuse('module-too-large', `out of gas: the gas left pays for unpacking ${affordableBytes} bytes only`)
  }
  return refuse('module-too-large', `the module unpacks to more than ${MAX_MODULE_BYTES} bytes; optimise it for size`)
}

function refuse(code: CodeError['code'], message: string): UnpackOutcome {
  return { ok: false, error: { code, message } }
}

export function hexByte(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0').toUpperCase()
}
