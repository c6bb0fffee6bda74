/**
 * Failing on purpose: the frame ends at once, its changes are undone, the caller gets the data.
 * Encodings are Solidity's: Error(string) 0x08c379a0, Panic(uint256) 0x4e487b71, custom errors by selector.
 */

import { exit_early, write_result } from './hostio'
import { padded, storeWord64 } from './words'
import { utf8Length, utf8Write } from './utf8'

/** Solidity's panic codes. */
export namespace PanicCode {
  export const assertion: u32 = 0x01
  export const overflow: u32 = 0x11
  export const divisionByZero: u32 = 0x12
  export const emptyArrayPop: u32 = 0x31
  export const indexOutOfBounds: u32 = 0x32
  export const outOfMemory: u32 = 0x41
}

/** Ends the frame, reverting with the bytes given. Does not return. */
export function revertRaw(data: usize, length: i32): void {
  write_result(data, length)
  exit_early(1)
  unreachable()
}

/** Reverts with no data. */
export function revertEmpty(): void {
  revertRaw(0, 0)
}

/** Reverts with Error(string). */
export function revert(reason: string): void {
  const length = utf8Length(reason)
  const data = errorData(length)
  utf8Write(reason, data + 68)
  revertRaw(data, 4 + 64 + padded(length))
}

/** What the build puts in the place of `revert('...')`: a text of `length` bytes of UTF-8, which is in the module. */
export function revertText(text: u32, length: i32): void {
  const data = errorData(length)
  memory.copy(data + 68, text, length)
  revertRaw(data, 4 + 64 + padded(length))
}

/** The data of an Error(string) of so many bytes, without them. */
function errorData(length: i32): usize {
  const data = __alloc(4 + 64 + padded(length))
  store<u32>(data, 0xa079c308)
  storeWord64(data + 4, 32)
  storeWord64(data + 36, length)
  return data
}

/** Reverts with Panic(uint256). */
export function panic(code: u32): void {
  // Over what memory begins with: nothing runs after this, and of memory that has ended no more can be had.
  store<u32>(0, 0x717b484e)
  storeWord64(4, code)
  revertRaw(0, 36)
}

/**
 * Reverts with Error(reason) unless the condition holds.
 *
 * @example
 * ```ts
 * @contract
 * export class Gate {
 *   @view owner: Address
 *
 *   @external open(): void {
 *     require(msg.sender == this.owner, 'not the owner')
 *   }
 * }
 * ```
 */
export function require(condition: bool, reason: string): void {
  if (!condition) revert(reason)
}

/** What the build puts in the place of `require(ok, '...')`, as `revertText`. */
export function requireText(condition: bool, text: u32, length: i32): void {
  if (!condition) revertText(text, length)
}

/** Where AssemblyScript's `throw new Error(reason)` and `assert` end up: Error(reason), or Panic(1) without one. */
export function onAbort(reason: string | null, file: string | null, line: u32, column: u32): void {
  if (reason === null) panic(PanicCode.assertion)
  else revert(reason)
}
