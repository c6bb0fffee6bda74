/** 32-byte big-endian words in memory: what the host, the ABI and storage are made of. */

import { native_keccak256 } from './hostio'

/** A fresh word of 32 zero bytes. */
export function newWord(): usize {
  return __alloc(32)
}

export function clearWord(at: usize): void {
  store<u64>(at, 0)
  store<u64>(at, 0, 8)
  store<u64>(at, 0, 16)
  store<u64>(at, 0, 24)
}

export function copyWord(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from))
  store<u64>(to, load<u64>(from, 8), 8)
  store<u64>(to, load<u64>(from, 16), 16)
  store<u64>(to, load<u64>(from, 24), 24)
}

export function isZeroWord(at: usize): bool {
  return (load<u64>(at) | load<u64>(at, 8) | load<u64>(at, 16) | load<u64>(at, 24)) == 0
}

export function equalWords(a: usize, b: usize): bool {
  return (
    ((load<u64>(a) ^ load<u64>(b)) |
      (load<u64>(a, 8) ^ load<u64>(b, 8)) |
      (load<u64>(a, 16) ^ load<u64>(b, 16)) |
      (load<u64>(a, 24) ^ load<u64>(b, 24))) ==
    0
  )
}

/** Writes an unsigned number as a whole word. */
export function storeWord64(at: usize, value: u64): void {
  store<u64>(at, 0)
  store<u64>(at, 0, 8)
  store<u64>(at, 0, 16)
  store<u64>(at, bswap<u64>(value), 24)
}

/** Writes a signed number as a whole word, sign-extended. */
export function storeSignedWord64(at: usize, value: i64): void {
  const sign = <u64>(value >> 63)
  store<u64>(at, sign)
  store<u64>(at, sign, 8)
  store<u64>(at, sign, 16)
  store<u64>(at, bswap<u64>(<u64>value), 24)
}

/** The lowest 64 bits of a word. */
export function loadWord64(at: usize): u64 {
  return bswap<u64>(load<u64>(at, 24))
}

/** A new word: the one at `at` plus `value`, modulo 2^256. */
export function addToWord(at: usize, value: u64): usize {
  const sum = newWord()
  let carry = value
  for (let i: usize = 32; i > 0; ) {
    i -= 8
    const limb = bswap<u64>(load<u64>(at + i))
    const total = limb + carry
    carry = u64(total < limb)
    store<u64>(sum + i, bswap<u64>(total))
  }
  return sum
}

/** keccak256 of `length` bytes, as a new word. */
export function keccakWord(data: usize, length: i32): usize {
  const out = newWord()
  native_keccak256(data, length, out)
  return out
}

/** keccak256 of `length` bytes, at `out`. */
export function keccakInto(data: usize, length: i32, out: usize): void {
  native_keccak256(data, length, out)
}

/** Bytes of `length` rounded up to whole words. */
@inline
export function padded(length: i32): i32 {
  return (length + 31) & ~31
}
