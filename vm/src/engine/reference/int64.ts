/**
 * 64-bit integer instructions on values split in two signed 32-bit halves, because a bigint per value is too slow and
 * a 64-bit typed array laid over 32-bit cells would depend on the machine's byte order.
 *
 * The functions work in place on the operand stack: the left operand (or the only one) is cell `x`, the right one cell
 * `x + 1`, the result goes to cell `x`. Semantics: core specification, 4.3.2.
 */
import { WasmTrap } from '../trap.ts'

const MASK_32 = 0xffffffffn

/** The bits as a number from -2^63 to 2^63 - 1. */
export function joinSigned(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0)
}

function joinUnsigned(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

export function lowHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value))
}

export function highHalf(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n))
}

function isZero(low: Int32Array, high: Int32Array, x: number): boolean {
  return low[x] === 0 && high[x] === 0
}

function put(low: Int32Array, high: Int32Array, x: number, value: bigint): void {
  low[x] = Number(BigInt.asIntN(32, value & MASK_32))
  high[x] = Number(BigInt.asIntN(32, value >> 32n))
}

function lessSigned(low: Int32Array, high: Int32Array, x: number, y: number): boolean {
  return high[x] === high[y] ? low[x]! >>> 0 < low[y]! >>> 0 : high[x]! < high[y]!
}

function lessUnsigned(low: Int32Array, high: Int32Array, x: number, y: number): boolean {
  return high[x] === high[y] ? low[x]! >>> 0 < low[y]! >>> 0 : high[x]! >>> 0 < high[y]! >>> 0
}

/** i64.eq .. i64.ge_u (0x51..0x5a); the result is an i32. */
export function compare64(op: number, low: Int32Array, high: Int32Array, x: number): void {
  const y = x + 1
  low[x] = holds(op, low, high, x, y) ? 1 : 0
}

function holds(op: number, low: Int32Array, high: Int32Array, x: number, y: number): boolean {
  switch (op) {
    case 0x51: // i64.eq
      return low[x] === low[y] && high[x] === high[y]
    case 0x52: // i64.ne
      return low[x] !== low[y] || high[x] !== high[y]
    case 0x53: // i64.lt_s
      return lessSigned(low, high, x, y)
    case 0x54: // i64.lt_u
      return lessUnsigned(low, high, x, y)
    case 0x55: // i64.gt_s
      return lessSigned(low, high, y, x)
    case 0x56: // i64.gt_u
      return lessUnsigned(low, high, y, x)
    case 0x57: // i64.le_s
      return !lessSigned(low, high, y, x)
    case 0x58: // i64.le_u
      return !lessUnsigned(low, high, y, x)
    case 0x59: // i64.ge_s
      return !lessSigned(low, high, x, y)
    default: // ge_u
      return !lessUnsigned(low, high, x, y)
  }
}

/** i64.clz .. i64.popcnt and the sign extensions (0x79..0x7b, 0xc2..0xc4). */
export function unary64(op: number, low: Int32Array, high: Int32Array, x: number): void {
  switch (op) {
    case 0x79: // i64.clz
      low[x] = high[x] === 0 ? 32 + Math.clz32(low[x]!) : Math.clz32(high[x]!)
      high[x] = 0
      return
    case 0x7a: // i64.ctz
      low[x] = low[x] === 0 ? 32 + trailingZeros32(high[x]!) : trailingZeros32(low[x]!)
      high[x] = 0
      return
    case 0x7b: // i64.popcnt
      low[x] = populationCount32(low[x]!) + populationCount32(high[x]!)
      high[x] = 0
      return
    case 0xc2: // i64.extend8_s
      low[x] = (low[x]! << 24) >> 24
      break
    case 0xc3: // i64.extend16_s
      low[x] = (low[x]! << 16) >> 16
      break
    default: // extend32_s: the low half as it is
  }
  high[x] = low[x]! >> 31
}

