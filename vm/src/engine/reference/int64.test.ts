import { describe, expect, it } from 'vitest'
import { WasmTrap } from '../trap.ts'
import {
  binary64,
  compare64,
  highHalf,
  joinSigned,
  lowHalf,
  populationCount32,
  trailingZeros32,
  unary64,
} from './int64.ts'

/** The specification's definitions, on bigints. */
const s = (value: bigint): bigint => BigInt.asIntN(64, value)
const u = (value: bigint): bigint => BigInt.asUintN(64, value)

const BINARY: Readonly<Record<number, (a: bigint, b: bigint) => bigint>> = {
  124: (a, b) => a + b,
  125: (a, b) => a - b,
  126: (a, b) => a * b,
  127: (a, b) => s(a) / s(b),
  128: (a, b) => u(a) / u(b),
  129: (a, b) => s(a) % s(b),
  130: (a, b) => u(a) % u(b),
  131: (a, b) => a & b,
  132: (a, b) => a | b,
  133: (a, b) => a ^ b,
  134: (a, b) => a << (u(b) % 64n),
  135: (a, b) => s(a) >> (u(b) % 64n),
  136: (a, b) => u(a) >> (u(b) % 64n),
  137: (a, b) => (u(a) << (u(b) % 64n)) | (u(a) >> (64n - (u(b) % 64n))),
  138: (a, b) => (u(a) >> (u(b) % 64n)) | (u(a) << (64n - (u(b) % 64n))),
}

const COMPARE: Readonly<Record<number, (a: bigint, b: bigint) => boolean>> = {
  81: (a, b) => a === b,
  82: (a, b) => a !== b,
  83: (a, b) => s(a) < s(b),
  84: (a, b) => u(a) < u(b),
  85: (a, b) => s(a) > s(b),
  86: (a, b) => u(a) > u(b),
  87: (a, b) => s(a) <= s(b),
  88: (a, b) => u(a) <= u(b),
  89: (a, b) => s(a) >= s(b),
  90: (a, b) => u(a) >= u(b),
}

const bits = (value: bigint): string => u(value).toString(2).padStart(64, '0')
const UNARY: Readonly<Record<number, (a: bigint) => bigint>> = {
  121: (a) => BigInt(/^0*/.exec(bits(a))![0].length),
  122: (a) => BigInt(/0*$/.exec(bits(a))![0].length),
  123: (a) => BigInt(bits(a).replaceAll('0', '').length),
  194: (a) => BigInt.asIntN(8, a),
  195: (a) => BigInt.asIntN(16, a),
  196: (a) => BigInt.asIntN(32, a),
}

/** Edges of every power of two, and 300 pseudo-random values. */
function values(): bigint[] {
  const list = [0n, 1n, -1n, 2n, 63n, 64n, 65n, 2n ** 63n, 0x5555555555555555n, 0x123456789abcdef0n]
  for (const exponent of [8n, 15n, 16n, 31n, 32n, 33n, 47n, 48n, 53n, 62n]) {
    list.push(2n ** exponent, 2n ** exponent - 1n, 2n ** exponent + 1n, -(2n ** exponent), -(2n ** exponent) - 1n)
  }
  let state = 0x2545f4914f6cdd1dn
  for (let i = 0; i < 60; i++) {
    state = u(state * 6364136223846793005n + 1442695040888963407n)
    list.push(state, state >> 37n)
  }
  return list.map(s)
}

function cells(...operands: bigint[]): [Int32Array, Int32Array] {
  return [Int32Array.from(operands, lowHalf), Int32Array.from(operands, highHalf)]
}

describe('64-bit instructions on 32-bit halves', () => {
  it('agree with bigints on binary operators and their traps', () => {
    for (const [op, expected] of Object.entries(BINARY).map(([key, run]) => [Number(key), run] as const)) {
      const division = op >= 0x7f && op <= 0x82
      for (const a of values()) {
        for (const b of values()) {
          const [low, high] = cells(a, b)
          const overflow = op === 0x7f && a === -(2n ** 63n) && b === -1n
          if (division && (b === 0n || overflow)) {
            const code = overflow ? 'integer-overflow' : 'integer-divide-by-zero'
            expect(() => binary64(op, low, high, 0)).toThrow(new WasmTrap(code))
            continue
          }
          binary64(op, low, high, 0)
          if (joinSigned(low[0]!, high[0]!) !== s(expected(a, b))) {
            expect(`op ${op.toString(16)}: ${a}, ${b}: ${joinSigned(low[0]!, high[0]!)}`).toBe(s(expected(a, b)))
          }
        }
      }
    }
  })

  it('agree with bigints on comparisons', () => {
    for (const [op, expected] of Object.entries(COMPARE).map(([key, run]) => [Number(key), run] as const)) {
      for (const a of values()) {
        for (const b of values()) {
          const [low, high] = cells(a, b)
          compare64(op, low, high, 0)
          if ((low[0] === 1) !== expected(a, b)) expect(`op ${op.toString(16)}: ${a}, ${b}`).toBe(expected(a, b))
        }
      }
    }
  })

  it('agree with bigints on unary operators', () => {
    for (const [op, expected] of Object.entries(UNARY).map(([key, run]) => [Number(key), run] as const)) {
      for (const a of values()) {
        const [low, high] = cells(a)
        unary64(op, low, high, 0)
        expect(joinSigned(low[0]!, high[0]!), `op ${op.toString(16)} of ${a}`).toBe(s(expected(a)))
      }
    }
  })

  it('count bits of 32-bit values', () => {
    for (const value of values().map(lowHalf)) {
      const text = (value >>> 0).toString(2).padStart(32, '0')
      expect(populationCount32(value)).toBe(text.replaceAll('0', '').length)
      expect(trailingZeros32(value)).toBe(/0*$/.exec(text)![0].length)
    }
  })
})
