/** The build calls these in divisions of native integers and in AssemblyScript's library (src/builder/nativeChecks.ts). */

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

export function panicIndex(): void {
  panic(PanicCode.indexOutOfBounds)
}

export function panicPop(): void {
  panic(PanicCode.emptyArrayPop)
}

export function panicMemory(): void {
  panic(PanicCode.outOfMemory)
}
