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
/** May be called while the contract is already running. */
declare function reentrant(target: any, name: any, descriptor?: any): any
/** Runs when ether comes without a call. */
declare function receive(target: any, name: any, descriptor?: any): any
/** Runs when no function has the selector. */
declare function fallback(target: any, name: any, descriptor?: any): any
/** Storage that lasts one transaction. */
declare function transient(target: any, name: any, descriptor?: any): any

interface Number {
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
  wrappingNeg(): number
  neg(): number
  not(): number
  addMod(other: number, modulus: number): number
  mulMod(other: number, modulus: number): number
  /** this * other / divisor, with the whole product in between. */
  mulDiv(other: number, divisor: number): number
  sqrt(): number
  shl(bits: i32): number
  shr(bits: i32): number
  equals(other: number): bool
  notEquals(other: number): bool
  lessThan(other: number): bool
  greaterThan(other: number): bool
  atMost(other: number): bool
  atLeast(other: number): bool
  readonly isZero: bool
  readonly isNegative: bool
  readonly fitsU64: bool
  readonly bitLength: i32
  readonly trailingZeros: i32
  readonly magnitude: number
  readonly bits: number
  toU64(): u64
  toU256(): number
  toHex(): string
  toBytes32(): import('./index.d.ts').Bytes32
  toWord(): usize
  store(at: usize): void
}
