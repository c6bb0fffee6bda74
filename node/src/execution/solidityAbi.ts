/** Solidity's ABI encoding, as much of it as the contracts of the chain itself need, by hand. */
import { bigintToBytes, bytesToBigint, concatBytes } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'

const WORD = 32
const SELECTOR_BYTES = 4
const MAX_ADDRESS = (1n << 160n) - 1n

/** keccak256 of a signature such as `Transfer(address,address,uint256)`: the first topic of an event. */
export function topicOf(signature: string): Uint8Array {
  return keccak256(new TextEncoder().encode(signature))
}

/** The first four bytes of calldata, and of a custom error. */
export function selectorOf(signature: string): Uint8Array {
  return topicOf(signature).slice(0, SELECTOR_BYTES)
}

/** An unsigned integer below 2^256, big-endian in 32 bytes. */
export function wordOf(value: bigint | number): Uint8Array {
  return bigintToBytes(BigInt(value), WORD)
}

export function addressWord(address: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(WORD - address.length), address)
}

/** The tail of a `bytes` or `string`: its length, and its bytes filled with zeros to whole words. */
export function bytesTail(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / WORD) * WORD)
  padded.set(bytes)
  return concatBytes(wordOf(bytes.length), padded)
}

const ERROR = selectorOf('Error(string)')
const PANIC = selectorOf('Panic(uint256)')

/** `Error(string)` with a reason. */
export function encodeError(reason: string): Uint8Array {
  return concatBytes(ERROR, wordOf(WORD), bytesTail(new TextEncoder().encode(reason)))
}

/** `Panic(uint256)`; 0x11 is an overflow or underflow. */
export function encodePanic(code: bigint): Uint8Array {
  return concatBytes(PANIC, wordOf(code))
}

/**
 * Arguments of a call. Each is undefined when it is missing or out of range; bytes behind the last are let pass, as
 * contracts do.
 */
export class Arguments {
  readonly #data: Uint8Array

  /** `input`: calldata, the selector among it. */
  constructor(input: Uint8Array) {
    this.#data = input.subarray(SELECTOR_BYTES)
  }

  /** 32 bytes at a place of the head. A copy: a topic of a log that is a view would keep all of the calldata. */
  word(place: number): Uint8Array | undefined {
    const at = WORD * place
    return at + WORD <= this.#data.length ? this.#data.slice(at, at + WORD) : undefined
  }

  uint(place: number, most: bigint): bigint | undefined {
    const word = this.word(place)
    if (word === undefined) return undefined
    const value = bytesToBigint(word)
    return value <= most ? value : undefined
  }

  /** 20 bytes. */
  address(place: number): Uint8Array | undefined {
    return this.uint(place, MAX_ADDRESS) === undefined ? undefined : this.word(place)!.slice(WORD - 20)
  }

  /** `bytes`, whose head is where its tail begins. A view of the calldata. */
  bytes(place: number): Uint8Array | undefined {
    const size = BigInt(this.#data.length)
    const offset = this.uint(place, size)
    if (offset === undefined || offset + 32n > size) return undefined
    const start = Number(offset) + WORD
    const length = bytesToBigint(this.#data.subarray(Number(offset), start))
    return length <= size - BigInt(start) ? this.#data.subarray(start, start + Number(length)) : undefined
  }
}
