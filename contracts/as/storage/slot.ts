/** Reading and writing 32-byte slots. A slot's key is a pointer to its 32 bytes, big-endian. */

import {
  storage_cache_bytes32,
  storage_load_bytes32,
  transient_load_bytes32,
  transient_store_bytes32,
} from '../hostio'
import { markUnflushed, refuseIfReadOnly } from '../frame'
import { copyWord, equalWords, keccakInto, newWord, storeWord64 } from '../words'

const WORD = memory.data(32, 8)

/** Set while a field declared @transient is read or written; never set in a contract that has none. */
let transientStorage: bool = false

export function useTransientStorage(on: bool): void {
  transientStorage = on
}

/** The key of the slot that says that the constructor has run: keccak256("stylus_constructor"). */
export function constructorSlot(): usize {
  const slot = newWord()
  store<u64>(slot, 0x80d46bca9efb19d7, 0)
  store<u64>(slot, 0x3dea0ad8382bbf44, 8)
  store<u64>(slot, 0x1c0836021b5166d6, 16)
  store<u64>(slot, 0x8c7cfe5555b9a2d9, 24)
  return slot
}

/** The key of a numbered slot. */
export function slotAt(index: u32): usize {
  const slot = newWord()
  store<u32>(slot, bswap<u32>(index), 28)
  return slot
}

// Hashing is dear, and what is read is often written then, or its neighbour read. So the last hashes are kept, in four
// places each, by the last bits of what is hashed: the fields of a contract have slots of successive numbers.

/** Four times a slot's key, its hash, and whether there is one. A function, so that contracts without arrays have none. */
function lastContents(): usize {
  return memory.data(288, 8)
}

/** The key of the first slot of an array or of long bytes, keccak256(slot): in a buffer that another one may overwrite. */
export function contentsOf(slot: usize): usize {
  const last = lastContents() + <usize>(load<u8>(slot, 31) & 3) * 72
  const hash = last + 32
  if (load<u8>(last, 64) && equalWords(last, slot)) return hash
  copyWord(last, slot)
  keccakInto(slot, 32, hash)
  store<u8>(last, 1, 64)
  return hash
}

/** Bytes of an entry in memory: its key, its mapping's slot, and the hash of both, which is its slot. */
export const ENTRY_BYTES: usize = 96

/** Four times where an entry is, or 0. A function: inlined by the compiler, each use would have its own. */
function lastEntries(): usize {
  return memory.data(16, 8)
}

/** Where the slot of the entry is, of which the first 64 bytes are at `at`; nothing may write to them after that. */
export function entryOf(at: usize): usize {
  const last = lastEntries() + (<usize>((load<u8>(at, 31) ^ load<u8>(at, 63)) & 3) << 2)
  const known = <usize>load<u32>(last)
  if (known != 0 && equalWords(known, at) && equalWords(known + 32, at + 32)) return known + 64
  keccakInto(at, 64, at + 64)
  store<u32>(last, <u32>at)
  return at + 64
}

/** Called where memory is given back, as entries may be in it. */
export function forgetEntries(): void {
  store<u64>(lastEntries(), 0)
  store<u64>(lastEntries(), 0, 8)
}

/** The word in a slot, in a buffer that the next read overwrites. */
export function readSlot(slot: usize): usize {
  if (transientStorage) transient_load_bytes32(slot, WORD)
  else storage_load_bytes32(slot, WORD)
  return WORD
}

export function writeSlot(slot: usize, word: usize): void {
  refuseIfReadOnly()
  if (transientStorage) {
    transient_store_bytes32(slot, word)
  } else {
    storage_cache_bytes32(slot, word)
    markUnflushed()
  }
}

/** Writes a number as a whole slot. */
export function writeSlot64(slot: usize, value: u64): void {
  storeWord64(WORD, value)
  writeSlot(slot, WORD)
}

/** Sets `width` bytes to zero; `offset` counts from the slot's low end. */
export function clearBytes(slot: usize, offset: i32, width: i32): void {
  const word = width == 32 ? WORD : readSlot(slot)
  memory.fill(word + 32 - offset - width, 0, width)
  writeSlot(slot, word)
}
