/** The operators and builtin functions of AssemblyScript and the SDK's numbers, on BigInt. */

import type { Arithmetic, Builtin, Comparison } from './program.ts'
import { bitsOf, fits, isSigned, isWide, type ValueType, wrap } from './types.ts'

/** The call reverts; the message is the error as a client shows it. */
export class Panic extends Error {}

const OVERFLOW = 'arithmetic underflow or overflow (panic 0x11)'
const DIVISION_BY_ZERO = 'division or modulo by zero (panic 0x12)'

/** Where the result does not fit, native types wrap or panic, and U256 and I256 panic. Operands and result are of `type`. */
export function arithmetic(type: ValueType, op: Arithmetic, left: bigint, right: bigint, isChecked: boolean): bigint {
  const checked = (value: bigint) => fitting(type, value, isChecked)
  switch (op) {
    case '+':
      return checked(left + right)
    case '-':
      return checked(left - right)
    case '*':
      return checked(left * right)
    case '/':
      if (right === 0n) throw new Panic(DIVISION_BY_ZERO)
      // The least number by -1.
      if (!fits(type, left / right)) throw new Panic(OVERFLOW)
      return left / right
    case '%':
      if (right === 0n) throw new Panic(DIVISION_BY_ZERO)
      return wrap(type, left % right)
    case '**':
      return checked(left ** right)
    case '&':
      return wrap(type, left & right)
    case '|':
      return wrap(type, left | right)
    case '^':
      return wrap(type, left ^ right)
    case '<<':
      return wrap(type, left << shift(type, right))
    case '>>':
      return wrap(type, left >> shift(type, right))
    case '>>>':
      // As in JavaScript, what is smaller is widened to 32 bits first, with its sign.
      return wrap(type, BigInt.asUintN(Math.max(32, bitsOf(type)), left) >> shift(type, right))
  }
}

/** Native types look at the lowest bits of a shift; the wide ones take it whole. */
function shift(type: ValueType, amount: bigint): bigint {
  return isWide(type) ? amount : amount & BigInt(bitsOf(type) - 1)
}

export function fitting(type: ValueType, value: bigint, isChecked: boolean): bigint {
  // Addresses wrap.
  const ends = isWide(type) || (isChecked && type !== 'usize' && type !== 'isize')
  if (ends && !fits(type, value)) throw new Panic(OVERFLOW)
  return wrap(type, value)
}

export function compares(op: Comparison, left: bigint, right: bigint): boolean {
  switch (op) {
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}

export function builtin(type: ValueType, name: Builtin, args: readonly bigint[]): bigint {
  const [a = 0n, b = 0n, c = 0n] = args
  const bits = bitsOf(type)
  const pattern = BigInt.asUintN(bits, a)
  switch (name) {
    case 'min':
      return a < b ? a : b
    case 'max':
      return a > b ? a : b
    case 'abs':
      return wrap(type, isSigned(type) && a < 0n ? -a : a)
    case 'rotl':
      return wrap(type, rotate(pattern, b, bits))
    case 'rotr':
      return wrap(type, rotate(pattern, -b, bits))
    case 'clz':
      return BigInt(bits - (pattern === 0n ? 0 : pattern.toString(2).length))
    case 'ctz':
      return pattern === 0n ? BigInt(bits) : BigInt((/0*$/.exec(pattern.toString(2)) as RegExpExecArray)[0].length)
    case 'popcnt':
      return BigInt(pattern.toString(2).replaceAll('0', '').length)
    case 'select':
      return c !== 0n ? a : b
  }
}

function rotate(pattern: bigint, amount: bigint, bits: number): bigint {
  const left = amount & BigInt(bits - 1)
  return (pattern << left) | (pattern >> (BigInt(bits) - left))
}
