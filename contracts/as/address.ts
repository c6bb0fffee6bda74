/** Accounts: 20 bytes, kept raw in memory as the host wants them. */

import { account_balance, account_code, account_code_size, account_codehash } from './hostio'
import { invalidAbi } from './abi/invalid'
import { Bytes } from './bytes'
import { Bytes32 } from './bytes32'
import { hexText, parseHex } from './hex'
import { U256 } from './math/u256'
import { clearBytes, readSlot, writeSlot } from './storage/slot'
import { newWord } from './words'

/** An account, with or without code: 20 bytes. `==` compares, `toString()` gives 0x and hex digits. */
@final
@unmanaged
export class Address {
  private constructor(
    private part0: u64 = 0,
    private part1: u64 = 0,
    private part2: u32 = 0,
  ) {}

  /** 0x0000000000000000000000000000000000000000. */
  static get zero(): Address {
    return new Address()
  }

  /** Reads 40 hex digits after 0x; reverts on anything else. */
  static parse(text: string): Address {
    const address = new Address()
    parseHex(text, changetype<usize>(address), 20)
    return address
  }

  /** Copies 20 bytes. */
  static at(from: usize): Address {
    return new Address(load<u64>(from), load<u64>(from, 8), load<u32>(from, 16))
  }

  /** Whether it is 0x0000000000000000000000000000000000000000. */
  get isZero(): bool {
    return (this.part0 | this.part1 | <u64>this.part2) == 0
  }

  /** Wei held by the account. */
  get balance(): U256 {
    const word = newWord()
    account_balance(changetype<usize>(this), word)
    return U256.load(word)
  }

  /** Bytes of the account's code as stored; 0 for one without code. */
  get codeSize(): i32 {
    return account_code_size(changetype<usize>(this))
  }

  /** keccak256 of the code as stored; zero for an account that does not exist (EIP-1052). */
  get codeHash(): Bytes32 {
    const hash = Bytes32.zero
    account_codehash(changetype<usize>(this), changetype<usize>(hash))
    return hash
  }

  /** The account's code as stored. */
  get code(): Bytes {
    const size = this.codeSize
    const code = new Bytes(size)
    account_code(changetype<usize>(this), 0, size, code.start)
    return code
  }

  /** Whether both are the same account. */
  @operator('==')
  equals(other: Address): bool {
    return ((this.part0 ^ other.part0) | (this.part1 ^ other.part1) | <u64>(this.part2 ^ other.part2)) == 0
  }

  @operator('!=')
  notEquals(other: Address): bool {
    return !this.equals(other)
  }

  private pack(at: usize): void {
    store<u64>(at, this.part0)
    store<u64>(at, this.part1, 8)
    store<u32>(at, this.part2, 16)
  }

  /** The address as a number, for ordering. */
  toU256(): U256 {
    const word = newWord()
    this.__write(word)
    return U256.load(word)
  }

  /** 0x and 40 lower-case hex digits. */
  toString(): string {
    return hexText(changetype<usize>(this), 20)
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
    store<u64>(at, 0)
    store<u32>(at, 0, 8)
    this.pack(at + 12)
  }
  __read(at: usize, end: usize): Address {
    if (load<u64>(at) != 0 || load<u32>(at, 8) != 0) invalidAbi()
    return Address.at(at + 12)
  }
  __slots(): i32 {
    return 1
  }
  __width(): i32 {
    return 20
  }
  __load(slot: usize, offset: i32): Address {
    return Address.at(readSlot(slot) + 12 - offset)
  }
  __save(slot: usize, offset: i32): void {
    const word = readSlot(slot)
    this.pack(word + 12 - offset)
    writeSlot(slot, word)
  }
  __zero(): Address {
    return Address.zero
  }
  __unpack(word: usize, offset: i32): Address {
    return Address.at(word + 12 - offset)
  }
  __pack(word: usize, offset: i32): void {
    this.pack(word + 12 - offset)
  }
  __clear(slot: usize, offset: i32): void {
    clearBytes(slot, offset, 20)
  }
}
