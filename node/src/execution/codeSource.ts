/**
 * Where the module of an account's code is: in the code itself, or, of a contract larger than other chains let an account
 * hold, in fragments. The account then has a root: `EFF002` || dictionary || length of the module, 4 bytes big-endian ||
 * addresses of 20 bytes, and each of these accounts `EFF001` || a part of the stream. Nitro, arbos/programs/programs.go.
 */
import { concatBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { keccak256 } from '../crypto/keccak.ts'
import type { State } from '../state/state.ts'
import type { CodeError } from './codeError.ts'
import { MAX_CODE_BYTES, MAX_CODE_FRAGMENTS, MAX_MODULE_BYTES } from './limits.ts'
import { FRAGMENT_PREFIX_BYTES, isFragment, isRoot, packedHeader, unpackCode } from './storedCode.ts'
import { accessAccount } from './transactionContext.ts'

const ROOT_HEADER_BYTES = 8
export const ADDRESS_BYTES = 20

export interface CodeSource {
  /**
   * 32 bytes: what the module depends on. Of plain code its hash; of a root also the hashes of its fragments' codes,
   * which an override of eth_call can change under the same root.
   */
  readonly key: Uint8Array
  /** Gas for reaching the accounts that hold it, besides the one that is called. */
  readonly accessGas: bigint
  /** The code in one piece, as an account could hold it. Reads the fragments. */
  readonly whole: () => WholeCode
}

export type WholeCode =
  | {
      readonly ok: true
      readonly code: Uint8Array
      /** The module's length by its root; null where there is no root. */
      readonly moduleBytes: number | null
    }
  | { readonly ok: false; readonly error: CodeError }

/** Null when `gas` does not pay for reaching the fragments: then nothing was read. */
export function codeSource(state: State, code: Uint8Array, codeHash: Uint8Array, gas: bigint): CodeSource | null {
  if (!isRoot(code)) return { key: codeHash, accessGas: 0n, whole: () => ({ ok: true, code, moduleBytes: null }) }
  const addresses = fragmentAddresses(code)
  if (addresses === null) {
    const message = `a root of a contract in fragments is EFF002 || 00 || length, 4 bytes || 1 to ${MAX_CODE_FRAGMENTS} addresses of 20 bytes; this one has ${code.length} bytes`
    return { key: codeHash, accessGas: 0n, whole: () => refuse(message) }
  }
  let accessGas = 0n
  for (const address of addresses) {
    accessGas += accessAccount(state, address)
    if (gas < accessGas) return null
  }
  const key = keccak256(concatBytes(codeHash, ...addresses.map((address) => state.codeHash(address))))
  return { key, accessGas, whole: () => joined(state, code, addresses) }
}

function fragmentAddresses(root: Uint8Array): readonly Uint8Array[] | null {
  const count = (root.length - ROOT_HEADER_BYTES) / ADDRESS_BYTES
  if (!Number.isInteger(count) || count < 1 || count > MAX_CODE_FRAGMENTS) return null
  return Array.from({ length: count }, (_, i) => {
    const at = ROOT_HEADER_BYTES + ADDRESS_BYTES * i
    return root.subarray(at, at + ADDRESS_BYTES)
  })
}

/** A root that names the zero address, which nobody can own, for each of its fragments; null of other code. */
export function placeholderOf(code: Uint8Array): { readonly fragments: number; readonly moduleBytes: number } | null {
  const addresses = isRoot(code) ? fragmentAddresses(code) : null
  if (addresses === null || addresses.some((address) => address.some((byte) => byte !== 0))) return null
  const moduleBytes = announcedBytes(code)
  return moduleBytes > MAX_MODULE_BYTES ? null : { fragments: addresses.length, moduleBytes }
}

function announcedBytes(root: Uint8Array): number {
  return new DataView(root.buffer, root.byteOffset).getUint32(4, false)
}

function joined(state: State, root: Uint8Array, addresses: readonly Uint8Array[]): WholeCode {
  const parts: Uint8Array[] = [packedHeader(root[3]!)]
  let length = parts[0]!.length
  for (const address of addresses) {
    const code = state.code(address)
    if (!isFragment(code)) return refuse(`the root names ${toHex(address)}, which holds no fragment (EFF001)`)
    const part = code.subarray(FRAGMENT_PREFIX_BYTES)
    length += part.length
    if (length > MAX_CODE_BYTES) {
      const message = `the fragments have more than ${MAX_CODE_BYTES} bytes together, which is what a contract may have`
      return { ok: false, error: { code: 'code-too-large', message } }
    }
    parts.push(part)
  }
  return { ok: true, code: concatBytes(...parts), moduleBytes: announcedBytes(root) }
}

/** The module of whole code, no longer than `affordableBytes`, and as long as its root says. */
export function unpackWhole(whole: WholeCode, affordableBytes: number): ReturnType<typeof unpackCode> {
  if (!whole.ok) return whole
  const unpacked = unpackCode(whole.code, affordableBytes)
  if (!unpacked.ok || whole.moduleBytes === null || unpacked.module.length === whole.moduleBytes) return unpacked
  return refuse(`the root announces a module of ${whole.moduleBytes} bytes, and ${unpacked.module.length} come out`)
}

function refuse(message: string): { readonly ok: false; readonly error: CodeError } {
  return { ok: false, error: { code: 'bad-fragments', message } }
}
