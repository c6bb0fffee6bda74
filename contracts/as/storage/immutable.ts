/**
 * Fields marked @immutable. The build gives each its place: a word, the bytes in it, a number among the contract's. Word 0
 * is the slot that says that the constructor has run, keccak256("stylus_constructor"), of which the lowest byte is 1 and the
 * next four are the contract's tag; the key of another word is keccak256(that slot's key || tag || number of the word).
 *
 * In a constructor the words are made in memory and stored at its end; in any other call each is read once, when it is
 * needed first. Before that end, and on the storage of another contract, there is no such tag, in word 0 and in the keys.
 */

import { revert } from '../revert'
import { copyWord, isZeroWord, keccakWord } from '../words'
import { constructorSlot, readSlot, writeSlot } from './slot'

/**
 * Room for one word each of the 64 fields that a contract may have, and for word 0. A function, so that contracts without
 * such fields have no such room.
 */
function words(): usize {
  return memory.data(2080, 8)
}

/** Where the tag is in word 0. */
const TAG_AT = 27

/** A bit for each field whose word is in memory; in a constructor, for each that has been set. */
let known: u64 = 0

/** @param sharing the bits of the fields in the same word */
export function loadImmutable<T>(word: i32, offset: i32, index: i32, sharing: u64, tag: u32): T {
  if (((known >> index) & 1) == 0) fetch(word, sharing, tag)
  const at = wordAt(word)
  if (isBoolean<T>()) return <T>(load<u8>(at + 31 - offset) != 0)
  else if (isInteger<T>()) return bswap<T>(load<T>(at + 32 - sizeof<T>() - offset))
  else return changetype<T>(0).__unpack(at, offset)
}

/** What the build puts in the place of `this.field = value` in a constructor. */
export function setImmutable<T>(word: i32, offset: i32, index: i32, value: T): void {
  known |= <u64>1 << index
  const at = wordAt(word)
  if (isInteger<T>()) store<T>(at + 32 - sizeof<T>() - offset, bswap<T>(value))
  else value.__pack(at, offset)
}

/** Ends a constructor that has set all of them, with `storeImmutables` for each further word. */
export function storeFirstImmutables(tag: u32): void {
  store<u8>(words(), 1, 31)
  store<u32>(words(), tag, TAG_AT)
  writeSlot(constructorSlot(), words())
}

export function storeImmutables(word: i32, tag: u32): void {
  writeSlot(keyOf(word, tag), wordAt(word))
}

// A contract whose fields all are in word 0 has no code for others.
@inline
function fetch(word: i32, sharing: u64, tag: u32): void {
  if (word == 0) fetchFirst(tag)
  else fetchOther(word, tag)
  known |= sharing
}

function fetchFirst(tag: u32): void {
  copyWord(words(), readSlot(constructorSlot()))
  checkTag(words(), tag)
}

function fetchOther(word: i32, tag: u32): void {
  const at = wordAt(word)
  copyWord(at, readSlot(keyOf(word, tag)))
  // One that is not zero, under a key of this contract's own, was stored by its constructor.
  if (isZeroWord(at)) checkTag(readSlot(constructorSlot()), tag)
}

function checkTag(first: usize, tag: u32): void {
  if (load<u32>(first, TAG_AT) != tag) revert('immutable fields are not set here')
}

@inline
function wordAt(word: i32): usize {
  return words() + (<usize>word << 5)
}

function keyOf(word: i32, tag: u32): usize {
  const key = __alloc(40)
  copyWord(key, constructorSlot())
  store<u32>(key, tag, 32)
  store<u32>(key, bswap<u32>(word), 36)
  return keccakWord(key, 40)
}
