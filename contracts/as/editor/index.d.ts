/**
 * The SDK as an editor and `tsc` see it; the compiler of contracts reads the sources beside this folder and never this file.
 * TypeScript has no operators on classes and indexes by texts and numbers only. So here U256 and I256 are numbers, as the
 * native integers are, and Address and the fixed bytes are texts, each with the members that it has; the build finds what
 * this lets through, such as a u64 in the place of a U256.
 */
/// <reference path="./language.d.ts" />

/** Solidity's `uint256`, immutable. `+ - * / % **` panic as in Solidity 0.8: 0x11 on overflow, 0x12 on division by zero. */
export type U256 = number
/** Solidity's `int256`, immutable. `+ - * / %` panic as in Solidity 0.8; division rounds towards zero. */
export type I256 = number
export declare const U256: {
  readonly ZERO: U256
  readonly ONE: U256
  /** 2^256 - 1. */
  readonly MAX: U256
  /** The same number. `u256(n)` is shorter. */
  from(value: u64): U256
  /** Reads decimal digits, or hex digits after 0x. Reverts on anything else, and on more than 256 bits. */
  parse(text: string): U256
  /** As `parse`, but null for text that is not a number of at most 256 bits. */
  tryParse(text: string): U256 | null
  /** Reads a big-endian word. */
  load(at: usize): U256
  min(a: U256, b: U256): U256
  max(a: U256, b: U256): U256
  fromBytes32(bytes: Bytes32): U256
}
export declare const I256: {
  readonly ZERO: I256
  readonly ONE: I256
  /** 2^255 - 1. */
  readonly MAX: I256
  /** -2^255. */
  readonly MIN: I256
  from(value: i64): I256
  /** The same 256 bits read as a signed number. */
  fromBits(bits: U256): I256
  /** Reads an optional sign, then decimal digits or 0x and hex digits. Reverts on anything else and out of range. */
  parse(text: string): I256
  load(at: usize): I256
}
/** Shorthand: u256(5). */
export declare function u256(value: u64): U256
/** Shorthand: i256(-5). */
export declare function i256(value: i64): I256

/** An account, with or without code: 20 bytes. `==` compares, `toString()` gives 0x and hex digits. */
export type Address = string & {
  /** Whether it is 0x0000000000000000000000000000000000000000. */
  readonly isZero: bool
  /** Wei held by the account. */
  readonly balance: U256
  /** Bytes of the account's code as stored; 0 for one without code. */
  readonly codeSize: i32
  /** keccak256 of the code as stored; zero for an account that does not exist (EIP-1052). */
  readonly codeHash: Bytes32
  /** The account's code as stored. */
  readonly code: Bytes
  /** Whether both are the same account. */
  equals(other: Address): bool
  notEquals(other: Address): bool
  /** The address as a number, for ordering. */
  toU256(): U256
}
export declare const Address: {
  /** 0x0000000000000000000000000000000000000000. */
  readonly zero: Address
  /** Reads 40 hex digits after 0x; reverts on anything else. */
  parse(text: string): Address
  /** Copies 20 bytes. */
  at(from: usize): Address
}

