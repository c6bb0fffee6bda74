/**
 * The build calls these in operations of native integers and in AssemblyScript's library (src/builder/nativeChecks.ts,
 * src/builder/language/checkedIntegers.ts).
 */

import { panic, PanicCode } from './revert'

/** Of an unsigned division by zero, or a remainder. */
export function panicDivision(): void {
  panic(PanicCode.divisionByZero)
}

/** Of a signed division by 0 or -1. */
export function checkDivision(isByZero: bool, isOfSmallest: bool): void {
  if (isByZero) panic(PanicCode.divisionByZero)
  if (isOfSmallest) panic(PanicCode.overflow)
}

/** Of a sum, a difference, a product or a sign that leaves its type. */
export function panicOverflow(): void {
  panic(PanicCode.overflow)
}

/** A product of native integers that does not wrap. */
export function checkedMul<T>(a: T, b: T): T {
  if (sizeof<T>() < 8) {
    const wide = <i64>a * <i64>b
    if (wide != <i64>(<T>wide)) panicOverflow()
    return <T>wide
  }
  if (!isSigned<T>()) {
    if ((a | b) >> <T>32 != 0 && a != 0 && (a * b) / a != b) panicOverflow()
    return <T>(a * b)
  }
  // Of -1 the least number is not the quotient of itself, and dividing it would trap.
  if (a == <T>-1) {
    if (<i64>b == i64.MIN_VALUE) panicOverflow()
  } else if (a != 0 && (a != <T>(<i32>a) || b != <T>(<i32>b)) && (a * b) / a != b) panicOverflow()
  return <T>(a * b)
}

/** A power of native integers that does not wrap; there is none of an exponent below zero. */
export function checkedPow<T>(base: T, exponent: T): T {
  if (isSigned<T>() && exponent < 0) panicOverflow()
  let result: T = 1
  let square = base
  for (let left = exponent; left != 0; ) {
    if (left & 1) result = checkedMul<T>(result, square)
    left = <T>(left >> 1)
    if (left != 0) square = checkedMul<T>(square, square)
  }
  return result
}

export function panicIndex(): void {
  panic(PanicCode.indexOutOfBounds)
}

export function panicPop(): void {
  panic(PanicCode.emptyArrayPop)
}

export function panicMemory(): void {
  panic(PanicCode.outOfMemory)
}
