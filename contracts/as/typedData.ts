/** Typed data as wallets sign it (EIP-712). A class marked @struct is a type; its members are hashed as declared. */

import { writeBody } from './abi/codec'
import { Bytes } from './bytes'
import { Bytes32 } from './bytes32'
import { block, self } from './context'
import { native_keccak256 } from './hostio'
import { copyWord, storeWord64 } from './words'

/**
 * The hash of a struct for a domain, which is what is signed: keccak256(0x1901 || domain || hashStruct(value)).
 *
 * @example
 * ```ts
 * @struct class Order { buyer: Address; price: U256; nonce: u64 }
 *
 * @contract
 * export class Shop {
 *   @view buyerOf(order: Order, signature: Bytes): Address {
 *     return recover(typedDataHash(order, domainSeparator('Shop', '1')), signature)
 *   }
 * }
 * ```
 */
export function typedDataHash<T>(value: T, domain: Bytes32): Bytes32 {
  const input = new Bytes(66)
  store<u16>(input.start, 0x0119)
  copyWord(input.start + 2, changetype<usize>(domain))
  copyWord(input.start + 34, changetype<usize>(hashStruct<T>(value)))
  return input.keccak256()
}

/** EIP-712's hashStruct of an object of a class marked @struct. */
export function hashStruct<T>(value: T): Bytes32 {
  const hash = Bytes32.zero
  value.__typed(changetype<usize>(hash))
  return hash
}

/** This contract's domain: EIP712Domain(string name,string version,uint256 chainId,address verifyingContract). */
export function domainSeparator(name: string, version: string): Bytes32 {
  const input = new Bytes(160)
  // keccak256 of the type above.
  store<u64>(input.start, 0x3dfeb89bc6c3738b, 0)
  store<u64>(input.start, 0x79cc59f74ccc2e51, 8)
  store<u64>(input.start, 0xcafa0f9b177b9f23, 16)
  store<u64>(input.start, 0x0f40392b525da7a9, 24)
  typedWord<string>(name, input.start + 32)
  typedWord<string>(version, input.start + 64)
  storeWord64(input.start + 96, block.chainId)
  self.address.__write(input.start + 128)
  return input.keccak256()
}

/** Writes a member as EIP-712 encodes it: value types as their word, all else as a hash. The build calls it. */
export function typedWord<T>(value: T, at: usize): void {
  if (isInteger<T>()) writeBody<T>(value, at)
  else if (isString<T>()) {
    const text = Bytes.fromString(changetype<string>(value))
    native_keccak256(text.start, text.length, at)
  } else if (isArray<T>()) {
    const length = value.length
    const words = __alloc(32 * length)
    for (let i = 0; i < length; i++) typedWord<valueof<T>>(value[i], words + 32 * i)
    native_keccak256(words, 32 * length, at)
  } else if (isDefined(value.__typed)) value.__typed(at)
  else if (isDefined(value.keccak256)) native_keccak256(value.start, value.length, at)
  else value.__write(at)
}
