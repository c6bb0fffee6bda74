/** The contract ABI by hand. For several values at once, use a class marked @struct. */

import { Bytes } from '../bytes'
import { Bytes32 } from '../bytes32'
import { headSize, needHeads, putAt, tailSize, takeAt } from './codec'

/** The bytes of Solidity's abi.encode(value). */
export function abiEncode<T>(value: T): Bytes {
  const bytes = new Bytes(headSize<T>() + tailSize<T>(value))
  putAt<T>(value, bytes.start, bytes.start, bytes.start + headSize<T>())
  return bytes
}

/** The value of Solidity's abi.decode(bytes, (T)); reverts on bytes that are no encoding of a T. */
export function abiDecode<T>(bytes: Bytes): T {
  const start = bytes.start
  const end = start + bytes.length
  needHeads(start, end, headSize<T>())
  return takeAt<T>(start, start, end)
}

/** keccak256 of the UTF-8 of a text: role names, typed-data hashes. */
export function keccak256(text: string): Bytes32 {
  return Bytes.fromString(text).keccak256()
}
