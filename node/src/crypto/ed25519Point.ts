/**
 * Points of edwards25519 to bytes and back (RFC 8032, sections 5.1.2 and 5.1.3). Not by noble, whose decoder throws a
 * plain error for bytes that are no point: an exception cannot be told from a failure of this machine, and the answer
 * decides whether a vote or a validator's key is valid.
 */
import { pow } from '@noble/curves/abstract/modular.js'
import { bigintToBytes, bytesToBigint } from '../codec/bytes.ts'

export interface Ed25519Point {
  readonly x: bigint
  readonly y: bigint
}

const PRIME = 2n ** 255n - 19n
/** -121665 / 121666. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n
/** A square root of -1. */
const ROOT_OF_MINUS_ONE = pow(2n, (PRIME - 1n) / 4n, PRIME)

/**
 * Strict: null for other than 32 bytes, a y not below the prime, a y of no point, and a sign bit where x is 0.
 * Every point has exactly one encoding.
 */
export function decodeEd25519Point(bytes: Uint8Array): Ed25519Point | null {
  if (bytes.length !== 32) return null
  const encoded = bytesToBigint(bytes.slice().reverse())
  const sign = encoded >> 255n
  const y = BigInt.asUintN(255, encoded)
  if (y >= PRIME) return null
  // x^2 = u / v; v is never 0, as -1 / d is no square.
  const u = modulo(y * y - 1n)
  const v = modulo(D * y * y + 1n)
  const v3 = modulo(v * v * v)
  const root = modulo(u * v3 * raised(modulo(u * v3 * v3 * v)))
  const found = modulo(v * root * root)
  let x: bigint
  if (found === u) x = root
  else if (found === modulo(-u)) x = modulo(root * ROOT_OF_MINUS_ONE)
  else return null
  if (x === 0n) return sign === 1n ? null : { x, y }
  return { x: x % 2n === sign ? x : PRIME - x, y }
}

/** 32 bytes. Unlike noble's own encoder it takes the neutral point too, which a signature's R may be. */
export function encodeEd25519Point({ x, y }: Ed25519Point): Uint8Array {
  const bytes = bigintToBytes(y, 32).reverse()
  if (x & 1n) bytes[31]! |= 0x80
  return bytes
}

/**
 * `x` to the power (PRIME - 5) / 8 = 2^252 - 3, by a chain of squares. Not by noble's `pow`, which takes the exponent
 * apart: V8 11.3 of s390x (Node 20) ends the process when it optimises that.
 */
function raised(x: bigint): bigint {
  const two = modulo(squared(x, 1) * x)
  const four = modulo(squared(two, 2) * two)
  const five = modulo(squared(four, 1) * x)
  const ten = modulo(squared(five, 5) * five)
  const twenty = modulo(squared(ten, 10) * ten)
  const forty = modulo(squared(twenty, 20) * twenty)
  const eighty = modulo(squared(forty, 40) * forty)
  const twice = modulo(squared(eighty, 80) * eighty)
  const thrice = modulo(squared(twice, 80) * eighty)
  const all = modulo(squared(thrice, 10) * ten)
  return modulo(squared(all, 2) * x)
}

function squared(x: bigint, times: number): bigint {
  let square = x
  for (let i = 0; i < times; i++) square = (square * square) % PRIME
  return square
}

function modulo(value: bigint): bigint {
  const rest = value % PRIME
  return rest < 0n ? rest + PRIME : rest
}
