/**
 * The Solidity contract ABI: encoding and strict decoding of every type a contract's interface can name.
 *
 * A type answers to five methods: `__dynamic` (does it live in the tail), `__head` (bytes it takes in a head when it does
 * not), `__body` (bytes of this value's encoding), `__write` and `__read`. The SDK's value types and `Bytes` have
 * them by hand, classes marked @struct get them from the build; integers, booleans, strings and arrays are done here.
 * All branches on types are decided by the compiler, so a contract carries only the code for its own types.
 *
 * Decoding refuses what Solidity refuses: dirty upper bits, offsets and lengths that point outside, missing bytes. It
 * also refuses strings that are not UTF-8.
 */

import { readBytes, readLength } from '../bytes'
import { utf8Length, utf8Read, utf8Write } from '../utf8'
import { loadWord64, padded, storeSignedWord64, storeWord64 } from '../words'
import { invalidAbi } from './invalid'

/** Whether values of the type live in the tail, with an offset in the head. */
@inline
export function isDynamic<T>(): bool {
  if (isInteger<T>()) return false
  else if (isString<T>() || isArray<T>()) return true
  else return changetype<T>(0).__dynamic()
}

/** Bytes a value takes in the head. */
@inline
export function headSize<T>(): i32 {
  if (isInteger<T>() || isString<T>() || isArray<T>()) return 32
  else if (changetype<T>(0).__dynamic()) return 32
  else return changetype<T>(0).__head()
}

/** Bytes a value takes in the tail. */
export function tailSize<T>(value: T): i32 {
  if (isInteger<T>()) return 0
  else if (isString<T>() || isArray<T>()) return bodySize<T>(value)
  else return isDynamic<T>() ? bodySize<T>(value) : 0
}

/** Bytes of a value's own encoding, without the offset that leads to it. */
export function bodySize<T>(value: T): i32 {
  if (isInteger<T>()) return 32
  else if (isString<T>()) return 32 + padded(utf8Length(changetype<string>(value)))
  else if (isArray<T>()) {
    let size = 32 + value.length * headSize<valueof<T>>()
    if (isDynamic<valueof<T>>()) {
      for (let i = 0; i < value.length; i++) size += tailSize<valueof<T>>(value[i])
    }
    return size
  } else return value.__body()
}

/** Writes a value's own encoding at `at`, into fresh (zero) memory. */
export function writeBody<T>(value: T, at: usize): void {
  if (isBoolean<T>()) storeWord64(at, <u64>value)
  else if (isInteger<T>()) {
    if (isSigned<T>()) storeSignedWord64(at, <i64>value)
    else storeWord64(at, <u64>value)
  } else if (isString<T>()) {
    const text = changetype<string>(value)
    storeWord64(at, utf8Write(text, at + 32) - at - 32)
  } else if (isArray<T>()) {
    const length = value.length
    storeWord64(at, length)
    const heads = at + 32
    let tail = heads + length * headSize<valueof<T>>()
    for (let i = 0; i < length; i++) {
      tail = putAt<valueof<T>>(value[i], heads, heads + <usize>(i * headSize<valueof<T>>()), tail)
    }
  } else value.__write(at)
}

/** Reads a value's own encoding at `at`; nothing at or after `end` may be read. */
export function readBody<T>(at: usize, end: usize): T {
  if (isInteger<T>()) {
    if (end < at || end - at < 32) invalidAbi()
    return readInteger<T>(at)
  } else if (isString<T>()) {
    const bytes = readBytes(at, end)
    const text = utf8Read(bytes.start, bytes.length)
    if (text === null) invalidAbi()
    return changetype<T>(text)
  } else if (isArray<T>()) {
    const length = <i32>readLength(at, end)
    // Every element has at least its head, so a length can make no more work than the bytes that came with it.
    if (<u64>length * <u64>headSize<valueof<T>>() > <u64>(end - at - 32)) invalidAbi()
    const values = instantiate<T>(length)
    const heads = at + 32
    for (let i = 0; i < length; i++) {
      values[i] = takeAt<valueof<T>>(heads, heads + <usize>(i * headSize<valueof<T>>()), end)
    }
    return values
  } else {
    if (end < at || end - at < <usize>(isDynamic<T>() ? 32 : headSize<T>())) invalidAbi()
    return changetype<T>(0).__read(at, end)
  }
}

/** An integer or boolean from its word; the bits above it must be its sign. */
function readInteger<T>(at: usize): T {
  const value = loadWord64(at)
  if (isBoolean<T>()) {
    if ((load<u64>(at) | load<u64>(at, 8) | load<u64>(at, 16)) != 0 || value > 1) invalidAbi()
    return <T>(value != 0)
  } else {
    const upper = isSigned<T>() ? <u64>(<i64>value >> 63) : 0
    if (((load<u64>(at) ^ upper) | (load<u64>(at, 8) ^ upper) | (load<u64>(at, 16) ^ upper)) != 0) invalidAbi()
    if (isSigned<T>()) {
      if (<i64>(<T>value) != <i64>value) invalidAbi()
    } else {
      if (<u64>(<T>value) != value) invalidAbi()
    }
    return <T>value
  }
}

// A sequence of values (arguments, members, elements) is a tuple: heads at the places that their types say, then tails.

/**
 * Writes a value of a tuple: its head at `at`, and its tail, if it has one, at `tail`. Offsets count from `start`.
 * @returns where the next tail begins
 */
export function putAt<T>(value: T, start: usize, at: usize, tail: usize): usize {
  if (isDynamic<T>()) {
    storeWord64(at, tail - start)
    writeBody<T>(value, tail)
    return tail + bodySize<T>(value)
  } else {
    writeBody<T>(value, at)
    return tail
  }
}

/** Refuses a tuple at `start` whose `heads` bytes of heads do not end before `end`. */
export function needHeads(start: usize, end: usize, heads: usize): void {
  if (end < start || end - start < heads) invalidAbi()
}

/** Reads a value of a tuple, whose head is at `at` and in the bytes before `end`. Offsets count from `start`. */
export function takeAt<T>(start: usize, at: usize, end: usize): T {
  if (isInteger<T>()) return readInteger<T>(at)
  else if (isString<T>() || isArray<T>()) return readBody<T>(tailOf(start, at, end), end)
  else if (isDynamic<T>()) return readBody<T>(tailOf(start, at, end), end)
  else return changetype<T>(0).__read(at, end)
}

/** Where the tail is to which the head at `at` leads. */
function tailOf(start: usize, at: usize, end: usize): usize {
  if ((load<u64>(at) | load<u64>(at, 8) | load<u64>(at, 16)) != 0) invalidAbi()
  const offset = loadWord64(at)
  if (offset > <u64>(end - start)) invalidAbi()
  return start + <usize>offset
}