type FixedBytes<N extends number> = string & {
  /** Told apart by their lengths. */
  readonly size?: N
  readonly isZero: bool
  get(index: i32): u8
  equals(other: FixedBytes<N>): bool
  notEquals(other: FixedBytes<N>): bool
}
interface FixedBytesOf<N extends number> {
  readonly zero: FixedBytes<N>
  /** Copies SIZE bytes of memory. */
  at(from: usize): FixedBytes<N>
  /** Reads 0x and two hex digits per byte; reverts on anything else. */
  parse(text: string): FixedBytes<N>
}
export type Bytes1 = FixedBytes<1>
export declare const Bytes1: FixedBytesOf<1>
export type Bytes2 = FixedBytes<2>
export declare const Bytes2: FixedBytesOf<2>
export type Bytes3 = FixedBytes<3>
export declare const Bytes3: FixedBytesOf<3>
export type Bytes4 = FixedBytes<4>
export declare const Bytes4: FixedBytesOf<4>
export type Bytes5 = FixedBytes<5>
export declare const Bytes5: FixedBytesOf<5>
export type Bytes6 = FixedBytes<6>
export declare const Bytes6: FixedBytesOf<6>
export type Bytes7 = FixedBytes<7>
export declare const Bytes7: FixedBytesOf<7>
export type Bytes8 = FixedBytes<8>
export declare const Bytes8: FixedBytesOf<8>
export type Bytes9 = FixedBytes<9>
export declare const Bytes9: FixedBytesOf<9>
export type Bytes10 = FixedBytes<10>
export declare const Bytes10: FixedBytesOf<10>
export type Bytes11 = FixedBytes<11>
export declare const Bytes11: FixedBytesOf<11>
export type Bytes12 = FixedBytes<12>
export declare const Bytes12: FixedBytesOf<12>
export type Bytes13 = FixedBytes<13>
export declare const Bytes13: FixedBytesOf<13>
export type Bytes14 = FixedBytes<14>
export declare const Bytes14: FixedBytesOf<14>
export type Bytes15 = FixedBytes<15>
export declare const Bytes15: FixedBytesOf<15>
export type Bytes16 = FixedBytes<16>
export declare const Bytes16: FixedBytesOf<16>
export type Bytes17 = FixedBytes<17>
export declare const Bytes17: FixedBytesOf<17>
export type Bytes18 = FixedBytes<18>
export declare const Bytes18: FixedBytesOf<18>
export type Bytes19 = FixedBytes<19>
export declare const Bytes19: FixedBytesOf<19>
export type Bytes20 = FixedBytes<20>
export declare const Bytes20: FixedBytesOf<20>
export type Bytes21 = FixedBytes<21>
export declare const Bytes21: FixedBytesOf<21>
export type Bytes22 = FixedBytes<22>
export declare const Bytes22: FixedBytesOf<22>
export type Bytes23 = FixedBytes<23>
export declare const Bytes23: FixedBytesOf<23>
export type Bytes24 = FixedBytes<24>
export declare const Bytes24: FixedBytesOf<24>
export type Bytes25 = FixedBytes<25>
export declare const Bytes25: FixedBytesOf<25>
export type Bytes26 = FixedBytes<26>
export declare const Bytes26: FixedBytesOf<26>
export type Bytes27 = FixedBytes<27>
export declare const Bytes27: FixedBytesOf<27>
export type Bytes28 = FixedBytes<28>
export declare const Bytes28: FixedBytesOf<28>
export type Bytes29 = FixedBytes<29>
export declare const Bytes29: FixedBytesOf<29>
export type Bytes30 = FixedBytes<30>
export declare const Bytes30: FixedBytesOf<30>
export type Bytes31 = FixedBytes<31>
export declare const Bytes31: FixedBytesOf<31>
/** Solidity's `bytes32`; `Bytes1` to `Bytes31` have the same members. `[i]` is byte i, from the left; Panic 0x32 outside. */
export type Bytes32 = FixedBytes<32>
export declare const Bytes32: FixedBytesOf<32>

/** Byte strings of any length: Solidity's `bytes`. A view of memory: `slice` shares, `copy` does not. */
export declare class Bytes {
  /** `length` zero bytes. */
  constructor(length: i32)
  /** A view of `length` bytes at `start`. */
  static view(start: usize, length: i32): Bytes
  static readonly empty: Bytes
  /** The UTF-8 of a string. */
  static fromString(text: string): Bytes
  /** Reads 0x and hex digits; reverts on anything else. */
  static fromHex(text: string): Bytes
  [index: number]: u8
  /** Where the first byte is in memory. */
  readonly start: usize
  readonly length: i32
  get(index: i32): u8
  set(index: i32, value: u8): void
  /** Bytes from `from` up to `to`, sharing memory. Panic 0x32 outside. */
  slice(from: i32, to?: i32): Bytes
  /** The same bytes in memory of their own. */
  copy(): Bytes
  /** A new string: these bytes, then the other ones. */
  concat(other: Bytes): Bytes
  equals(other: Bytes): bool
  notEquals(other: Bytes): bool
  /** The hash of the bytes. */
  keccak256(): Bytes32
  /** The bytes as UTF-8; reverts when they are not. */
  toText(): string
  /** 0x and lower-case hex digits. */
  toString(): string
}

