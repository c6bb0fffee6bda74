/** U256 and I256 against BigInt on seeded values, on the VM; reverts must be Solidity's panics. */

import { seededRandom } from '@touchstone/vm/testing/random'
import { beforeAll, describe, expect, it } from 'vitest'
import { BUILD_TIMEOUT, buildFixture } from './fixtures.ts'
import { describeFailure, TestChain, type TestContract } from './testChain.ts'

const TWO256 = 1n << 256n
const MASK = TWO256 - 1n
const MIN = -(1n << 255n)
const OVERFLOW = 'arithmetic underflow or overflow (panic 0x11)'
const DIVISION = 'division or modulo by zero (panic 0x12)'

let contract: TestContract
beforeAll(async () => {
  contract = new TestChain().deploy(await buildFixture('math'))
}, BUILD_TIMEOUT)

/** The result, or the name of the panic. */
function run(functionName: string, args: readonly unknown[]): unknown {
  const sent = contract.trySend(functionName, args)
  if (sent.kind !== 'success') return describeFailure(contract.artifact, sent)
  return sent.output.length === 66 ? BigInt(sent.output) : contract.send(functionName, args)
}

const unsigned = (value: bigint) => (value < 0n || value > MASK ? OVERFLOW : value)
const wrap = (value: bigint) => value & MASK
const signedOf = (bits: bigint) => (bits >> 255n ? bits - TWO256 : bits)
const signed = (value: bigint) => (value < MIN || value >= -MIN ? OVERFLOW : wrap(value))

function power(base: bigint, exponent: bigint): bigint | null {
  if (exponent === 0n || base === 1n) return 1n
  if (base === 0n) return 0n
  return exponent > 256n ? null : base ** exponent
}

function wrappingPower(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let b = base, e = exponent; e > 0n; e >>= 1n, b = wrap(b * b)) if (e & 1n) result = wrap(result * b)
  return result
}

function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

const UNSIGNED: readonly ((a: bigint, b: bigint) => bigint | string)[] = [
  (a, b) => unsigned(a + b),
  (a, b) => unsigned(a - b),
  (a, b) => unsigned(a * b),
  (a, b) => (b === 0n ? DIVISION : a / b),
  (a, b) => (b === 0n ? DIVISION : a % b),
  (a, b) => unsigned(power(a, b) ?? -1n),
  (a, b) => wrap(a + b),
  (a, b) => wrap(a - b),
  (a, b) => wrap(a * b),
  (a, b) => wrappingPower(a, b),
  (a, b) => a & b,
  (a, b) => a | b,
  (a, b) => a ^ b,
  (a) => MASK - a,
  (a) => squareRoot(a),
  (a, b) => (a < b ? a : b),
  (a, b) => (a > b ? a : b),
  (a) => wrap(-a),
]

const SIGNED: readonly ((a: bigint, b: bigint) => bigint | string)[] = [
  (a, b) => signed(a + b),
  (a, b) => signed(a - b),
  (a, b) => signed(a * b),
  (a, b) => (b === 0n ? DIVISION : signed(a / b)),
  (a, b) => (b === 0n ? DIVISION : signed(a % b)),
  (a) => signed(-a),
  (a, b) => wrap(a + b),
  (a, b) => wrap(a * b),
  (a, b) => wrap(a & b),
  (a, b) => wrap(a | b),
  (a, b) => wrap(a ^ b),
  (a) => wrap(~a),
]

