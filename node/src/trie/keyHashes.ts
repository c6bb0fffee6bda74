/**
 * keccak256 of the keys of secure tries, remembered: a block touches the same addresses and slots over and over, and
 * hashing is what a state access costs most. The answer for a key never changes, so sharing the memory between states
 * cannot change a result.
 */
import { RecentMap } from '../bounds/recentMap.ts'
import { keyOf } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'

/** Of each of two generations; about 250 bytes a key. */
export const MAX_REMEMBERED_KEYS = 32_768

const known = new RecentMap<Uint8Array>(MAX_REMEMBERED_KEYS)

/** 32 bytes, shared: not to be written to. */
export function hashedKey(key: Uint8Array): Uint8Array {
  const name = keyOf(key)
  const remembered = known.get(name)
  if (remembered !== undefined) return remembered
  const hash = keccak256(key)
  known.set(name, hash)
  return hash
}
