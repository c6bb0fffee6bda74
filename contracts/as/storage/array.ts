/**
 * Solidity's dynamic array in storage: its length in the slot p, elements from keccak256(p) on, values of at most 16
 * bytes packed several to a slot, the first at the low end.
 */

import { panic, PanicCode } from '../revert'
import { addToWord, loadWord64 } from '../words'
import { elementOffset, slotsBefore } from './fixedArray'
import { contentsOf, readSlot, writeSlot64 } from './slot'
import { clearValue, loadValue, saveValue } from './value'

/**
 * A field of a contract; it is empty at first.
 *
 * @example
 * ```ts
 * @contract
 * export class Line {
 *   waiting: StorageArray<Address>
 *
 *   @external join(): void {
 *     this.waiting.push(msg.sender)
 *   }
 *
 *   @view length(): u32 {
 *     return this.waiting.length
 *   }
 * }
 * ```
 */
@final
@unmanaged
export class StorageArray<T> {
  get length(): i32 {
    return <i32>loadWord64(readSlot(changetype<usize>(this)))
  }

  /** Panic 0x32 outside. */
  @operator('[]')
  get(index: i32): T {
    this.check(index)
    return loadValue<T>(this.slotOf(index), elementOffset<T>(index))
  }

  /** Panic 0x32 outside. */
  @operator('[]=')
  set(index: i32, value: T): void {
    this.check(index)
    saveValue<T>(this.slotOf(index), elementOffset<T>(index), value)
  }

  /** Appends a value. */
  push(value: T): void {
    const length = this.length
    writeSlot64(changetype<usize>(this), length + 1)
    saveValue<T>(this.slotOf(length), elementOffset<T>(length), value)
  }

  /** Appends a zero element and returns it: how arrays of mappings and arrays grow. */
  grow(): T {
    const length = this.length
    writeSlot64(changetype<usize>(this), length + 1)
    return loadValue<T>(this.slotOf(length), elementOffset<T>(length))
  }

  /** Where the element at `index`, which is not packed, starts; panic 0x32 outside. Called to change a member. */
  placeOf(index: i32): usize {
    this.check(index)
    return this.slotOf(index)
  }

  /** Appends a zero element and returns where it starts. */
  growPlace(): usize {
    const length = this.length
    writeSlot64(changetype<usize>(this), length + 1)
    return this.slotOf(length)
  }

  /** Removes the last element. Panic 0x31 when empty. */
  pop(): void {
    const last = this.length - 1
    if (last < 0) panic(PanicCode.emptyArrayPop)
    clearValue<T>(this.slotOf(last), elementOffset<T>(last))
    writeSlot64(changetype<usize>(this), last)
  }

  /** Puts the last element in the place of the one at `index` and removes the last. Panic 0x32 outside. */
  swapRemove(index: i32): void {
    this.check(index)
    const last = this.length - 1
    if (index != last) saveValue<T>(this.slotOf(index), elementOffset<T>(index), this.get(last))
    this.pop()
  }

  /** Removes and clears all elements. */
  clear(): void {
    for (let i = this.length - 1; i >= 0; i--) clearValue<T>(this.slotOf(i), elementOffset<T>(i))
    writeSlot64(changetype<usize>(this), 0)
  }

  private check(index: i32): void {
    if (<u32>index >= <u32>this.length) panic(PanicCode.indexOutOfBounds)
  }

  private slotOf(index: i32): usize {
    return addToWord(contentsOf(changetype<usize>(this)), slotsBefore<T>(index))
  }

  __slots(): i32 {
    return 1
  }
  __width(): i32 {
    return 32
  }
  __load(slot: usize, offset: i32): StorageArray<T> {
    return changetype<StorageArray<T>>(slot)
  }
  __clear(slot: usize, offset: i32): void {
    changetype<StorageArray<T>>(slot).clear()
  }
}
