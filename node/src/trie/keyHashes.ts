/**
 * keccak256 of the keys of secure tries, remembered: a block touches the same addresses and slots over and over, and
 * hashing is what a state access costs most. The answer for a key never changes, so sharing the memory between states
 * cannot change a result.
 */
import { keyOf } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'

/** Of each of two generations; about 250 bytes a key. */
export const MAX_REMEMBERED_KEYS = 32_768

let recent = new Map<string, Uint8Array>()
let older = new Map<string, Uint8Array>()

/** 32 bytes, shared: not to be written to. */
export function hashedKey(key: Uint8Array): Uint8Array {
  const name = keyOf(key)
  const known = recent.get(name)
  if (known !== undefined) return known
  const hash = older.get(name) ?? keccak256(key)
  if (recent.size >= MAX_REMEMBERED_KEYS) {
    older = recent
    recent = new Map()
  }
  recent.set(name, hash)
  return hash
}