/** A field of a contract; every key has zero at first. */
export type Mapping<K, V> = { [key: string | number]: V } & {
  /** The value of a key; zero for a key that was never set. */
  get(key: K): V
  set(key: K, value: V): void
  /** Sets the value of a key to zero. */
  delete(key: K): void
  /** Pointer to the 32-byte key of the slot where the value of `key` starts. */
  slotOf(key: K): usize
}
/** A field of a contract; it is empty at first. */
export declare class StorageArray<T> {
  [index: number]: T
  readonly length: i32
  /** Panic 0x32 outside. */
  get(index: i32): T
  /** Panic 0x32 outside. */
  set(index: i32, value: T): void
  /** Appends a value. */
  push(value: T): void
  /** Appends a zero element and returns it: how arrays of mappings and arrays grow. */
  grow(): T
  /** Removes the last element. Panic 0x31 when empty. */
  pop(): void
  /** Puts the last element in the place of the one at `index` and removes the last. Panic 0x32 outside. */
  swapRemove(index: i32): void
  /** Removes and clears all elements. */
  clear(): void
  /** Where the element at `index`, which is not packed, starts; panic 0x32 outside. Called to change a member. */
  placeOf(index: i32): usize
  /** Appends a zero element and returns where it starts. */
  growPlace(): usize
}

/**
 * Solidity's `T[N]`: `FixedArray<U256, 3>` is three numbers, in memory or as a field in storage. `[a, b, c]` makes one where
 * one is wanted, `new FixedArray<U256, 3>()` one of zeros. A variable of one in memory is shared, as that of an object.
 */
export type FixedArray<T, N extends number> = T[] & {
  /** N. */
  readonly length: N
}
export declare const FixedArray: {
  /** N zeros, empty texts, or structs of these. */
  new <T, N extends number>(): FixedArray<T, N>
}

/** The word in the slot of this key. */
export declare function loadSlot(key: Bytes32): Bytes32
export declare function storeSlot(key: Bytes32, value: Bytes32): void

/** The bases of a contract, the more basic one first, as in Solidity. */
export declare const Bases: {
  new <A>(): A
  new <A, B>(): A & B
  new <A, B, C>(): A & B & C
  new <A, B, C, D>(): A & B & C & D
  new <A, B, C, D, E>(): A & B & C & D & E
  new <A, B, C, D, E, F>(): A & B & C & D & E & F
  new <A, B, C, D, E, F, G>(): A & B & C & D & E & F & G
  new <A, B, C, D, E, F, G, H>(): A & B & C & D & E & F & G & H
}
/** Runs the constructor of one of the bases, in the constructor of a contract that extends {@link Bases}. */
export declare function construct<Base>(...args: readonly unknown[]): void

/** Marks a member of an event as a topic: filters find it. At most three per event; strings and bytes become hashes. */
export type Indexed<T> = T
/** Logs an event. */
export declare function emit<T>(event: T): void
/** Shows a text in the log of a devnet's node and in tests. */
export declare function print(text: string): void
/** Reverts with Error(string). */
export declare function revert(reason: string): never
/** Reverts with Error(reason) unless the condition holds. */
export declare function require(condition: bool, reason: string): void
/** Reverts with Panic(uint256). */
export declare function panic(code: u32): never
/** Solidity's panic codes. */
export declare namespace PanicCode {
  const assertion: u32
  const overflow: u32
  const divisionByZero: u32
  const emptyArrayPop: u32
  const indexOutOfBounds: u32
  const outOfMemory: u32
}

