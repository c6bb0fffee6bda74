/** How a call enters a contract and leaves it; used by the code the build generates. */

import { bodySize, headSize, isDynamic, putAt, tailSize, writeBody } from './abi/codec'
import { Bytes } from './bytes'
import { U256 } from './math/u256'
import { flushStorage, refuseIfReadOnly, setReadOnly } from './frame'
import { emit_log, msg_reentrant, msg_value, pay_for_memory_grow, read_args, write_result } from './hostio'
import { revert, revertEmpty } from './revert'
import { constructorSlot, readSlot, writeSlot } from './storage/slot'
import { isZeroWord, keccakInto, loadWord64, newWord, storeWord64 } from './words'

/** The module's start code (initialisers of globals). Stylus allows no start section, so the build puts it in here. */
@external('touchstone', 'start')
declare function start(): void

/** Reads the call's input; returns where it is. */
export function begin(length: i32): usize {
  start()
  // Never true. Stylus asks every module whose memory may grow to import this function.
  if (length < 0) pay_for_memory_grow(0)
  const input = __alloc(length)
  read_args(input)
  return input
}

/**
 * The contract's object: a header alone, as all fields are storage. It has a place of its own, so that no call makes one.
 */
export function place<T>(): T {
  const header = memory.data(8, 8)
  // What overridden methods are chosen by.
  store<u32>(header, idof<T>())
  return changetype<T>(header + 8)
}

/** What most functions ask first: no value, and no call in a call. One call, as every function has it. */
export function enter(): void {
  refuseValue()
  refuseReentry()
}

/** The same of a view. */
export function enterView(): void {
  enter()
  setReadOnly()
}

/** Solidity's rule: a function not declared payable refuses value, without a reason. */
export function refuseValue(): void {
  const word = newWord()
  msg_value(word)
  if (!isZeroWord(word)) revertEmpty()
}

/** The default: a contract cannot be called again before its outer call has ended, unless a function says @reentrant. */
export function refuseReentry(): void {
  if (msg_reentrant()) revert('reentrant call')
}

export function beginView(): void {
  setReadOnly()
}

/** Ends a call that returns nothing. */
export function finish(): i32 {
  flushStorage(false)
  return 0
}

/** Ends a call that returns one value. */
export function finishWith<T>(value: T): i32 {
  const head = headSize<T>()
  const size = head + tailSize<T>(value)
  const at = __alloc(size)
  putAt<T>(value, at, at, at + head)
  write_result(at, size)
  return finish()
}

/** Ends a call that returns several values, which a class marked @returns stands for. */
export function finishWithMany<T>(value: T): i32 {
  const size = bodySize<T>(value)
  const at = __alloc(size)
  writeBody<T>(value, at)
  write_result(at, size)
  return finish()
}

/** Ends a call of the fallback function that returns bytes as they are. */
export function finishRaw(data: Bytes): i32 {
  write_result(data.start, data.length)
  return finish()
}

/** Writes a topic: value types as their word, strings and bytes as the hash of their content. */
export function writeTopic<T>(value: T, at: usize): void {
  if (isDynamic<T>()) {
    const body = __alloc(bodySize<T>(value))
    writeBody<T>(value, body)
    keccakInto(body + 32, <i32>loadWord64(body), at)
  } else writeBody<T>(value, at)
}

export function emitLog(data: usize, length: i32, topics: i32): void {
  refuseIfReadOnly()
  emit_log(data, length, topics)
}

/**
 * Lets the constructor run once in a contract's life: the slot keccak256("stylus_constructor") holds whether it has.
 */
export function enterConstructor(): void {
  const slot = constructorSlot()
  if (!isZeroWord(readSlot(slot))) revert('already constructed')
  const word = newWord()
  storeWord64(word, 1)
  writeSlot(slot, word)
}

/** An index of a storage array, out of a getter's uint256. */
export function arrayIndex(index: U256): i32 {
  return index.fitsU64 && index.lo1 <= <u64>i32.MAX_VALUE ? <i32>index.lo1 : i32.MAX_VALUE
}

/** A selector that is not in the contract, and no fallback. */
export function refuseUnknown(): void {
  revert('no such function')
}
