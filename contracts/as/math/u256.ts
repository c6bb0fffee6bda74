/**
 * Unsigned 256-bit integers: Solidity's `uint256`.
 *
 * Values are immutable. `+ - * / % **` check and revert as Solidity 0.8 does (Panic 0x11 on overflow, 0x12 on division
 * by zero); `wrappingAdd` and its kin are modulo 2^256. Four 64-bit limbs, least significant first. Addition,
 * multiplication, shifts and comparisons are our own code; division by more than 64 bits, powers and modular products
 * go to the host, where they cost less gas than in Wasm.
 */

import { Bytes32 } from '../bytes32'
import { math_add_mod, math_div, math_mod, math_mul_mod, math_pow } from '../hostio'
import { panic, PanicCode, revert } from '../revert'
import { clearBytes, readSlot, writeSlot } from '../storage/slot'
import { addLimbs, divLimbsBySmall, mulLimbs, subLimbs } from './limbs'

/** Solidity's `uint256`, immutable. `+ - * / % **` panic as in Solidity 0.8: 0x11 on overflow, 0x12 on division by zero. */
@final
@unmanaged
export class U256 {
  constructor(
    readonly lo1: u64 = 0,
    readonly lo2: u64 = 0,
    readonly hi1: u64 = 0,
    readonly hi2: u64 = 0,
  ) {}

  static get ZERO(): U256 {
    return new U256()
  }

  static get ONE(): U256 {
    return new U256(1)
  }

  /** 2^256 - 1. */
  static get MAX(): U256 {
    return new U256(u64.MAX_VALUE, u64.MAX_VALUE, u64.MAX_VALUE, u64.MAX_VALUE)
  }

  /** The same number. `u256(n)` is shorter. */
  static from(value: u64): U256 {
    return new U256(value)
  }

  /** Reads decimal digits, or hex digits after 0x. Reverts on anything else, and on more than 256 bits. */
  static parse(text: string): U256 {
    const value = U256.tryParse(text)
    if (!value) {
      revert('U256.parse: not a 256-bit number')
      return new U256()
    }
    return value
  }

  /** As `parse`, but null for text that is not a number of at most 256 bits. */
  static tryParse(text: string): U256 | null {
    const length = text.length
    const isHex = length > 2 && text.charCodeAt(0) == 0x30 && (text.charCodeAt(1) | 0x20) == 0x78
    const radix = new U256(isHex ? 16 : 10)
    let i = isHex ? 2 : 0
    if (i >= length) return null
    let value = new U256()
    for (; i < length; i++) {
      const digit = digitValue(<u32>text.charCodeAt(i), isHex)
      if (digit < 0) return null
      const shifted = new U256()
      if (mulLimbs(changetype<usize>(value), changetype<usize>(radix), changetype<usize>(shifted))) return null
      value = shifted.wrappingAdd(new U256(<u64>digit))
      if (value.lessThan(shifted)) return null
    }
    return value
  }

  /** Reads a big-endian word. */
  static load(at: usize): U256 {
    return new U256(
      bswap<u64>(load<u64>(at, 24)),
      bswap<u64>(load<u64>(at, 16)),
      bswap<u64>(load<u64>(at, 8)),
      bswap<u64>(load<u64>(at)),
    )
  }

  /** Writes a big-endian word. */
  store(at: usize): void {
    store<u64>(at, bswap<u64>(this.hi2))
    store<u64>(at, bswap<u64>(this.hi1), 8)
    store<u64>(at, bswap<u64>(this.lo2), 16)
    store<u64>(at, bswap<u64>(this.lo1), 24)
  }

  /** A new big-endian word with this value. */
  toWord(): usize {
    const word = __alloc(32)
    this.store(word)
    return word
  }

  /** Whether it is 0: conditions are bools, so `!amount.isZero` and not `amount`. */
  get isZero(): bool {
    return (this.lo1 | this.lo2 | this.hi1 | this.hi2) == 0
  }

  /** Whether it is less than 2^64. */
  get fitsU64(): bool {
    return (this.lo2 | this.hi1 | this.hi2) == 0
  }

  /** The value as u64; reverts with Panic 0x11 when it does not fit. */
  toU64(): u64 {
    if (!this.fitsU64) panic(PanicCode.overflow)
    return this.lo1
  }

