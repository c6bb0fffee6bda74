/**
 * Values of any type in storage, laid out as Solidity lays them out. `offset` counts bytes from a slot's low end, where
 * the first of several packed values sits.
 *
 * A type answers to: `__slots` (how many it takes), `__width` (bytes it takes in a packed slot; 32 = never packed),
 * `__load`, `__save`, `__clear`; value types to `__unpack` and `__pack` too, which do the same with a word in memory.
 * Integers, booleans and strings are done here.
 */

import { utf8Length, utf8Write } from '../utf8'
import { clearBytes, readSlot, useTransientStorage, writeSlot, slotAt } from './slot'
import { loadBytes, saveBytes } from './bytes'

@inline
export function widthOf<T>(): i32 {
  if (isInteger<T>()) return <i32>sizeof<T>()
  else if (isString<T>()) return 32
  else return changetype<T>(0).__width()
}

@inline
export function slotsOf<T>(): i32 {
  if (isInteger<T>() || isString<T>()) return 1
  else return changetype<T>(0).__slots()
}

export function loadValue<T>(slot: usize, offset: i32): T {
  if (isBoolean<T>()) return <T>(load<u8>(readSlot(slot) + 31 - offset) != 0)
  else if (isInteger<T>()) return bswap<T>(load<T>(readSlot(slot) + 32 - sizeof<T>() - offset))
  else if (isString<T>()) return changetype<T>(loadBytes(slot).toText())
  else return changetype<T>(0).__load(slot, offset)
}

export function saveValue<T>(slot: usize, offset: i32, value: T): void {
  if (isInteger<T>()) {
    const word = readSlot(slot)
    store<T>(word + 32 - sizeof<T>() - offset, bswap<T>(value))
    writeSlot(slot, word)
  } else if (isString<T>()) {
    const text = changetype<string>(value)
    const length = utf8Length(text)
    const at = __alloc(length)
    utf8Write(text, at)
    saveBytes(slot, at, length)
  } else value.__save(slot, offset)
}

export function clearValue<T>(slot: usize, offset: i32): void {
  if (isInteger<T>()) clearBytes(slot, offset, sizeof<T>())
  else if (isString<T>()) saveBytes(slot, 0, 0)
  else changetype<T>(0).__clear(slot, offset)
}

/**
 * A value where it is in storage; the pointer is that to the key of its slot. The compiler puts it in the place of a
 * value of a mapping or an array that is changed (`m[key] += n`), so that the slot is computed once.
 */
@final
@unmanaged
export class StoredValue<T> {
  get value(): T {
    return loadValue<T>(changetype<usize>(this), 0)
  }
  set value(value: T) {
    saveValue<T>(changetype<usize>(this), 0, value)
  }
}

// The build turns the fields of a contract class into calls of these.

export function loadField<T>(index: u32, offset: i32): T {
  return loadValue<T>(slotAt(index), offset)
}

export function saveField<T>(index: u32, offset: i32, value: T): void {
  saveValue<T>(slotAt(index), offset, value)
}

export function loadTransientField<T>(index: u32, offset: i32): T {
  useTransientStorage(true)
  const value = loadValue<T>(slotAt(index), offset)
  useTransientStorage(false)
  return value
}

export function saveTransientField<T>(index: u32, offset: i32, value: T): void {
  useTransientStorage(true)
  saveValue<T>(slotAt(index), offset, value)
  useTransientStorage(false)
}
