/** Curves y^2 = x^3 + b by the chord and tangent rule in affine coordinates: the schoolbook definition of their groups. */
import { type Complex, complexField, type Field, inverse, modulo, power, primeField } from './naiveField.ts'

export interface Point<T> {
  readonly x: T
  readonly y: T
}

/** Null is the point at infinity. */
export type MaybePoint<T> = Point<T> | null

export class Curve<T> {
  readonly field: Field<T>
  readonly #b: T

  constructor(field: Field<T>, b: T) {
    this.field = field
    this.#b = b
  }

  /** x^3 + b. */
  rightSide(x: T): T {
    const { field } = this
    return field.add(field.multiply(field.multiply(x, x), x), this.#b)
  }

  has({ x, y }: Point<T>): boolean {
    return this.field.equal(this.field.multiply(y, y), this.rightSide(x))
  }

  /** Of the line through both points, the tangent where they are equal; null for a vertical line. */
  slope(a: Point<T>, b: Point<T>): T | null {
    const { field } = this
    if (!field.equal(a.x, b.x)) {
      return field.multiply(field.subtract(b.y, a.y), field.inverse(field.subtract(b.x, a.x)))
    }
    if (!field.equal(a.y, b.y) || field.equal(a.y, field.zero)) return null
    const square = field.multiply(a.x, a.x)
    return field.multiply(field.add(field.add(square, square), square), field.inverse(field.add(a.y, a.y)))
  }

  add(a: MaybePoint<T>, b: MaybePoint<T>): MaybePoint<T> {
    if (a === null) return b
    if (b === null) return a
    const { field } = this
    const slope = this.slope(a, b)
    if (slope === null) return null
    const x = field.subtract(field.subtract(field.multiply(slope, slope), a.x), b.x)
    return { x, y: field.subtract(field.multiply(slope, field.subtract(a.x, x)), a.y) }
  }

  negate(a: MaybePoint<T>): MaybePoint<T> {
    return a === null ? null : { x: a.x, y: this.field.subtract(this.field.zero, a.y) }
  }

  /** `scalar` is not negative, and not reduced. */
  multiply(a: MaybePoint<T>, scalar: bigint): MaybePoint<T> {
    let result: MaybePoint<T> = null
    for (const bit of scalar.toString(2)) {
      result = this.add(result, result)
      if (bit === '1') result = this.add(result, a)
    }
    return result
  }
}

export const SECP256K1_PRIME = 2n ** 256n - 2n ** 32n - 977n
export const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
export const secp256k1 = new Curve(primeField(SECP256K1_PRIME), 7n)
export const SECP256K1_BASE: Point<bigint> = {
  x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  y: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
}

/** SEC 1, section 4.1.6, with both scalars in one chain. Null when there is no key. */
export function recover(hash: bigint, r: bigint, s: bigint, odd: boolean): MaybePoint<bigint> {
  const square = secp256k1.rightSide(r)
  const root = power(square, (SECP256K1_PRIME + 1n) / 4n, SECP256K1_PRIME)
  const point = { x: r, y: (root & 1n) === (odd ? 1n : 0n) ? root : SECP256K1_PRIME - root }
  if (!secp256k1.has(point)) return null
  const inverseR = inverse(r, SECP256K1_ORDER)
  const u1 = modulo(-hash * inverseR, SECP256K1_ORDER)
  const u2 = modulo(s * inverseR, SECP256K1_ORDER)
  const both = secp256k1.add(SECP256K1_BASE, point)
  const [bits1, bits2] = [u1, u2].map((u) => u.toString(2).padStart(256, '0')) as [string, string]
  let result: MaybePoint<bigint> = null
  for (let i = 0; i < 256; i++) {
    result = secp256k1.add(result, result)
    if (bits1[i] === '1' && bits2[i] === '1') result = secp256k1.add(result, both)
    else if (bits1[i] === '1') result = secp256k1.add(result, SECP256K1_BASE)
    else if (bits2[i] === '1') result = secp256k1.add(result, point)
  }
  return result
}

/** EIP-196. */
export const BN254_PRIME = 21888242871839275222246405745257275088696311157297823662689037894645226208583n
export const BN254_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n
export const g1 = new Curve(primeField(BN254_PRIME), 3n)
export const G1_BASE: Point<bigint> = { x: 1n, y: 2n }

/** EIP-197: over Fp[i], b = 3 / (i + 9). */
export const fp2 = complexField(BN254_PRIME)
export const g2 = new Curve<Complex>(fp2, fp2.multiply([3n, 0n], fp2.inverse([9n, 1n])))
export const G2_BASE: Point<Complex> = {
  x: [
    10857046999023057135944570762232829481370756359578518086990519993285655852781n,
    11559732032986387107991004021392285783925812861821192530917403151452391805634n,
  ],
  y: [
    8495653923123431417604973247489272438418190587263600148770280649306958101930n,
    4082367875863433681332203403145435568316851327593401208105741076214120093531n,
  ],
}