  /** Position of the highest set bit plus one; 0 for zero. */
  get bitLength(): i32 {
    if (this.hi2) return 256 - <i32>clz<u64>(this.hi2)
    if (this.hi1) return 192 - <i32>clz<u64>(this.hi1)
    if (this.lo2) return 128 - <i32>clz<u64>(this.lo2)
    return 64 - <i32>clz<u64>(this.lo1)
  }

  @operator('+')
  add(other: U256): U256 {
    const sum = new U256()
    if (addLimbs(changetype<usize>(this), changetype<usize>(other), changetype<usize>(sum))) panic(PanicCode.overflow)
    return sum
  }

  @operator('-')
  sub(other: U256): U256 {
    const rest = new U256()
    if (subLimbs(changetype<usize>(this), changetype<usize>(other), changetype<usize>(rest))) panic(PanicCode.overflow)
    return rest
  }

  @operator('*')
  mul(other: U256): U256 {
    const product = new U256()
    if (mulLimbs(changetype<usize>(this), changetype<usize>(other), changetype<usize>(product))) panic(PanicCode.overflow)
    return product
  }

  @operator('/')
  div(other: U256): U256 {
    if (other.fitsU64) {
      const divisor = other.lo1
      if (divisor == 0) panic(PanicCode.divisionByZero)
      if (this.fitsU64) return new U256(this.lo1 / divisor)
      if (divisor >> 32 == 0) {
        const quotient = new U256(this.lo1, this.lo2, this.hi1, this.hi2)
        divLimbsBySmall(changetype<usize>(quotient), divisor)
        return quotient
      }
    }
    if (this.lessThan(other)) return new U256()
    const value = this.toWord()
    math_div(value, other.toWord())
    return U256.load(value)
  }

  @operator('%')
  rem(other: U256): U256 {
    if (other.fitsU64) {
      const divisor = other.lo1
      if (divisor == 0) panic(PanicCode.divisionByZero)
      if (this.fitsU64) return new U256(this.lo1 % divisor)
    }
    if (this.lessThan(other)) return this
    const value = this.toWord()
    math_mod(value, other.toWord())
    return U256.load(value)
  }

  @operator('**')
  pow(exponent: U256): U256 {
    if (exponent.isZero) return U256.ONE
    if (this.fitsU64 && this.lo1 < 2) return this
    // 2^256 is out of range, so any exponent above 255 is too.
    if (!exponent.fitsU64 || exponent.lo1 > 255) panic(PanicCode.overflow)
    let result = U256.ONE
    let base: U256 = this
    let left = exponent.lo1
    while (true) {
      if (left & 1) result = result.mul(base)
      left >>= 1
      if (left == 0) return result
      base = base.mul(base)
    }
  }

  wrappingAdd(other: U256): U256 {
    const sum = new U256()
    addLimbs(changetype<usize>(this), changetype<usize>(other), changetype<usize>(sum))
    return sum
  }

  wrappingSub(other: U256): U256 {
    const rest = new U256()
    subLimbs(changetype<usize>(this), changetype<usize>(other), changetype<usize>(rest))
    return rest
  }

  wrappingMul(other: U256): U256 {
    const product = new U256()
    mulLimbs(changetype<usize>(this), changetype<usize>(other), changetype<usize>(product))
    return product
  }

  wrappingPow(exponent: U256): U256 {
    const value = this.toWord()
    math_pow(value, exponent.toWord())
    return U256.load(value)
  }

  /** -this modulo 2^256. */
  wrappingNeg(): U256 {
    return new U256().wrappingSub(this)
  }

  /** (this + other) % modulus without overflow in between; Panic 0x12 for modulus 0. */
  addMod(other: U256, modulus: U256): U256 {
    if (modulus.isZero) panic(PanicCode.divisionByZero)
    const value = this.toWord()
    math_add_mod(value, other.toWord(), modulus.toWord())
    return U256.load(value)
  }

  /** (this * other) % modulus without overflow in between; Panic 0x12 for modulus 0. */
  mulMod(other: U256, modulus: U256): U256 {
    if (modulus.isZero) panic(PanicCode.divisionByZero)
    const value = this.toWord()
    math_mul_mod(value, other.toWord(), modulus.toWord())
    return U256.load(value)
  }

