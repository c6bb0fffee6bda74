/**
 * Byte strings of fixed length: Solidity's `bytes32`, and the pattern for `bytes1` to `bytes31`. In memory a value is
 * 32 bytes, itself on the left and zeros after it, which is also its ABI word.
 *
 * AssemblyScript has no numbers as type parameters, so the build makes Bytes1 to Bytes31 (the module ./fixedBytes) out
 * of the class below by putting another number in the place of 32 in `Bytes32` and `SIZE`.
 */

import { invalidAbi } from './abi/invalid'
import { hexText, parseHex } from './hex'
import { panic, PanicCode } from './revert'
import { clearBytes, readSlot, writeSlot } from './storage/slot'
import { copyWord, equalWords, isZeroWord } from './words'

const SIZE: i32 = 32

/** Solidity's `bytes32`; `Bytes1` to `Bytes31` have the same members. `[i]` is byte i, from the left; Panic 0x32 outside. */
@final
@unmanaged
export class Bytes32 {
  private constructor(
    private part0: u64 = 0,
    private part1: u64 = 0,
    private part2: u64 = 0,
    private part3: u64 = 0,
  ) {}

  static get zero(): Bytes32 {
    return new Bytes32()
  }

  /** Copies SIZE bytes of memory. */
  static at(from: usize): Bytes32 {
    const value = new Bytes32()
    memory.copy(changetype<usize>(value), from, SIZE)
    return value
  }

  /** Reads 0x and two hex digits per byte; reverts on anything else. */
  static parse(text: string): Bytes32 {
    const value = new Bytes32()
    parseHex(text, changetype<usize>(value), SIZE)
    return value
  }

  get length(): i32 {
    return SIZE
  }

  get isZero(): bool {
    return isZeroWord(changetype<usize>(this))
  }

  @operator('[]')
  get(index: i32): u8 {
    if (<u32>index >= <u32>SIZE) panic(PanicCode.indexOutOfBounds)
    return load<u8>(changetype<usize>(this) + index)
  }

  @operator('==')
  equals(other: Bytes32): bool {
    return equalWords(changetype<usize>(this), changetype<usize>(other))
  }

  @operator('!=')
  notEquals(other: Bytes32): bool {
    return !equalWords(changetype<usize>(this), changetype<usize>(other))
  }

  /** 0x and lower-case hex digits. */
  toString(): string {
    return hexText(changetype<usize>(this), SIZE)
  }

  __dynamic(): bool {
    return false
  }
  __head(): i32 {
    return 32
  }
  __body(): i32 {
    return 32
  }
  __write(at: usize): void {
    copyWord(at, changetype<usize>(this))
  }
  __read(at: usize, end: usize): Bytes32 {
    for (let i = SIZE; i < 32; i++) {
      if (load<u8>(at + i)) invalidAbi()
    }
    return Bytes32.at(at)
  }
  __slots(): i32 {
    return 1
  }
  __width(): i32 {
    return SIZE
  }
  __load(slot: usize, offset: i32): Bytes32 {
    return Bytes32.at(readSlot(slot) + 32 - SIZE - offset)
  }
  __save(slot: usize, offset: i32): void {
    const word = readSlot(slot)
    memory.copy(word + 32 - SIZE - offset, changetype<usize>(this), SIZE)
    writeSlot(slot, word)
  }
  __zero(): Bytes32 {
    return Bytes32.zero
  }
  __unpack(word: usize, offset: i32): Bytes32 {
    return Bytes32.at(word + 32 - SIZE - offset)
  }
  __pack(word: usize, offset: i32): void {
    memory.copy(word + 32 - SIZE - offset, changetype<usize>(this), SIZE)
  }
  __clear(slot: usize, offset: i32): void {
    clearBytes(slot, offset, SIZE)
  }
}