/** The outcome of a call. */
export declare class CallResult {
  readonly success: bool
  /** Return data, or revert data when the call failed. */
  readonly data: Bytes
  /**
   * The text of Error(string), with which require, revert and throw new Error fail; empty for anything else. It never
   * reverts, whatever the other contract has answered.
   */
  readonly reason: string
  /** The return data; a failure is passed on to our own caller, data and all. */
  orRevert(): Bytes
  constructor(success: bool, data: Bytes)
}
/** Calls with value and data; never reverts by itself. `gas` is capped at 63/64 of what is left. */
export declare function call(to: Address, data: Bytes, value?: U256, gas?: u64): CallResult
/** Calls so that nothing can change. */
export declare function staticCall(to: Address, data: Bytes, gas?: u64): CallResult
/** Runs another contract's code on this contract's storage and balance. Only for code you trust as your own. */
export declare function delegateCall(to: Address, data: Bytes, gas?: u64): CallResult
/** Sends wei; reverts with the receiver's reason when it refuses. */
export declare function sendValue(to: Address, value: U256): void
/** Creates a contract from init code; reverts with the constructor's reason when that fails. */
export declare function create(initCode: Bytes, value?: U256): Address
/** Creates a contract at an address that depends on the creator, the salt and the init code only. */
export declare function createWithSalt(initCode: Bytes, salt: Bytes32, value?: U256): Address
/** What the build adds to an interface of a contract. */
export interface Remote {
  readonly address: Address
  /** Wei for the next call. */
  withValue(value: U256): this
  /** The most gas of every later call. */
  withGas(gas: u64): this
}
/** The contract at the address, as the interface T shows it: as `new T(address)`, where T is an abstract class too. */
export declare function contractAt<T>(address: Address): T & Remote

/** So many ether, in wei: `require(msg.value >= ether(1), 'too little')`. */
export declare function ether(n: u64): U256
/** So many gwei, in wei. */
export declare function gwei(n: u64): U256
/** So many minutes, in seconds. */
export declare function minutes(n: u64): u64
/** So many hours, in seconds. */
export declare function hours(n: u64): u64
/** So many days of 24 hours, in seconds. */
export declare function days(n: u64): u64
/** So many weeks of seven days, in seconds. */
export declare function weeks(n: u64): u64

/** The account that signed a hash; reverts when nobody did. `signature` is what wallets give: 65 bytes, r, s and v. */
export declare function recover(hash: Bytes32, signature: Bytes): Address
/**
 * The account that signed a hash; the zero address when nobody did, which the caller has to look for. Of the two values of
 * `s` that are good for one message the higher is refused (EIP-2): a signature is then one text and no other.
 */
export declare function tryRecover(hash: Bytes32, v: u8, r: Bytes32, s: Bytes32): Address
/** The hash of a struct for a domain, which is what is signed: keccak256(0x1901 || domain || hashStruct(value)). */
export declare function typedDataHash<T>(value: T, domain: Bytes32): Bytes32
/** EIP-712's hashStruct of an object of a class marked @struct. */
export declare function hashStruct<T>(value: T): Bytes32
/** This contract's domain: EIP712Domain(string name,string version,uint256 chainId,address verifyingContract). */
export declare function domainSeparator(name: string, version: string): Bytes32

/** The bytes of Solidity's abi.encode(value). */
export declare function abiEncode<T>(value: T): Bytes
/** The value of Solidity's abi.decode(bytes, (T)); reverts on bytes that are no encoding of a T. */
export declare function abiDecode<T>(bytes: Bytes): T
/** keccak256 of the UTF-8 of a text: role names, typed-data hashes. */
export declare function keccak256(text: string): Bytes32

/** The call being served. */
export declare const msg: {
  /** The caller: an account, or the contract that called this one. */
  readonly sender: Address
  /** Wei sent along. */
  readonly value: U256
}
/** The transaction the call is part of. */
export declare const tx: {
  /** The account that signed the transaction. Never decide by it who may do something: contracts in between act for it. */
  readonly origin: Address
  /** Wei paid per gas. */
  readonly gasPrice: U256
}
/** The block the transaction is in. */
export declare const block: {
  /** Height of the block. */
  readonly number: u64
  /** Seconds since 1970. */
  readonly timestamp: u64
  /** EIP-155's number of the chain: 31337 on a devnet. */
  readonly chainId: u64
  /** Gas that the transactions of the block may use together. */
  readonly gasLimit: u64
  /** Wei per gas that is burnt. */
  readonly baseFee: U256
  /** The account that receives the priority fee: the proposer's. */
  readonly coinbase: Address
}
/** The contract itself. */
export declare const self: {
  /** The address of this contract; behind a proxy, the proxy's. */
  readonly address: Address
  /** Wei the contract holds. */
  readonly balance: U256
  /** Gas left in this frame. */
  readonly gasLeft: u64
}
