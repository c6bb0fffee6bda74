/**
 * The meaning of a creation's data (docs/protocol/execution.md, "A creation"). The data is recognised, not executed:
 * there is no EVM.
 *
 * Stylus init code is `7F <len32> 80 602B 6000 39 6000 F3 <v>` || code || arguments. As EVM code it pushes the length,
 * copies that many bytes from offset 43 (2B) and returns them, and `v` is a version byte behind it:
 *  - 00, what cargo-stylus sends: the code is stored, and there are no arguments;
 *  - 01, ours: the code is stored, then called with the selector of `stylus_constructor()` || arguments.
 * With 602A for 602B there is no version byte, and the code begins at 42.
 */
import { bytesToBigint, concatBytes } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { type CodeError, shownBytes } from './codeError.ts'
import { MAX_INIT_CODE_BYTES } from './limits.ts'
import { isStylusCode, isWasm } from './storedCode.ts'

/** Bytes before the code. */
export const INIT_CODE_PREFIX_BYTES = 43
/** The same without a version: what nitro's own tests send, and scripts that were written after them. */
const UNVERSIONED_PREFIX_BYTES = 42

const PUSH32 = 0x7f
/** DUP1, PUSH1 43, PUSH1 0, CODECOPY, PUSH1 0, RETURN. */
const COPY_AND_RETURN = [0x80, 0x60, 0x2b, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3] as const
const COPY_UNVERSIONED_AND_RETURN = [0x80, 0x60, 0x2a, 0x60, 0x00, 0x39, 0x60, 0x00, 0xf3] as const
const COPY_OFFSET = 33
const VERSION_OFFSET = 42

const VERSION_STORE = 0
const VERSION_CONSTRUCT = 1

/** First four bytes of keccak256("stylus_constructor()"): what the Stylus SDKs route to the constructor. */
export const CONSTRUCTOR_SELECTOR: Uint8Array = keccak256(new TextEncoder().encode('stylus_constructor()')).slice(0, 4)

export type InitCode =
  | {
      readonly ok: true
      /** The code the account will hold. */
      readonly code: Uint8Array
      /** Calldata of the call that follows in the same creation; null for none. */
      readonly constructorInput: Uint8Array | null
    }
  | { readonly ok: false; readonly error: CodeError }

export function parseInitCode(data: Uint8Array): InitCode {
  if (data.length > MAX_INIT_CODE_BYTES) {
    return refuse(
      'init-code-too-large',
      `the init code has ${data.length} bytes; at most ${MAX_INIT_CODE_BYTES} are allowed`,
    )
  }
  if (isWasm(data)) return { ok: true, code: data, constructorInput: null }
  if (pushesThen(data, COPY_AND_RETURN)) return parseStylus(data)
  if (pushesThen(data, COPY_UNVERSIONED_AND_RETURN)) return parseUnversioned(data)
  return refuse('unknown-format', unknownFormat(data))
}

/** The init code that makes `code` an account's code; with `constructorArguments`, and then runs its constructor. */
export function encodeInitCode(code: Uint8Array, constructorArguments: Uint8Array | null): Uint8Array {
  const prefix = new Uint8Array(INIT_CODE_PREFIX_BYTES)
  prefix[0] = PUSH32
  new DataView(prefix.buffer).setUint32(29, code.length, false)
  prefix.set(COPY_AND_RETURN, COPY_OFFSET)
  prefix[VERSION_OFFSET] = constructorArguments === null ? VERSION_STORE : VERSION_CONSTRUCT
  return concatBytes(prefix, code, constructorArguments ?? new Uint8Array(0))
}

function pushesThen(data: Uint8Array, instructions: readonly number[]): boolean {
  return data[0] === PUSH32 && instructions.every((byte, i) => data[COPY_OFFSET + i] === byte)
}

function parseUnversioned(data: Uint8Array): InitCode {
  const code = data.subarray(UNVERSIONED_PREFIX_BYTES)
  const length = bytesToBigint(data.subarray(1, COPY_OFFSET))
  if (length === BigInt(code.length)) return { ok: true, code, constructorInput: null }
  return refuse(
    'length-mismatch',
    `the init code, which has no version byte, announces ${length} bytes of code, but ${code.length} follow; nothing may follow the code`,
  )
}

function parseStylus(data: Uint8Array): InitCode {
  const version = data[VERSION_OFFSET]
  const rest = data.subarray(INIT_CODE_PREFIX_BYTES)
  const length = bytesToBigint(data.subarray(1, COPY_OFFSET))
  if (version !== VERSION_STORE && version !== VERSION_CONSTRUCT) {
    const shown = version === undefined ? 'missing' : `0x${version.toString(16).padStart(2, '0')}`
    return refuse(
      'unsupported-version',
      `the version byte of the Stylus init code is ${shown}; known are 00 (store) and 01 (store and call the constructor)`,
    )
  }
  if (length > BigInt(rest.length)) {
    return refuse('length-mismatch', `the init code announces ${length} bytes of code, but ${rest.length} follow`)
  }
  const code = rest.subarray(0, Number(length))
  const constructorArguments = rest.subarray(code.length)
  if (version === VERSION_CONSTRUCT) {
    return { ok: true, code, constructorInput: concatBytes(CONSTRUCTOR_SELECTOR, constructorArguments) }
  }
  if (constructorArguments.length > 0) {
    return refuse(
      'length-mismatch',
      `${constructorArguments.length} bytes follow the code, but init code of version 00 runs no constructor that could take them; use version 01`,
    )
  }
  return { ok: true, code, constructorInput: null }
}

function unknownFormat(data: Uint8Array): string {
  if (isStylusCode(data)) {
    return 'the data is contract code, not init code; put 7F <length> 80602B6000396000F3 00 before it'
  }
  const shown = shownBytes(data)
  if (data.length === 0) return 'no code was given'
  return `code starting with ${shown} is not a WebAssembly contract. EVM bytecode? This chain runs WebAssembly: deploy a Wasm module or Stylus init code`
}

function refuse(code: CodeError['code'], message: string): InitCode {
  return { ok: false, error: { code, message } }
}
