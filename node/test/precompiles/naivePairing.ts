/**
 * The optimal ate pairing of bn254 by its definition (Vercauteren, "Optimal pairings"), on polynomials in w with
 * w^12 = 18 w^6 - 82, in which i = w^6 - 9 and the twist maps (x, y) to (x w^2, y w^3).
 */
import { BN254_ORDER, BN254_PRIME, fp2, g2, type Point } from './naiveCurve.ts'
import { type Complex, complexPower, modulo } from './naiveField.ts'

/** Coefficients from w^0 on. */
type Polynomial = readonly bigint[]

const ONE: Polynomial = [1n, ...new Array<bigint>(11).fill(0n)]
/** 6 x + 2 of the curve's parameter x = 4965661367192848881. */
const LOOP = 29793968203157093288n

/** Whether the product of the pairings is one. */
export function pairingsMultiplyToOne(pairs: readonly { p: Point<bigint>; q: Point<Complex> }[]): boolean {
  const product = pairs.reduce((all, { p, q }) => multiply(all, millerLoop(p, q)), ONE)
  // f^(p^6 - 1) to the rest is one exactly when f^(p^6) and f, to the rest, are the same.
  const a = rest(frobenius(product, 6))
  const b = rest(product)
  return a.every((coefficient, i) => coefficient === b[i])
}

/** To the power (p^6 + 1) / n = (p^2 + 1) (p^4 - p^2 + 1) / n. */
function rest(f: Polynomial): Polynomial {
  const base = multiply(frobenius(f, 2), f)
  const exponent = (BN254_PRIME ** 4n - BN254_PRIME ** 2n + 1n) / BN254_ORDER
  let result = ONE
  for (const bit of exponent.toString(2)) {
    result = multiply(result, result)
    if (bit === '1') result = multiply(result, base)
  }
  return result
}

function millerLoop(p: Point<bigint>, q: Point<Complex>): Polynomial {
  let f = ONE
  let at = q
  const step = (to: Point<Complex>): void => {
    f = multiply(f, line(at, to, p))
    at = g2.add(at, to)!
  }
  for (const bit of LOOP.toString(2).slice(1)) {
    f = multiply(f, f)
    step(at)
    if (bit === '1') step(q)
  }
  const q1 = frobeniusOnTwist(q)
  step(q1)
  const q2 = g2.negate(frobeniusOnTwist(q1))!
  // The point that the last step would lead to is not used.
  return multiply(f, line(at, q2, p))
}

/** The line through two points of the twist, mapped to the curve, at `p`. */
function line(a: Point<Complex>, b: Point<Complex>, p: Point<bigint>): Polynomial {
  const slope = g2.slope(a, b)!
  const rise = fp2.multiply(slope, [p.x, 0n])
  const offset = fp2.subtract(a.y, fp2.multiply(slope, a.x))
  const out = [...embed([modulo(-p.y, BN254_PRIME), 0n], 0)]
  for (const [i, coefficient] of embed(rise, 1).entries()) out[i] = out[i]! + coefficient
  for (const [i, coefficient] of embed(offset, 3).entries()) out[i] = out[i]! + coefficient
  return out.map((coefficient) => modulo(coefficient, BN254_PRIME))
}

/** (a + b i) w^k = (a - 9 b) w^k + b w^(k + 6). */
function embed([a, b]: Complex, k: number): bigint[] {
  const out = new Array<bigint>(12).fill(0n)
  out[k] = modulo(a - 9n * b, BN254_PRIME)
  out[k + 6] = b
  return out
}

function multiply(a: Polynomial, b: Polynomial): Polynomial {
  const out = new Array<bigint>(23).fill(0n)
  for (let i = 0; i < 12; i++) for (let j = 0; j < 12; j++) out[i + j] = out[i + j]! + a[i]! * b[j]!
  for (let k = 22; k >= 12; k--) {
    out[k - 6] = out[k - 6]! + 18n * out[k]!
    out[k - 12] = out[k - 12]! - 82n * out[k]!
  }
  return out.slice(0, 12).map((coefficient) => modulo(coefficient, BN254_PRIME))
}

/** The p^k-th power, for even k: it leaves Fp[i] as it is, and w becomes w xi^((p^k - 1) / 6), as w^6 = xi = 9 + i. */
function frobenius(f: Polynomial, k: 2 | 6): Polynomial {
  const factor = complexPower(fp2, [9n, 1n], (BN254_PRIME ** BigInt(k) - 1n) / 6n)
  let scale: Complex = [1n, 0n]
  const out = new Array<bigint>(12).fill(0n)
  for (let i = 0; i < 6; i++) {
    // The coefficient of w^i over Fp[i]: with i = w^6 - 9, c w^i + d w^(i + 6) is (c + 9 d + d i) w^i.
    const [c, d] = [f[i]!, f[i + 6]!]
    const scaled = embed(fp2.multiply([modulo(c + 9n * d, BN254_PRIME), d], scale), i)
    out[i] = scaled[i]!
    out[i + 6] = scaled[i + 6]!
    scale = fp2.multiply(scale, factor)
  }
  return out
}

/** (x^p, y^p) of the mapped point, mapped back: x^p w^(2p) = conj(x) xi^((p - 1) / 3) w^2, and likewise y. */
function frobeniusOnTwist({ x, y }: Point<Complex>): Point<Complex> {
  const conjugate = ([a, b]: Complex): Complex => [a, modulo(-b, BN254_PRIME)]
  return {
    x: fp2.multiply(conjugate(x), complexPower(fp2, [9n, 1n], (BN254_PRIME - 1n) / 3n)),
    y: fp2.multiply(conjugate(y), complexPower(fp2, [9n, 1n], (BN254_PRIME - 1n) / 2n)),
  }
}
