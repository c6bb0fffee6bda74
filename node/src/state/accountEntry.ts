/** An account in memory while blocks run on it: its fields, the slots that were looked at, and its storage trie. */
import { equalBytes } from '../codec/bytes.ts'
import { EMPTY_CODE_HASH } from '../crypto/keccak.ts'
import type { SecureTrie } from '../trie/secureTrie.ts'
import type { Account } from '../types/account.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'

export interface Slot {
  readonly key: Uint8Array
  /** Now. 32 bytes, like the other two; replaced, never written to. */
  value: Uint8Array
  /** At the start of the transaction. */
  original: Uint8Array
  /** In the storage trie. */
  inTrie: Uint8Array
}

export interface AccountEntry {
  readonly address: Uint8Array
  nonce: bigint
  balance: bigint
  codeHash: Uint8Array
  /** RLP that the state trie has, as of the last `root()`; null when it has none. Shared: not to be written to. */
  inTrie: Uint8Array | null
  /** Null until it is asked for. */
  code: Uint8Array | null
  /** As of the last `root()`; `slots` may be ahead of it. */
  storageRoot: Uint8Array
  /** As of when the changes were last taken. */
  takenStorageRoot: Uint8Array
  /** Null until a slot is needed from it or written to it. */
  storage: SecureTrie | null
  /** Slots by hex of their key. */
  readonly slots: Map<string, Slot>
  /** False once the storage was cleared: any rest in the flat table is from before. */
  flatSlotsValid: boolean
  /** Slots that ended a transaction with another value than the trie's. */
  readonly dirtySlots: Set<Slot>
  /** Slots the trie got since the changes were last taken. */
  readonly changedSlots: Set<Slot>
}

export function accountEntry(address: Uint8Array, account: Account, inTrie: Uint8Array | null): AccountEntry {
  return {
    address,
    nonce: account.nonce,
    balance: account.balance,
    codeHash: account.codeHash,
    inTrie,
    code: null,
    storageRoot: account.storageRoot,
    takenStorageRoot: account.storageRoot,
    storage: null,
    slots: new Map(),
    flatSlotsValid: true,
    dirtySlots: new Set(),
    changedSlots: new Set(),
  }
}

/** EIP-161: nonce 0, balance 0, no code. */
export function isEmptyEntry(entry: AccountEntry): boolean {
  return entry.nonce === 0n && entry.balance === 0n && equalBytes(entry.codeHash, EMPTY_CODE_HASH)
}

export function hasEmptyStorageRoot(entry: AccountEntry): boolean {
  return equalBytes(entry.storageRoot, EMPTY_TRIE_ROOT)
}

export const ZERO_WORD: Uint8Array = new Uint8Array(32)

export function isZeroWord(word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (word[i] !== 0) return false
  return true
}

/** Without leading zero bytes: a slot's value in the trie (inside RLP) and in the flat table. */
export function stripZeros(word: Uint8Array): Uint8Array {
  let start = 0
  while (start < word.length && word[start] === 0) start++
  return word.subarray(start)
}

/** 32 bytes again. */
export function padWord(stripped: Uint8Array): Uint8Array {
  if (stripped.length > 32) throw new RangeError(`a stored slot has ${stripped.length} bytes`)
  const word = new Uint8Array(32)
  word.set(stripped, 32 - stripped.length)
  return word
}
