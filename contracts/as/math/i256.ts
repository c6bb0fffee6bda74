/**
 * Signed 256-bit integers: Solidity's `int256`, two's complement.
 *
 * `+ - * / % -` check and revert as Solidity 0.8 does; division rounds towards zero, the remainder has the sign of the
 * dividend, `>>` keeps the sign. The bits are those of a U256.
 */

import { panic, PanicCode, revert } from '../revert'
import { clearBytes, readSlot, writeSlot } from '../storage/slot'
import { U256 } from './u256'

/** Solidity's `int256`, immutable. `+ - * / %` panic as in Solidity 0.8; division rounds towards zero. */
@final
@unmanaged
export class I256 {
  constructor(
    readonly lo1: u64 = 0,
    readonly lo2: u64 = 0,
    readonly hi1: u64 = 0,
    readonly hi2: u64 = 0,
  ) {}

  static get ZERO(): I256 {
    return new I256()
  }

  static get ONE(): I256 {
    return new I256(1)
  }

  /** 2^255 - 1. */
  static get MAX(): I256 {
    return new I256(u64.MAX_VALUE, u64.MAX_VALUE, u64.MAX_VALUE, u64.MAX_VALUE >> 1)
  }

  /** -2^255. */
  static get MIN(): I256 {
    return new I256(0, 0, 0, (<u64>1) << 63)
  }

  static from(value: i64): I256 {
    const sign = <u64>(value >> 63)
    return new I256(<u64>value, sign, sign, sign)
  }

  /** The same 256 bits read as a signed number. */
  static fromBits(bits: U256): I256 {
    return changetype<I256>(bits)
  }

  /** Reads an optional sign, then decimal digits or 0x and hex digits. Reverts on anything else and out of range. */
  static parse(text: string): I256 {
    const isNegative = text.length > 0 && text.charCodeAt(0) == 0x2d
    const magnitude = U256.tryParse(isNegative ? text.substring(1) : text)
    if (!magnitude) {
      revert('I256.parse: not a 256-bit number')
      return new I256()
    }
    const value = I256.fromBits(isNegative ? magnitude.wrappingNeg() : magnitude)
    if (!magnitude.isZero && value.isNegative != isNegative) revert('I256.parse: not a 256-bit number')
    return value
  }

  static load(at: usize): I256 {
    return I256.fromBits(U256.load(at))
  }

  store(at: usize): void {
    this.bits.store(at)
  }

  /** The same 256 bits read as an unsigned number. */
  get bits(): U256 {
    return changetype<U256>(this)
  }

  /** The value as U256; Panic 0x11 when negative. */
  toU256(): U256 {
    if (this.isNegative) panic(PanicCode.overflow)
    return this.bits
  }

  get isNegative(): bool {
    return <i64>this.hi2 < 0
  }

  get isZero(): bool {
    return this.bits.isZero
  }

  /** The absolute value; that of MIN is 2^255. */
  get magnitude(): U256 {
    return this.isNegative ? this.bits.wrappingNeg() : this.bits
  }

  @operator('+')
  add(other: I256): I256 {
    const sum = this.wrappingAdd(other)
    // Overflow exactly when both have one sign and the sum the other.
    if (<i64>((this.hi2 ^ sum.hi2) & (other.hi2 ^ sum.hi2)) < 0) panic(PanicCode.overflow)
    return sum
  }

  @operator('-')
  sub(other: I256): I256 {
    const difference = this.wrappingSub(other)
    if (<i64>((this.hi2 ^ other.hi2) & (this.hi2 ^ difference.hi2)) < 0) panic(PanicCode.overflow)
    return difference
  }

  @operator('*')
  mul(other: I256): I256 {
    return signed(this.magnitude.mul(other.magnitude), this.isNegative != other.isNegative)
  }

  @operator('/')
  div(other: I256): I256 {
    return signed(this.magnitude.div(other.magnitude), this.isNegative != other.isNegative)
  }

