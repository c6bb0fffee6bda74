/**
 * Solidity's array of fixed length in storage: elements one after the other from its own slot on, values of at most 16
 * bytes packed several to a slot, the first at the low end. What follows starts a new slot.
 */

import { panic, PanicCode } from '../revert'
import { addToWord } from '../words'
import { loadValue, saveValue, slotsOf, widthOf } from './value'

/**
 * One where it is in storage; the pointer is that to the key of its first slot. The compiler puts it in the place of a
 * stored array of which an element is read or written: only the slot with that element is.
 */
@final
@unmanaged
export class StoredFixedArray<T, N> {
  get length(): i32 {
    return changetype<N>(0).__length()
  }

  /** Panic 0x32 outside. */
  @operator('[]')
  get(index: i32): T {
    return loadValue<T>(this.placeOf(index), elementOffset<T>(index))
  }

  /** Panic 0x32 outside. */
  @operator('[]=')
  set(index: i32, value: T): void {
    saveValue<T>(this.placeOf(index), elementOffset<T>(index), value)
  }

  /** The slot with the element at `index`; panic 0x32 outside. */
  placeOf(index: i32): usize {
    if (<u32>index >= <u32>this.length) panic(PanicCode.indexOutOfBounds)
    return elementSlot<T>(changetype<usize>(this), index)
  }
}

/** Elements in a slot. */
@inline
function perSlot<T>(): i32 {
  return widthOf<T>() <= 16 ? 32 / widthOf<T>() : 1
}

export function slotsOfElements<T>(length: i32): i32 {
  return widthOf<T>() <= 16 ? (length + perSlot<T>() - 1) / perSlot<T>() : length * slotsOf<T>()
}

export function elementSlot<T>(first: usize, index: i32): usize {
  const skip = slotsBefore<T>(index)
  return skip ? addToWord(first, skip) : first
}

/** From the first slot of the elements to that of the one at `index`. */
@inline
export function slotsBefore<T>(index: i32): u64 {
  return widthOf<T>() <= 16 ? <u64>index / <u64>perSlot<T>() : <u64>index * <u64>slotsOf<T>()
}

export function elementOffset<T>(index: i32): i32 {
  return widthOf<T>() <= 16 ? (index % perSlot<T>()) * widthOf<T>() : 0
}
