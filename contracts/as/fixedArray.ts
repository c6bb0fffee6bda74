/**
 * Arrays of a length that is part of their type: Solidity's `T[N]`. AssemblyScript has no numbers as type parameters, so
 * the build reads the number in `FixedArray<U256, 3>` as the name of a class whose `__length` gives it, and makes that
 * class.
 */

import { invalidAbi } from './abi/invalid'
import { headSize, isDynamic, putAt, tailSize, takeAt } from './abi/codec'
import { panic, PanicCode } from './revert'
import { elementOffset, elementSlot, slotsOfElements } from './storage/fixedArray'
import { clearValue, loadValue, saveValue } from './storage/value'
import { typedWord } from './typedData'
import { keccakInto } from './words'

/**
 * Solidity's `T[N]`: `FixedArray<U256, 3>` is three numbers, in memory or as a field in storage. `[a, b, c]` makes one where
 * one is wanted, `new FixedArray<U256, 3>()` one of zeros. A variable of one in memory is shared, as that of an object.
 */
@final
@unmanaged
export class FixedArray<T, N> {
  /** N zeros, empty texts, or structs of these. */
  constructor() {
    const values = changetype<FixedArray<T, N>>(0).__fresh()
    if (!isInteger<T>()) {
      for (let i = 0; i < values.length; i++) values.__put(i, zeroOf<T>())
    }
    return values
  }

  /** N. */
  get length(): i32 {
    return changetype<N>(0).__length()
  }

  /** Panic 0x32 outside. */
  @operator('[]')
  get(index: i32): T {
    return load<T>(this.placeOf(index))
  }

  /** Panic 0x32 outside. */
  @operator('[]=')
  set(index: i32, value: T): void {
    store<T>(this.placeOf(index), value)
  }

  private placeOf(index: i32): usize {
    if (<u32>index >= <u32>this.length) panic(PanicCode.indexOutOfBounds)
    return changetype<usize>(this) + <usize>index * sizeof<T>()
  }

  /** Room for all elements, which are set next. */
  __fresh(): FixedArray<T, N> {
    return changetype<FixedArray<T, N>>(__alloc(<usize>this.length * sizeof<T>()))
  }
  __put(index: i32, value: T): void {
    store<T>(changetype<usize>(this) + <usize>index * sizeof<T>(), value)
  }
  __zero(): FixedArray<T, N> {
    return new FixedArray<T, N>()
  }

  __dynamic(): bool {
    return isDynamic<T>()
  }
  __head(): i32 {
    return this.length * headSize<T>()
  }
  __body(): i32 {
    let size = this.length * headSize<T>()
    if (isDynamic<T>()) {
      for (let i = 0; i < this.length; i++) size += tailSize<T>(this.get(i))
    }
    return size
  }
  __write(at: usize): void {
    let tail = at + this.length * headSize<T>()
    for (let i = 0; i < this.length; i++) tail = putAt<T>(this.get(i), at, at + <usize>(i * headSize<T>()), tail)
  }
  __read(at: usize, end: usize): FixedArray<T, N> {
    // Every element has at least its head, so a length can make no more work than the bytes that came with it.
    if (<u64>this.length * <u64>headSize<T>() > <u64>(end - at)) invalidAbi()
    const values = this.__fresh()
    for (let i = 0; i < values.length; i++) values.__put(i, takeAt<T>(at, at + <usize>(i * headSize<T>()), end))
    return values
  }
  __typed(out: usize): void {
    const words = __alloc(32 * this.length)
    for (let i = 0; i < this.length; i++) typedWord<T>(this.get(i), words + 32 * i)
    keccakInto(words, 32 * this.length, out)
  }

  __slots(): i32 {
    return slotsOfElements<T>(this.length)
  }
  __width(): i32 {
    return 32
  }
  __load(slot: usize, offset: i32): FixedArray<T, N> {
    const values = this.__fresh()
    for (let i = 0; i < values.length; i++) {
      values.__put(i, loadValue<T>(elementSlot<T>(slot, i), elementOffset<T>(i)))
    }
    return values
  }
  __save(slot: usize, offset: i32): void {
    for (let i = 0; i < this.length; i++) {
      saveValue<T>(elementSlot<T>(slot, i), elementOffset<T>(i), this.get(i))
    }
  }
  __clear(slot: usize, offset: i32): void {
    for (let i = 0; i < this.length; i++) clearValue<T>(elementSlot<T>(slot, i), elementOffset<T>(i))
  }
}

/** What a variable of the type holds in Solidity before it is set. */
export function zeroOf<T>(): T {
  if (isInteger<T>()) return <T>0
  else if (isString<T>()) return changetype<T>('')
  else if (isArray<T>()) return instantiate<T>(0)
  else return changetype<T>(0).__zero()
}
