/**
 * The alt_bn128 curve for precompiles 6 to 8: EIP-196 (addition, scalar multiplication) and EIP-197 (pairing check),
 * in the byte formats of those EIPs. Null means an input the EIP calls invalid: the precompile fails.
 */
import { bn254 } from '@noble/curves/bn254.js'
import { bigintToBytes, bytesToBigint } from '../codec/bytes.ts'

const G1 = bn254.G1.Point
const G2 = bn254.G2.Point
const { Fp, Fp2, Fp12, Fr } = bn254.fields
type G1Point = InstanceType<typeof G1>
type G2Point = InstanceType<typeof G2>

/** Two G1 points, 128 bytes, shorter input zero-padded, longer cut. 64 bytes. */
export function bn254Add(input: Uint8Array): Uint8Array | null {
  const padded = paddedTo(input, 128)
  const a = readG1(padded, 0)
  const b = readG1(padded, 64)
  return a === null || b === null ? null : writeG1(a.add(b))
}

/** A G1 point and a scalar (any 256-bit number), 96 bytes, padded or cut as above. 64 bytes. */
export function bn254Mul(input: Uint8Array): Uint8Array | null {
  const padded = paddedTo(input, 96)
  const point = readG1(padded, 0)
  if (point === null) return null
  return writeG1(point.multiplyUnsafe(Fr.create(readInteger(padded, 64))))
}

/** One pair of a G1 and a G2 point. */
export const BN254_PAIR_LENGTH = 192

/** Pairs of 192 bytes; 32 bytes that are 1 when the product of the pairings is one, else 0. Any other length is invalid. */
export function bn254Pairing(input: Uint8Array): Uint8Array | null {
  if (input.length % BN254_PAIR_LENGTH !== 0) return null
  const pairs: MillerPair[] = []
  for (let at = 0; at < input.length; at += BN254_PAIR_LENGTH) {
    const g1 = readG1(input, at)
    const g2 = readG2(input, at + 64)
    if (g1 === null || g2 === null) return null
    // A pairing with infinity is one.
    if (!g1.is0() && !g2.is0()) pairs.push(millerPair(g1, g2))
  }
  // Not by noble's pairingBatch, which would check both points a second time.
  const isOne = pairs.length === 0 || Fp12.eql(Fp12.finalExponentiate(bn254.millerLoopBatch(pairs)), Fp12.ONE)
  return bigintToBytes(isOne ? 1n : 0n, 32)
}

type MillerPair = Parameters<typeof bn254.millerLoopBatch>[0][number]

function millerPair(g1: G1Point, g2: G2Point): MillerPair {
  const { x, y } = g1.toAffine()
  return [bn254.utils.calcPairingPrecomputes(g2), x, y]
}

function paddedTo(input: Uint8Array, length: number): Uint8Array {
  if (input.length === length) return input
  const out = new Uint8Array(length)
  out.set(input.subarray(0, length))
  return out
}

function readInteger(bytes: Uint8Array, at: number): bigint {
  return bytesToBigint(bytes.subarray(at, at + 32))
}

/** The curve of G1: y^2 = x^3 + 3 (EIP-196). */
const G1_B = 3n
/** The twist that G2 lies on: y^2 = x^3 + 3 / (i + 9) (EIP-197). */
const G2_B = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]))

/*
 * Every check is made here, before the library sees a point: its point constructor throws for some coordinates that are
 * merely invalid (y = 0), and an exception cannot be told from a failure of this machine. Neither curve has a point
 * with y = 0 (both orders are odd), and on an odd order the library's formulas have no exceptional case.
 */

/** (0, 0) is infinity. Null for a coordinate not below the prime or a point off the curve; all of G1 has prime order. */
function readG1(bytes: Uint8Array, at: number): G1Point | null {
  const x = readInteger(bytes, at)
  const y = readInteger(bytes, at + 32)
  if (x >= Fp.ORDER || y >= Fp.ORDER) return null
  if (x === 0n && y === 0n) return G1.ZERO
  if ((y * y - (x * x * x + G1_B)) % Fp.ORDER !== 0n) return null
  return G1.fromAffine({ x, y })
}

/** Imaginary part first (EIP-197). Null also for a point of the curve outside the subgroup. */
function readG2(bytes: Uint8Array, at: number): G2Point | null {
  const x1 = readInteger(bytes, at)
  const x0 = readInteger(bytes, at + 32)
  const y1 = readInteger(bytes, at + 64)
  const y0 = readInteger(bytes, at + 96)
  if (x0 >= Fp.ORDER || x1 >= Fp.ORDER || y0 >= Fp.ORDER || y1 >= Fp.ORDER) return null
  if (x0 === 0n && x1 === 0n && y0 === 0n && y1 === 0n) return G2.ZERO
  const x = Fp2.fromBigTuple([x0, x1])
  const y = Fp2.fromBigTuple([y0, y1])
  if (!Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2_B))) return null
  const point = G2.fromAffine({ x, y })
  return point.isTorsionFree() ? point : null
}

function writeG1(point: G1Point): Uint8Array {
  const out = new Uint8Array(64)
  if (point.is0()) return out
  const { x, y } = point.toAffine()
  out.set(bigintToBytes(x, 32), 0)
  out.set(bigintToBytes(y, 32), 32)
  return out
}
