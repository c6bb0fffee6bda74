/**
 * Strings and bytes in storage, as Solidity lays them out: up to 31 bytes in the slot itself, left-aligned, with twice
 * the length in the last byte; longer ones as 2 x length + 1 in the slot and the bytes from keccak256(slot) on.
 */

import { Bytes } from '../bytes'
import { panic, PanicCode } from '../revert'
import { addToWord, clearWord, loadWord64 } from '../words'
import { contentsOf, readSlot, writeSlot, writeSlot64 } from './slot'

/** Solidity's panic for a slot that no string was written to. */
const CORRUPT: u32 = 0x22

export function loadBytes(slot: usize): Bytes {
  const word = readSlot(slot)
  const last = <i32>load<u8>(word, 31)
  if ((last & 1) == 0) {
    if (last > 62) panic(CORRUPT)
    const bytes = new Bytes(last >> 1)
    memory.copy(bytes.start, word, bytes.length)
    return bytes
  }
  const length = longLength(word)
  // Whole words are read, so there must be room for the last one.
  const start = __alloc((length + 31) & ~31)
  const first = contentsOf(slot)
  for (let done = 0; done < length; done += 32) {
    memory.copy(start + done, readSlot(done ? addToWord(first, done >> 5) : first), 32)
  }
  return Bytes.view(start, length)
}

export function saveBytes(slot: usize, from: usize, length: i32): void {
  const old = readSlot(slot)
  const oldSlots = load<u8>(old, 31) & 1 ? (longLength(old) + 31) >> 5 : 0
  let newSlots = 0
  if (length < 32) {
    clearWord(old)
    memory.copy(old, from, length)
    store<u8>(old, length << 1, 31)
    writeSlot(slot, old)
    if (oldSlots == 0) return
  } else {
    newSlots = (length + 31) >> 5
    writeSlot64(slot, (<u64>length << 1) | 1)
  }
  const first = contentsOf(slot)
  const word = __alloc(32)
  for (let i = 0; i < max(oldSlots, newSlots); i++) {
    clearWord(word)
    if (i < newSlots) memory.copy(word, from + (<usize>i << 5), min(32, length - (i << 5)))
    writeSlot(addToWord(first, i), word)
  }
}

/**
 * Bytes where they are in storage; the pointer is that to the key of their slot. The compiler puts it in the place of
 * stored bytes of which one is read or written: only the slot with that byte is.
 */
@final
@unmanaged
export class StoredBytes {
  /** Panic 0x32 outside. */
  @operator('[]')
  get(index: i32): u8 {
    return load<u8>(readSlot(this.slotOf(index)) + (index & 31))
  }

  /** Panic 0x32 outside. */
  @operator('[]=')
  set(index: i32, value: u8): void {
    const slot = this.slotOf(index)
    const word = readSlot(slot)
    store<u8>(word + (index & 31), value)
    writeSlot(slot, word)
  }

  /** The key of the slot that has the byte at `index`. */
  private slotOf(index: i32): usize {
    const slot = changetype<usize>(this)
    const word = readSlot(slot)
    const last = <i32>load<u8>(word, 31)
    const isLong = (last & 1) != 0
    if (!isLong && last > 62) panic(CORRUPT)
    if (<u32>index >= <u32>(isLong ? longLength(word) : last >> 1)) panic(PanicCode.indexOutOfBounds)
    return isLong ? addToWord(contentsOf(slot), index >> 5) : slot
  }
}

function longLength(word: usize): i32 {
  const twice = loadWord64(word)
  // Nothing longer than memory can have been written by a contract.
  if ((load<u64>(word) | load<u64>(word, 8) | load<u64>(word, 16)) != 0 || twice >> 32 != 0) panic(CORRUPT)
  if (twice < 64) panic(CORRUPT)
  return <i32>(twice >> 1)
}
