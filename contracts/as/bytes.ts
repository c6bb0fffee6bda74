/** Byte strings of any length: Solidity's `bytes`. A view of memory: `slice` shares, `copy` does not. */

import { native_keccak256 } from './hostio'
import { invalidAbi } from './abi/invalid'
import { Bytes32 } from './bytes32'
import { hexText, parseHex } from './hex'
import { panic, PanicCode, revert } from './revert'
import { loadBytes, saveBytes } from './storage/bytes'
import { utf8Length, utf8Read, utf8Write } from './utf8'
import { loadWord64, padded, storeWord64 } from './words'

@final
@unmanaged
export class Bytes {
  /** Where the first byte is in memory. */
  readonly start: usize
  readonly length: i32

  /** `length` zero bytes. */
  constructor(length: i32) {
    this.start = __alloc(length)
    this.length = length
  }

  /** A view of `length` bytes at `start`. */
  static view(start: usize, length: i32): Bytes {
    const bytes = changetype<Bytes>(__alloc(offsetof<Bytes>()))
    store<usize>(changetype<usize>(bytes), start, offsetof<Bytes>('start'))
    store<i32>(changetype<usize>(bytes), length, offsetof<Bytes>('length'))
    return bytes
  }

  static get empty(): Bytes {
    return Bytes.view(0, 0)
  }

  /** The UTF-8 of a string. */
  static fromString(text: string): Bytes {
    const bytes = new Bytes(utf8Length(text))
    utf8Write(text, bytes.start)
    return bytes
  }

  /** Reads 0x and hex digits; reverts on anything else. */
  static fromHex(text: string): Bytes {
    const bytes = new Bytes(max(0, text.length - 2) >> 1)
    parseHex(text, bytes.start, bytes.length)
    return bytes
  }

  @operator('[]')
  get(index: i32): u8 {
    if (<u32>index >= <u32>this.length) panic(PanicCode.indexOutOfBounds)
    return load<u8>(this.start + index)
  }

  @operator('[]=')
  set(index: i32, value: u8): void {
    if (<u32>index >= <u32>this.length) panic(PanicCode.indexOutOfBounds)
    store<u8>(this.start + index, value)
  }

  /** Bytes from `from` up to `to`, sharing memory. Panic 0x32 outside. */
  slice(from: i32, to: i32 = i32.MAX_VALUE): Bytes {
    const end = to == i32.MAX_VALUE ? this.length : to
    if (<u32>from > <u32>end || <u32>end > <u32>this.length) panic(PanicCode.indexOutOfBounds)
    return Bytes.view(this.start + from, end - from)
  }

  /** The same bytes in memory of their own. */
  copy(): Bytes {
    const copy = new Bytes(this.length)
    memory.copy(copy.start, this.start, this.length)
    return copy
  }

  /** A new string: these bytes, then the other ones. */
  @operator('+')
  concat(other: Bytes): Bytes {
    const joined = new Bytes(this.length + other.length)
    memory.copy(joined.start, this.start, this.length)
    memory.copy(joined.start + this.length, other.start, other.length)
    return joined
  }

  @operator('==')
  equals(other: Bytes): bool {
    return this.length == other.length && memory.compare(this.start, other.start, this.length) == 0
  }

  @operator('!=')
  notEquals(other: Bytes): bool {
    return !this.equals(other)
  }

  /** The hash of the bytes. */
  keccak256(): Bytes32 {
    const hash = Bytes32.zero
    native_keccak256(this.start, this.length, changetype<usize>(hash))
    return hash
  }

  /** The bytes as UTF-8; reverts when they are not. */
  toText(): string {
    const text = utf8Read(this.start, this.length)
    if (text === null) {
      revert('not valid UTF-8')
      return ''
    }
    return text
  }

  /** 0x and lower-case hex digits. */
  toString(): string {
    return hexText(this.start, this.length)
  }

  __zero(): Bytes {
    return Bytes.empty
  }
  __dynamic(): bool {
    return true
  }
  __head(): i32 {
    return 32
  }
  __body(): i32 {
    return 32 + padded(this.length)
  }
  __write(at: usize): void {
    storeWord64(at, this.length)
    memory.copy(at + 32, this.start, this.length)
  }
  __read(at: usize, end: usize): Bytes {
    return readBytes(at, end)
  }
  __slots(): i32 {
    return 1
  }
  __width(): i32 {
    return 32
  }
  __load(slot: usize, offset: i32): Bytes {
    return loadBytes(slot)
  }
  __save(slot: usize, offset: i32): void {
    saveBytes(slot, this.start, this.length)
  }
  __clear(slot: usize, offset: i32): void {
    saveBytes(slot, 0, 0)
  }
}

/** A length word and that many bytes (their padding may be cut off, as in Solidity), as a view. */
export function readBytes(at: usize, end: usize): Bytes {
  const length = readLength(at, end)
  if (length > end - at - 32) invalidAbi()
  return Bytes.view(at + 32, <i32>length)
}

/** A length word, below 2^31. */
export function readLength(at: usize, end: usize): usize {
  if (end < at || end - at < 32) invalidAbi()
  if ((load<u64>(at) | load<u64>(at, 8) | load<u64>(at, 16)) != 0) invalidAbi()
  const length = loadWord64(at)
  if (length > 0x7fffffff) invalidAbi()
  return <usize>length
}