describe('U256', () => {
  it('computes as BigInt does, and panics as Solidity does', () => {
    const random = seededRandom(1)
    for (let i = 0; i < 700; i++) {
      const op = i % UNSIGNED.length
      const a = random.bigint(256)
      // Exponents are small now and then, divisors of every size.
      const b = (op === 5 || op === 9) && random.below(3) ? BigInt(random.below(40)) : random.bigint(256)
      expect({ op, a, b, result: run('unsigned', [op, a, b]) }).toEqual({ op, a, b, result: UNSIGNED[op]?.(a, b) })
    }
  })

  it('multiplies and divides without losing the upper half', () => {
    const random = seededRandom(2)
    for (let i = 0; i < 150; i++) {
      const [a, b, c] = [random.bigint(256), random.bigint(256), i % 9 ? random.bigint(256) : 0n]
      expect(run('three', [0, a, b, c])).toBe(c === 0n ? DIVISION : (a + b) % c)
      expect(run('three', [1, a, b, c])).toBe(c === 0n ? DIVISION : (a * b) % c)
      expect({ a, b, c, q: run('three', [2, a, b, c]) }).toEqual({
        a,
        b,
        c,
        q: c === 0n ? DIVISION : unsigned((a * b) / c),
      })
    }
  })

  it('shifts, past the ends too', () => {
    const random = seededRandom(3)
    for (let i = 0; i < 120; i++) {
      const bits = random.pick([0, 1, 63, 64, 65, 127, 128, 129, 191, 192, 255, 256, 300, random.below(256)])
      const a = random.bigint(256)
      const shift = BigInt(bits)
      expect(run('shift', [0, a, bits])).toBe(wrap(a << shift))
      expect(run('shift', [1, a, bits])).toBe(a >> shift)
      expect(run('shift', [2, a, bits])).toBe(wrap(signedOf(a) >> shift))
    }
  })

  it('compares', () => {
    const random = seededRandom(4)
    for (let i = 0; i < 80; i++) {
      const a = random.bigint(256)
      const b = i % 4 ? random.bigint(256) : a
      expect(run('compare', [a, b])).toEqual([a === b, a !== b, a < b, a <= b, a > b, a >= b])
      const [c, d] = [signedOf(a), signedOf(b)]
      expect(run('compareSigned', [c, d])).toEqual([c === d, c !== d, c < d, c <= d, c > d, c >= d])
    }
  })

  it('writes and reads text', () => {
    const random = seededRandom(5)
    const values = [0n, 1n, 9n, 10n, 10n ** 9n, 10n ** 9n - 1n, 10n ** 18n, 10n ** 77n, MASK]
    for (let i = 0; i < 60; i++) values.push(random.bigint(256))
    for (const value of values) {
      expect(run('text', [value])).toBe(value.toString())
      expect(run('hex', [value])).toBe(`0x${value.toString(16)}`)
      expect(run('parse', [value.toString()])).toBe(value)
      expect(run('parse', [`0x${value.toString(16)}`])).toBe(value)
      expect(run('signedText', [signedOf(value)])).toBe(signedOf(value).toString())
      expect(run('parseSigned', [signedOf(value).toString()])).toBe(value)
    }
  })

  it('refuses text that is no number', () => {
    for (const text of ['', ' 1', '1 ', '-1', '0x', '0xg', '1e3', '１', TWO256.toString(), `0x1${'0'.repeat(64)}`]) {
      expect(run('parse', [text])).toBe('Error(U256.parse: not a 256-bit number)')
    }
    for (const text of ['', '-', '--1', (-MIN).toString(), (MIN - 1n).toString()]) {
      expect(run('parseSigned', [text])).toBe('Error(I256.parse: not a 256-bit number)')
    }
  })

  it('counts bits', () => {
    for (const value of [0n, 1n, 2n, 255n, 1n << 64n, 3n << 127n, 5n << 190n, 1n << 255n]) {
      const length = value === 0n ? 0 : value.toString(2).length
      const zeros = value === 0n ? 256 : (/0*$/.exec(value.toString(2))?.[0].length ?? 0)
      expect(run('bits', [value])).toEqual([length, zeros])
    }
  })
})

describe('I256', () => {
  it('computes as BigInt does, and panics as Solidity does', () => {
    const random = seededRandom(6)
    for (let i = 0; i < 500; i++) {
      const op = i % SIGNED.length
      const [a, b] = [signedOf(random.bigint(256)), signedOf(random.bigint(256))]
      const pairs: readonly (readonly [bigint, bigint])[] =
        i < SIGNED.length
          ? [
              [MIN, -1n],
              [MIN, 0n],
              [a, b],
            ]
          : [[a, b]]
      for (const [x, y] of pairs) {
        expect({ op, x, y, result: run('signed', [op, x, y]) }).toEqual({ op, x, y, result: SIGNED[op]?.(x, y) })
      }
    }
  })
})
