/** Decorators that the build takes out, and the members of numbers that are U256 or I256 (index.d.ts). */

/** A contract, which is built to an artifact; abstract ones are bases of others. */
declare function contract(target: any): any
/** Functions of another contract: an abstract class with abstract methods, called by `contractAt<T>(address)`. */
declare function contractInterface(target: any): any
declare function struct(target: any): any
/** Several return values. */
declare function returns(target: any): any
declare function event(target: any): any
declare function error(target: any): any
/** Callable from outside. */
declare function external(target: any, name: any, descriptor?: any): any
/** Callable, and changes nothing; of a field, its getter. */
declare function view(target: any, name: any, descriptor?: any): any
/** Callable, and reads no state either. */
declare function pure(target: any, name: any, descriptor?: any): any
/** Takes ether. */
declare function payable(target: any, name: any, descriptor?: any): any
/** The name that callers know, where it is another: of functions that differ in parameters several may have it. */
declare function named(name: string): (target: any, name: any, descriptor?: any) => any
/** May be called while the contract is already running. */
declare function reentrant(target: any, name: any, descriptor?: any): any
/** Runs when ether comes without a call. */
declare function receive(target: any, name: any, descriptor?: any): any
/** Runs when no function has the selector. */
declare function fallback(target: any, name: any, descriptor?: any): any
/** Set once, in the constructor (`this.field = …`); value types only. */
declare function immutable(target: any, name: any): any
/** Storage that lasts one transaction. */
declare function transient(target: any, name: any, descriptor?: any): any

interface Number {
  /** Decimal digits. */
  toString(radix?: i32): string
  add(other: number): number
  sub(other: number): number
  mul(other: number): number
  div(other: number): number
  rem(other: number): number
  wrappingAdd(other: number): number
  wrappingSub(other: number): number
  wrappingMul(other: number): number
  and(other: number): number
  or(other: number): number
  xor(other: number): number
  pow(exponent: number): number
  wrappingPow(exponent: number): number
  /** -this modulo 2^256. */
  wrappingNeg(): number
  neg(): number
  not(): number
  /** (this + other) % modulus without overflow in between; Panic 0x12 for modulus 0. */
  addMod(other: number, modulus: number): number
  /** (this * other) % modulus without overflow in between; Panic 0x12 for modulus 0. */
  mulMod(other: number, modulus: number): number
  /**
   * this * other / divisor, rounded down, with a 512-bit product in between. Reverts with Panic 0x12 for divisor 0,
   * 0x11 when the quotient does not fit. Method: Remco Bloemen, "Mathemagic: full mul-div".
   */
  mulDiv(other: number, divisor: number): number
  /** The largest integer whose square is at most this. */
  sqrt(): number
  /** Shifts left; bits beyond 2^256 are lost, as in Solidity. Shifts of 256 and more give 0. */
  shl(bits: i32): number
  /** Shifts right. Shifts of 256 and more give 0. */
  shr(bits: i32): number
  equals(other: number): bool
  notEquals(other: number): bool
  lessThan(other: number): bool
  greaterThan(other: number): bool
  atMost(other: number): bool
  atLeast(other: number): bool
  /** Whether it is 0: conditions are bools, so `!amount.isZero` and not `amount`. */
  readonly isZero: bool
  readonly isNegative: bool
  /** Whether it is less than 2^64. */
  readonly fitsU64: bool
  /** Position of the highest set bit plus one; 0 for zero. */
  readonly bitLength: i32
  readonly trailingZeros: i32
  /** The absolute value; that of MIN is 2^255. */
  readonly magnitude: number
  /** The same 256 bits read as an unsigned number. */
  readonly bits: number
  /** The value as u64; reverts with Panic 0x11 when it does not fit. */
  toU64(): u64
  /** The value as U256; Panic 0x11 when negative. */
  toU256(): number
  /** 0x and hex digits without leading zeros. */
  toHex(): string
  /** The value as 32 big-endian bytes. */
  toBytes32(): import('./index.d.ts').Bytes32
  /** A new big-endian word with this value. */
  toWord(): usize
  /** Writes a big-endian word. */
  store(at: usize): void
}
