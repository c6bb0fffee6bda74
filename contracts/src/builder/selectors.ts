/** Selectors and topics: hashes of canonical signatures, and how generated code writes them to memory. */

import { keccak_256 } from '@noble/hashes/sha3.js'

/** The function that the chain calls on a new contract (init code version 01), whatever its constructor takes. */
export const CONSTRUCTOR_SIGNATURE = 'stylus_constructor()'

export function hashText(text: string): Uint8Array {
  return keccak_256(new TextEncoder().encode(text))
}

/** The selector as the u32 that a little-endian load or store of its four bytes gives. */
export function selectorAsLoaded(signature: string): string {
  const view = new DataView(hashText(signature).buffer)
  return `0x${view.getUint32(0, true).toString(16)}`
}

/** Statements that store 32 bytes at the pointer `at` (an expression without side effects). */
export function storeWordStatements(word: Uint8Array, at: string): string {
  const view = new DataView(word.buffer, word.byteOffset, 32)
  const part = (i: number) => `store<u64>(${at}, 0x${view.getBigUint64(i, true).toString(16)}, ${i});`
  return [0, 8, 16, 24].map(part).join(' ')
}
