/**
 * The SDK as an editor and `tsc` see it; the compiler of contracts reads the sources beside this folder and never this file.
 * TypeScript has no operators on classes and indexes by texts and numbers only. So here U256 and I256 are numbers, as the
 * native integers are, and Address and the fixed bytes are texts, each with the members that it has; the build finds what
 * this lets through, such as a u64 in the place of a U256.
 */
/// <reference path="./language.d.ts" />

export type U256 = number
export type I256 = number
export declare const U256: {
  readonly ZERO: U256
  readonly ONE: U256
  readonly MAX: U256
  from(value: u64): U256
  /** Reads digits, or 0x and hex digits; reverts on anything else. */
  parse(text: string): U256
  tryParse(text: string): U256 | null
  load(at: usize): U256
  min(a: U256, b: U256): U256
  max(a: U256, b: U256): U256
  fromBytes32(bytes: Bytes32): U256
}
export declare const I256: {
  readonly ZERO: I256
  readonly ONE: I256
  readonly MAX: I256
  readonly MIN: I256
  from(value: i64): I256
  fromBits(bits: U256): I256
  parse(text: string): I256
  load(at: usize): I256
}
export declare function u256(value: u64): U256
export declare function i256(value: i64): I256

export type Address = string & {
  readonly isZero: bool
  /** Wei held by the account. */
  readonly balance: U256
  readonly codeSize: i32
  readonly codeHash: Bytes32
  readonly code: Bytes
  equals(other: Address): bool
  notEquals(other: Address): bool
  toU256(): U256
}
export declare const Address: {
  readonly zero: Address
  /** Reads 40 hex digits after 0x; reverts on anything else. */
  parse(text: string): Address
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
export type Bytes32 = FixedBytes<32>
export declare const Bytes32: FixedBytesOf<32>

export declare class Bytes {
  constructor(length: i32)
  static view(start: usize, length: i32): Bytes
  static readonly empty: Bytes
  static fromString(text: string): Bytes
  static fromHex(text: string): Bytes
  [index: number]: u8
  readonly start: usize
  readonly length: i32
  get(index: i32): u8
  set(index: i32, value: u8): void
  slice(from: i32, to?: i32): Bytes
  copy(): Bytes
  concat(other: Bytes): Bytes
  equals(other: Bytes): bool
  notEquals(other: Bytes): bool
  keccak256(): Bytes32
  toText(): string
  toString(): string
}

/** Values by key in storage: `this.balanceOf[account]`. */
export type Mapping<K, V> = { [key: string | number]: V } & {
  get(key: K): V
  set(key: K, value: V): void
  delete(key: K): void
  slotOf(key: K): usize
}
/** An array in storage. */
export declare class StorageArray<T> {
  [index: number]: T
  readonly length: i32
  get(index: i32): T
  set(index: i32, value: T): void
  push(value: T): void
  grow(): T
  pop(): void
  swapRemove(index: i32): void
  clear(): void
  placeOf(index: i32): usize
  growPlace(): usize
}

/** Slots by their keys, where a standard names them. */
export declare function loadSlot(key: Bytes32): Bytes32
export declare function storeSlot(key: Bytes32, value: Bytes32): void

/** Several bases, the more basic one first: `extends Bases<ERC20, Ownable>`. The constructor begins with `super()`. */
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
/** Runs the constructor of one of several bases, the more basic ones first. */
export declare function construct<Base>(...args: readonly unknown[]): void

/** A member of an event that can be searched for. */
export type Indexed<T> = T
export declare function emit<T>(event: T): void
/** Shows a text in the log of a devnet's node and in tests. */
export declare function print(text: string): void
export declare function revert(reason: string): never
export declare function require(condition: bool, reason: string): void
export declare function panic(code: u32): never
export declare namespace PanicCode {
  const assertion: u32
  const overflow: u32
  const divisionByZero: u32
  const emptyArrayPop: u32
  const indexOutOfBounds: u32
  const outOfMemory: u32
}

export declare class CallResult {
  readonly success: bool
  readonly data: Bytes
  /** The text of Error(string); empty for anything else. */
  readonly reason: string
  /** The data; a failure is passed on. */
  orRevert(): Bytes
  constructor(success: bool, data: Bytes)
}
export declare function call(to: Address, data: Bytes, value?: U256, gas?: u64): CallResult
export declare function staticCall(to: Address, data: Bytes, gas?: u64): CallResult
export declare function delegateCall(to: Address, data: Bytes, gas?: u64): CallResult
export declare function sendValue(to: Address, value: U256): void
export declare function create(initCode: Bytes, value?: U256): Address
export declare function createWithSalt(initCode: Bytes, salt: Bytes32, value?: U256): Address
/** What the build adds to an interface of a contract. */
export interface Remote {
  readonly address: Address
  /** Wei for the next call. */
  withValue(value: U256): this
  /** The most gas of every later call. */
  withGas(gas: u64): this
}
/** The contract at the address, as the abstract class T that is marked @contractInterface shows it. */
export declare function contractAt<T>(address: Address): T & Remote

/** So many ether or gwei, in wei. */
export declare function ether(n: u64): U256
export declare function gwei(n: u64): U256
/** So many of them, in seconds. */
export declare function minutes(n: u64): u64
export declare function hours(n: u64): u64
export declare function days(n: u64): u64
export declare function weeks(n: u64): u64

/** The account that signed a hash with these 65 bytes; reverts when nobody did. */
export declare function recover(hash: Bytes32, signature: Bytes): Address
/** The same; the zero address when nobody did. */
export declare function tryRecover(hash: Bytes32, v: u8, r: Bytes32, s: Bytes32): Address
/** What is signed of an object of a class marked @struct (EIP-712). */
export declare function typedDataHash<T>(value: T, domain: Bytes32): Bytes32
export declare function hashStruct<T>(value: T): Bytes32
/** Of this contract on this chain. */
export declare function domainSeparator(name: string, version: string): Bytes32

export declare function abiEncode<T>(value: T): Bytes
export declare function abiDecode<T>(bytes: Bytes): T
export declare function keccak256(text: string): Bytes32

export declare const msg: { readonly sender: Address; readonly value: U256 }
export declare const tx: { readonly origin: Address; readonly gasPrice: U256 }
export declare const block: {
  readonly number: u64
  readonly timestamp: u64
  readonly chainId: u64
  readonly gasLimit: u64
  readonly baseFee: U256
  readonly coinbase: Address
}
export declare const self: { readonly address: Address; readonly balance: U256; readonly gasLeft: u64 }