  /**
   * this * other / divisor, rounded down, with a 512-bit product in between. Reverts with Panic 0x12 for divisor 0,
   * 0x11 when the quotient does not fit. Method: Remco Bloemen, "Mathemagic: full mul-div".
   */
  mulDiv(other: U256, divisor: U256): U256 {
    const low = new U256()
    if (!mulLimbs(changetype<usize>(this), changetype<usize>(other), changetype<usize>(low))) return low.div(divisor)
    if (divisor.isZero) panic(PanicCode.divisionByZero)
    // The product modulo 2^256 - 1 and modulo 2^256 give its high word.
    const rest = this.mulMod(other, U256.MAX)
    let high = rest.wrappingSub(low)
    if (rest.lessThan(low)) high = high.wrappingSub(U256.ONE)
    if (!high.lessThan(divisor)) panic(PanicCode.overflow)
    // Take the remainder off, then the powers of two, then divide exactly by multiplying with the inverse.
    const remainder = this.mulMod(other, divisor)
    if (low.lessThan(remainder)) high = high.wrappingSub(U256.ONE)
    const exact = low.wrappingSub(remainder)
    const shift = divisor.trailingZeros
    const odd = divisor.shr(shift)
    const quotientLow = shift ? exact.shr(shift).or(high.shl(256 - shift)) : exact
    const two = new U256(2)
    let inverse = new U256(3).wrappingMul(odd).xor(two)
    for (let i = 0; i < 6; i++) inverse = inverse.wrappingMul(two.wrappingSub(odd.wrappingMul(inverse)))
    return quotientLow.wrappingMul(inverse)
  }

  /** The largest integer whose square is at most this. */
  sqrt(): U256 {
    if (this.isZero) return this
    // Newton from above: the start is at least the root, so each step falls until it is reached.
    let guess = U256.ONE.shl((this.bitLength + 1) >> 1)
    while (true) {
      const next = guess.wrappingAdd(this.div(guess)).shr(1)
      if (!next.lessThan(guess)) return guess
      guess = next
    }
  }

  get trailingZeros(): i32 {
    if (this.lo1) return <i32>ctz<u64>(this.lo1)
    if (this.lo2) return 64 + <i32>ctz<u64>(this.lo2)
    if (this.hi1) return 128 + <i32>ctz<u64>(this.hi1)
    if (this.hi2) return 192 + <i32>ctz<u64>(this.hi2)
    return 256
  }

  /** Shifts left; bits beyond 2^256 are lost, as in Solidity. Shifts of 256 and more give 0. */
  @operator('<<')
  shl(bits: i32): U256 {
    if (<u32>bits >= 256) return new U256()
    const result = new U256()
    const limbs = bits >> 6
    const rest = <u64>(bits & 63)
    for (let i = 3; i >= limbs; i--) {
      let limb = load<u64>(changetype<usize>(this) + (<usize>(i - limbs) << 3)) << rest
      if (rest && i > limbs) limb |= load<u64>(changetype<usize>(this) + (<usize>(i - limbs - 1) << 3)) >> (64 - rest)
      store<u64>(changetype<usize>(result) + (<usize>i << 3), limb)
    }
    return result
  }

  /** Shifts right. Shifts of 256 and more give 0. */
  @operator('>>')
  shr(bits: i32): U256 {
    if (<u32>bits >= 256) return new U256()
    const result = new U256()
    const limbs = bits >> 6
    const rest = <u64>(bits & 63)
    for (let i = 0; i + limbs < 4; i++) {
      let limb = load<u64>(changetype<usize>(this) + (<usize>(i + limbs) << 3)) >> rest
      if (rest && i + limbs < 3) limb |= load<u64>(changetype<usize>(this) + (<usize>(i + limbs + 1) << 3)) << (64 - rest)
      store<u64>(changetype<usize>(result) + (<usize>i << 3), limb)
    }
    return result
  }

  @operator('&')
  and(other: U256): U256 {
    return new U256(this.lo1 & other.lo1, this.lo2 & other.lo2, this.hi1 & other.hi1, this.hi2 & other.hi2)
  }

  @operator('|')
  or(other: U256): U256 {
    return new U256(this.lo1 | other.lo1, this.lo2 | other.lo2, this.hi1 | other.hi1, this.hi2 | other.hi2)
  }

  @operator('^')
  xor(other: U256): U256 {
    return new U256(this.lo1 ^ other.lo1, this.lo2 ^ other.lo2, this.hi1 ^ other.hi1, this.hi2 ^ other.hi2)
  }

  @operator.prefix('~')
  not(): U256 {
    return new U256(~this.lo1, ~this.lo2, ~this.hi1, ~this.hi2)
  }

