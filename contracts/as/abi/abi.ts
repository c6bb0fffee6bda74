/** The contract ABI by hand. For several values at once, use a class marked @struct. */

import { Bytes } from '../bytes'
import { Bytes32 } from '../bytes32'
import { Decoder, Encoder, headSize, tailSize } from './codec'

/** The bytes of Solidity's abi.encode(value). */
export function abiEncode<T>(value: T): Bytes {
  const bytes = new Bytes(headSize<T>() + tailSize<T>(value))
  new Encoder(bytes.start, headSize<T>()).put<T>(value)
  return bytes
}

/** The value of Solidity's abi.decode(bytes, (T)); reverts on bytes that are no encoding of a T. */
export function abiDecode<T>(bytes: Bytes): T {
  return new Decoder(bytes.start, bytes.start + bytes.length).take<T>()
}

/** keccak256 of the UTF-8 of a text: role names, typed-data hashes. */
export function keccak256(text: string): Bytes32 {
  return Bytes.fromString(text).keccak256()
}