  @operator('%')
  rem(other: I256): I256 {
    const rest = this.magnitude.rem(other.magnitude)
    return I256.fromBits(this.isNegative ? rest.wrappingNeg() : rest)
  }

  @operator.prefix('-')
  neg(): I256 {
    return new I256().sub(this)
  }

  wrappingAdd(other: I256): I256 {
    return I256.fromBits(this.bits.wrappingAdd(other.bits))
  }

  wrappingSub(other: I256): I256 {
    return I256.fromBits(this.bits.wrappingSub(other.bits))
  }

  wrappingMul(other: I256): I256 {
    return I256.fromBits(this.bits.wrappingMul(other.bits))
  }

  @operator('<<')
  shl(bits: i32): I256 {
    return I256.fromBits(this.bits.shl(bits))
  }

  /** Arithmetic shift: rounds towards minus infinity. */
  @operator('>>')
  shr(bits: i32): I256 {
    if (!this.isNegative) return I256.fromBits(this.bits.shr(bits))
    return I256.fromBits(this.bits.not().shr(bits).not())
  }

  @operator('&')
  and(other: I256): I256 {
    return I256.fromBits(this.bits.and(other.bits))
  }

  @operator('|')
  or(other: I256): I256 {
    return I256.fromBits(this.bits.or(other.bits))
  }

  @operator('^')
  xor(other: I256): I256 {
    return I256.fromBits(this.bits.xor(other.bits))
  }

  @operator.prefix('~')
  not(): I256 {
    return I256.fromBits(this.bits.not())
  }

  @operator('==')
  equals(other: I256): bool {
    return this.bits.equals(other.bits)
  }

  @operator('!=')
  notEquals(other: I256): bool {
    return !this.bits.equals(other.bits)
  }

  @operator('<')
  lessThan(other: I256): bool {
    if (this.isNegative != other.isNegative) return this.isNegative
    return this.bits.lessThan(other.bits)
  }

  @operator('>')
  greaterThan(other: I256): bool {
    return other.lessThan(this)
  }

  @operator('<=')
  atMost(other: I256): bool {
    return !other.lessThan(this)
  }

  @operator('>=')
  atLeast(other: I256): bool {
    return !this.lessThan(other)
  }

  /** Decimal digits after an optional minus. */
  toString(): string {
    const digits = this.magnitude.toString()
    return this.isNegative ? '-' + digits : digits
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
    this.store(at)
  }
  __read(at: usize, end: usize): I256 {
    return I256.load(at)
  }
  __slots(): i32 {
    return 1
  }
  __width(): i32 {
    return 32
  }
  __load(slot: usize, offset: i32): I256 {
    return I256.load(readSlot(slot))
  }
  __save(slot: usize, offset: i32): void {
    writeSlot(slot, this.bits.toWord())
  }
  __zero(): I256 {
    return I256.ZERO
  }
  __unpack(word: usize, offset: i32): I256 {
    return I256.load(word)
  }
  __pack(word: usize, offset: i32): void {
    this.bits.store(word)
  }
  __clear(slot: usize, offset: i32): void {
    clearBytes(slot, offset, 32)
  }
}

/** Shorthand: i256(-5). */
export function i256(value: i64): I256 {
  return I256.from(value)
}

// The build replaces i256(...) with these: see src/builder/language/amounts.ts.

/** A u64, whose highest bit is no sign. */
export function i256OfUnsigned(value: u64): I256 {
  return new I256(value)
}

/** A constant of more than 64 bits. */
export function i256OfLimbs(lo1: u64, lo2: u64, hi1: u64, hi2: u64): I256 {
  return new I256(lo1, lo2, hi1, hi2)
}

/** Gives a magnitude its sign; Panic 0x11 when the result is out of range. */
function signed(magnitude: U256, isNegative: bool): I256 {
  const value = I256.fromBits(isNegative ? magnitude.wrappingNeg() : magnitude)
  if (!magnitude.isZero && value.isNegative != isNegative) panic(PanicCode.overflow)
  return value
}