/** i64.add .. i64.rotr (0x7c..0x8a). @throws WasmTrap for divisions. */
export function binary64(op: number, low: Int32Array, high: Int32Array, x: number): void {
  const y = x + 1
  switch (op) {
    case 0x7c: {
      // i64.add
      const sum = (low[x]! >>> 0) + (low[y]! >>> 0)
      low[x] = sum | 0
      high[x] = (high[x]! + high[y]! + (sum > 0xffffffff ? 1 : 0)) | 0
      return
    }
    case 0x7d: {
      // i64.sub
      const borrow = low[x]! >>> 0 < low[y]! >>> 0 ? 1 : 0
      low[x] = (low[x]! - low[y]!) | 0
      high[x] = (high[x]! - high[y]! - borrow) | 0
      return
    }
    case 0x7e: // i64.mul
      multiply(low, high, x)
      return
    case 0x7f: // i64.div_s
    case 0x80: // i64.div_u
    case 0x81: // i64.rem_s
    case 0x82: // i64.rem_u
      divide(op, low, high, x)
      return
    case 0x83: // i64.and
      low[x] = low[x]! & low[y]!
      high[x] = high[x]! & high[y]!
      return
    case 0x84: // i64.or
      low[x] = low[x]! | low[y]!
      high[x] = high[x]! | high[y]!
      return
    case 0x85: // i64.xor
      low[x] = low[x]! ^ low[y]!
      high[x] = high[x]! ^ high[y]!
      return
    default:
      shift(op, low, high, x)
      return
  }
}

/** Schoolbook on 16-bit digits for the lower 64 bits; all sums stay below 2^53. */
function multiply(low: Int32Array, high: Int32Array, x: number): void {
  const left = low[x]!
  const right = low[x + 1]!
  const left0 = left & 0xffff
  const left1 = left >>> 16
  const right0 = right & 0xffff
  const right1 = right >>> 16
  const lowest = left0 * right0
  const middle = left0 * right1 + left1 * right0 + (lowest >>> 16)
  const carried = left1 * right1 + Math.floor(middle / 0x10000)
  low[x] = (middle << 16) | (lowest & 0xffff)
  high[x] = (carried + Math.imul(left, high[x + 1]!) + Math.imul(high[x]!, right)) | 0
}

function divide(op: number, low: Int32Array, high: Int32Array, x: number): void {
  const y = x + 1
  if (isZero(low, high, y)) throw new WasmTrap('integer-divide-by-zero')
  const signed = op === 0x7f /* i64.div_s */ || op === 0x81 /* i64.rem_s */
  const remainder = op >= 0x81 /* i64.rem_s */
  if (high[x] === 0 && high[y] === 0) {
    // Both fit 32 bits unsigned, and so are not negative either way.
    const left = low[x]! >>> 0
    const right = low[y]! >>> 0
    low[x] = remainder ? (left % right) | 0 : Math.floor(left / right) | 0
    return
  }
  const join = signed ? joinSigned : joinUnsigned
  const left = join(low[x]!, high[x]!)
  const right = join(low[y]!, high[y]!)
  if (op === 0x7f /* i64.div_s */ && right === -1n && left === -(2n ** 63n)) throw new WasmTrap('integer-overflow')
  put(low, high, x, remainder ? left % right : left / right)
}

/** shl, shr_s, shr_u, rotl, rotr (0x86..0x8a). */
function shift(op: number, low: Int32Array, high: Int32Array, x: number): void {
  let by = low[x + 1]! & 63
  let lower = low[x]!
  let upper = high[x]!
  if (op >= 0x89 /* i64.rotl */) {
    if (op === 0x8a /* i64.rotr */) by = (64 - by) & 63
    if (by >= 32) {
      ;[lower, upper] = [upper, lower]
      by -= 32
    }
    if (by !== 0) {
      const rest = lower >>> (32 - by)
      lower = (lower << by) | (upper >>> (32 - by))
      upper = (upper << by) | rest
    }
  } else if (by !== 0) {
    const fill = op === 0x87 /* i64.shr_s */ ? upper >> 31 : 0
    if (op === 0x86 /* i64.shl */) {
      upper = by >= 32 ? lower << (by - 32) : (upper << by) | (lower >>> (32 - by))
      lower = by >= 32 ? 0 : lower << by
    } else if (by >= 32) {
      lower = op === 0x87 /* i64.shr_s */ ? upper >> (by - 32) : upper >>> (by - 32)
      upper = fill
    } else {
      lower = (lower >>> by) | (upper << (32 - by))
      upper = op === 0x87 /* i64.shr_s */ ? upper >> by : upper >>> by
    }
  }
  low[x] = lower
  high[x] = upper
}

export function trailingZeros32(value: number): number {
  return value === 0 ? 32 : 31 - Math.clz32(value & -value)
}

export function populationCount32(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