  @operator('==')
  equals(other: U256): bool {
    return (
      ((this.lo1 ^ other.lo1) | (this.lo2 ^ other.lo2) | (this.hi1 ^ other.hi1) | (this.hi2 ^ other.hi2)) == 0
    )
  }

  @operator('!=')
  notEquals(other: U256): bool {
    return !this.equals(other)
  }

  @operator('<')
  lessThan(other: U256): bool {
    if (this.hi2 != other.hi2) return this.hi2 < other.hi2
    if (this.hi1 != other.hi1) return this.hi1 < other.hi1
    if (this.lo2 != other.lo2) return this.lo2 < other.lo2
    return this.lo1 < other.lo1
  }

  @operator('>')
  greaterThan(other: U256): bool {
    return other.lessThan(this)
  }

  @operator('<=')
  atMost(other: U256): bool {
    return !other.lessThan(this)
  }

  @operator('>=')
  atLeast(other: U256): bool {
    return !this.lessThan(other)
  }

  static min(a: U256, b: U256): U256 {
    return b.lessThan(a) ? b : a
  }

  static max(a: U256, b: U256): U256 {
    return a.lessThan(b) ? b : a
  }

  /** Decimal digits. */
  toString(): string {
    const rest = new U256(this.lo1, this.lo2, this.hi1, this.hi2)
    const digits = __alloc(160)
    let at = digits + 160
    do {
      let chunk = divLimbsBySmall(changetype<usize>(rest), 1000000000)
      const last = rest.isZero
      for (let i = 0; i < 9 && (!last || chunk != 0 || i == 0); i++) {
        at -= 2
        store<u16>(at, 0x30 + <u16>(chunk % 10))
        chunk /= 10
      }
    } while (!rest.isZero)
    return textOf(at, digits + 160)
  }

  /** 0x and hex digits without leading zeros. */
  toHex(): string {
    const digits = __alloc(132)
    let at = digits + 132
    let count = max((this.bitLength + 3) >> 2, 1)
    for (let i = 0; i < count; i++) {
      const limb = load<u64>(changetype<usize>(this) + (<usize>(i >> 4) << 3))
      const digit = <u32>(limb >> (<u64>(i & 15) << 2)) & 15
      at -= 2
      store<u16>(at, digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
    store<u16>(at - 2, 0x78)
    store<u16>(at - 4, 0x30)
    return textOf(at - 4, digits + 132)
  }

  /** The value as 32 big-endian bytes. */
  toBytes32(): Bytes32 {
    const bytes = Bytes32.zero
    this.store(changetype<usize>(bytes))
    return bytes
  }

  static fromBytes32(bytes: Bytes32): U256 {
    return U256.load(changetype<usize>(bytes))
  }

  // The ABI (abi/codec.ts) and storage (storage/value.ts) ask these of every type.
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
  __read(at: usize, end: usize): U256 {
    return U256.load(at)
  }
  __slots(): i32 {
    return 1
  }
  __width(): i32 {
    return 32
  }
  __load(slot: usize, offset: i32): U256 {
    return U256.load(readSlot(slot))
  }
  __save(slot: usize, offset: i32): void {
    writeSlot(slot, this.toWord())
  }
  __zero(): U256 {
    return U256.ZERO
  }
  __unpack(word: usize, offset: i32): U256 {
    return U256.load(word)
  }
  __pack(word: usize, offset: i32): void {
    this.store(word)
  }
  __clear(slot: usize, offset: i32): void {
    clearBytes(slot, offset, 32)
  }
}

/** Shorthand: u256(5). */
export function u256(value: u64): U256 {
  return new U256(value)
}

// The build replaces u256(...) with these: see src/builder/language/amounts.ts.

/** A signed number as an unsigned one; Panic 0x11 when it is negative. */
export function nonNegative(value: i64): u64 {
  if (value < 0) panic(PanicCode.overflow)
  return <u64>value
}

/** A constant of more than 64 bits. */
export function u256OfLimbs(lo1: u64, lo2: u64, hi1: u64, hi2: u64): U256 {
  return new U256(lo1, lo2, hi1, hi2)
}

function digitValue(char: u32, isHex: bool): i32 {
  if (char >= 0x30 && char <= 0x39) return char - 0x30
  if (!isHex) return -1
  const lower = char | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** UTF-16 units from `start` to `end` as a string. */
export function textOf(start: usize, end: usize): string {
  const text = changetype<string>(__new(end - start, idof<string>()))
  memory.copy(changetype<usize>(text), start, end - start)
  return text
}
