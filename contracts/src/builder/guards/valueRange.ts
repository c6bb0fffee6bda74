/**
 * The values that an expression of type i32 can have, as far as its own nodes tell, whatever locals, calls and globals
 * hold.
 */

import { internals as as, type ExpressionRef } from '../internals.ts'

/** Both ends belong to it; read as signed 32-bit integers. */
export interface ValueRange {
  readonly low: number
  readonly high: number
}

const MIN = -(2 ** 31)
const MAX = 2 ** 31 - 1
const ANY: ValueRange = { low: MIN, high: MAX }
const TRUTH: ValueRange = { low: 0, high: 1 }
/** How far down to look; a value below may be anything. Bounds the work over a long chain of operations. */
const DEPTH_LIMIT = 8

const { BinaryOp, UnaryOp, ExpressionId } = as
const COMPARISONS = new Set(
  ['Eq', 'Ne', 'Lt', 'Le', 'Gt', 'Ge'].flatMap((name) =>
    ['I32', 'U32', 'I64', 'U64', 'F32', 'F64'].map((type) => BinaryOp[name + type]),
  ),
)

export function valueRange(expr: ExpressionRef, depth = 0): ValueRange {
  if (depth > DEPTH_LIMIT) return ANY
  const below = (child: ExpressionRef) => valueRange(child, depth + 1)
  switch (as.getExpressionId(expr)) {
    case ExpressionId['Const']: {
      if (as.getExpressionType(expr) !== as.TypeRef.I32) return ANY
      const value = as.getConstValueI32(expr)
      return { low: value, high: value }
    }
    case ExpressionId['LocalSet']:
      return below(as.getLocalSetValue(expr))
    case ExpressionId['If']:
      return union(below(as.getIfTrue(expr)), below(as.getIfFalse(expr)))
    case ExpressionId['Select']:
      return union(below(as.getSelectThen(expr)), below(as.getSelectElse(expr)))
    case ExpressionId['Block'] as number: {
      // Values reach the end of a block with a name from elsewhere too.
      if (as.getBlockName(expr)) return ANY
      return below(as.getBlockChildAt(expr, as.getBlockChildCount(expr) - 1))
    }
    case ExpressionId['Load']:
      return as.getExpressionType(expr) === as.TypeRef.I32
        ? ofBits(8 * as.getLoadBytes(expr), as.isLoadSigned(expr))
        : ANY
    case ExpressionId['Unary']:
      return unary(expr)
    case ExpressionId['Binary']:
      return binary(as.getBinaryOp(expr), as.getBinaryLeft(expr), as.getBinaryRight(expr), below)
    case ExpressionId['Unreachable']:
      return { low: 0, high: 0 }
    default:
      return ANY
  }
}

/** All values of `bits` bits. */
export function ofBits(bits: number, signed: boolean): ValueRange {
  if (bits >= 32) return ANY
  return signed ? { low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 } : { low: 0, high: 2 ** bits - 1 }
}

function unary(expr: ExpressionRef): ValueRange {
  switch (as.getUnaryOp(expr)) {
    case UnaryOp['EqzI32']:
    case UnaryOp['EqzI64']:
      return TRUTH
    case UnaryOp['ClzI32']:
    case UnaryOp['CtzI32']:
    case UnaryOp['PopcntI32']:
      return { low: 0, high: 32 }
    case UnaryOp['Extend8I32']:
      return ofBits(8, true)
    case UnaryOp['Extend16I32']:
      return ofBits(16, true)
    default:
      return ANY
  }
}

function binary(
  op: number,
  leftExpr: ExpressionRef,
  rightExpr: ExpressionRef,
  below: (child: ExpressionRef) => ValueRange,
): ValueRange {
  if (COMPARISONS.has(op)) return TRUTH
  switch (op) {
    case BinaryOp['AddI32']: {
      const [left, right] = [below(leftExpr), below(rightExpr)]
      return within(left.low + right.low, left.high + right.high)
    }
    case BinaryOp['SubI32']: {
      const [left, right] = [below(leftExpr), below(rightExpr)]
      return within(left.low - right.high, left.high - right.low)
    }
    case BinaryOp['AndI32']: {
      const right = below(rightExpr)
      const left = below(leftExpr)
      if (left.low >= 0 && right.low >= 0) return { low: 0, high: Math.min(left.high, right.high) }
      if (right.low >= 0) return { low: 0, high: right.high }
      if (left.low >= 0) return { low: 0, high: left.high }
      return bitwise(left, right)
    }
    case BinaryOp['OrI32']:
    case BinaryOp['XorI32']:
      return bitwise(below(leftExpr), below(rightExpr))
    case BinaryOp['ShrU32']: {
      const shift = constantShift(rightExpr)
      const left = below(leftExpr)
      if (left.low >= 0) return { low: 0, high: left.high >>> (shift ?? 0) }
      return shift === null || shift === 0 ? ANY : ofBits(32 - shift, false)
    }
    case BinaryOp['ShrI32']: {
      const shift = constantShift(rightExpr)
      const { low, high } = below(leftExpr)
      return shift === null
        ? { low: Math.min(low, 0), high: Math.max(high, -1) }
        : { low: low >> shift, high: high >> shift }
    }
    case BinaryOp['DivU32']: {
      const left = below(leftExpr)
      return left.low >= 0 ? { low: 0, high: left.high } : ANY
    }
    case BinaryOp['RemU32']: {
      const right = below(rightExpr)
      return right.low >= 0 ? { low: 0, high: Math.max(0, right.high - 1) } : ANY
    }
    case BinaryOp['RemI32']: {
      const { low, high } = below(leftExpr)
      return { low: Math.min(low, 0), high: Math.max(high, 0) }
    }
    default:
      return ANY
  }
}

/** `&`, `|`, `^` stay among the values of as many bits as both sides have. */
function bitwise(a: ValueRange, b: ValueRange): ValueRange {
  const { low, high } = union(a, b)
  for (const bits of [1, 7, 8, 15, 16]) {
    if (low >= 0 && high < 2 ** bits) return ofBits(bits, false)
    if (low < 0 && low >= -(2 ** bits) && high < 2 ** bits) return ofBits(bits + 1, true)
  }
  return low >= 0 ? { low: 0, high: MAX } : ANY
}

function union(a: ValueRange, b: ValueRange): ValueRange {
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) }
}

/** The range, unless 32 bits do not hold it: then the sum has wrapped. */
function within(low: number, high: number): ValueRange {
  return low >= MIN && high <= MAX ? { low, high } : ANY
}

/** WebAssembly takes the lowest five bits of a shift. */
function constantShift(expr: ExpressionRef): number | null {
  if (as.getExpressionId(expr) !== ExpressionId['Const']) return null
  return as.getConstValueI32(expr) & 31
}
