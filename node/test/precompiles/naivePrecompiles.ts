/**
 * The precompiles 1 to 9 written anew from their EIPs, for comparison: the curves by their definitions (naiveCurve.ts,
 * naivePairing.ts), hashes by OpenSSL, and nothing of what the node itself uses but Keccak for an address.
 */
import { createHash } from 'node:crypto'
import { keccak256 } from 'viem'
import {
  BN254_ORDER,
  BN254_PRIME,
  type Curve,
  g1,
  g2,
  type MaybePoint,
  type Point,
  recover,
  SECP256K1_ORDER,
} from './naiveCurve.ts'
import type { Complex } from './naiveField.ts'
import { pairingsMultiplyToOne } from './naivePairing.ts'

/** Null where the call fails. */
export function naivePrecompile(address: number, input: Uint8Array): Uint8Array | null {
  return ORACLES[address - 1]!(hexOf(input))
}

type Oracle = (hex: string) => Uint8Array | null

const ORACLES: readonly Oracle[] = [
  ecrecover,
  (hex) => hashed('sha256', hex),
  (hex) => bytesOf(`${'0'.repeat(24)}${hexOf(hashed('ripemd160', hex))}`),
  bytesOf,
  modexp,
  (hex) => {
    const a = pointOfG1(hex, 0)
    const b = pointOfG1(hex, 64)
    return a === undefined || b === undefined ? null : encodedG1(g1.add(a, b))
  },
  (hex) => {
    const a = pointOfG1(hex, 0)
    return a === undefined ? null : encodedG1(g1.multiply(a, word(hex, 64)))
  },
  pairing,
  blake2f,
]

/** Input as hex, which has no end: what is read beyond it is zeros. */
function part(hex: string, offset: number, length: number): string {
  return hex.slice(2 * offset, 2 * (offset + length)).padEnd(2 * length, '0')
}

function number(hex: string): bigint {
  return hex === '' ? 0n : BigInt(`0x${hex}`)
}

function word(hex: string, offset: number): bigint {
  return number(part(hex, offset, 32))
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function encoded(value: bigint, length: number): string {
  return length === 0 ? '' : value.toString(16).padStart(2 * length, '0')
}

function hashed(algorithm: string, hex: string): Uint8Array {
  return createHash(algorithm).update(bytesOf(hex)).digest()
}

function ecrecover(hex: string): Uint8Array {
  const [hash, v, r, s] = [0, 32, 64, 96].map((offset) => word(hex, offset)) as [bigint, bigint, bigint, bigint]
  const nothing = new Uint8Array(0)
  if (v !== 27n && v !== 28n) return nothing
  if (r === 0n || r >= SECP256K1_ORDER || s === 0n || s >= SECP256K1_ORDER) return nothing
  const key = recover(hash, r, s, v === 28n)
  if (key === null) return nothing
  const address = keccak256(`0x${encoded(key.x, 32)}${encoded(key.y, 32)}`).slice(-40)
  return bytesOf(address.padStart(64, '0'))
}

/** EIP-198 with the bound of EIP-7823; the exponent is worked off from its lowest bit. */
function modexp(hex: string): Uint8Array | null {
  const [baseLength, exponentLength, modulusLength] = [0, 32, 64].map((offset) => word(hex, offset)) as [
    bigint,
    bigint,
    bigint,
  ]
  if (baseLength === 0n && modulusLength === 0n) return new Uint8Array(0)
  if ([baseLength, exponentLength, modulusLength].some((length) => length > 1024n)) return null
  const [b, e, m] = [Number(baseLength), Number(exponentLength), Number(modulusLength)]
  const base = number(part(hex, 96, b))
  let exponent = number(part(hex, 96 + b, e))
  const modulus = number(part(hex, 96 + b + e, m))
  if (modulus === 0n) return new Uint8Array(m)
  let result = 1n % modulus
  for (let square = base % modulus; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return bytesOf(encoded(result, m))
}

/** Undefined for what is no point. */
function checked<T>(curve: Curve<T>, parts: readonly bigint[], point: Point<T>): MaybePoint<T> | undefined {
  if (parts.some((value) => value >= BN254_PRIME)) return undefined
  if (parts.every((value) => value === 0n)) return null
  return curve.has(point) ? point : undefined
}

function pointOfG1(hex: string, offset: number): MaybePoint<bigint> | undefined {
  const [x, y] = [word(hex, offset), word(hex, offset + 32)]
  return checked(g1, [x, y], { x, y })
}

function pointOfG2(hex: string, offset: number): MaybePoint<Complex> | undefined {
  const parts = [0, 32, 64, 96].map((at) => word(hex, offset + at)) as [bigint, bigint, bigint, bigint]
  const [x1, x0, y1, y0] = parts
  const point = checked(g2, parts, { x: [x0, x1], y: [y0, y1] })
  if (point === undefined || point === null) return point
  return isInSubgroup(point) ? point : undefined
}

/** By its definition, with the answers kept: the generator uses few points. */
function isInSubgroup(point: Point<Complex>): boolean {
  const key = `${point.x},${point.y}`
  const known = subgroup.get(key) ?? g2.multiply(point, BN254_ORDER) === null
  if (subgroup.size < MAX_KNOWN_POINTS) subgroup.set(key, known)
  return known
}

const MAX_KNOWN_POINTS = 10_000
const subgroup = new Map<string, boolean>()

function encodedG1(point: MaybePoint<bigint>): Uint8Array {
  return bytesOf(point === null ? '00'.repeat(64) : `${encoded(point.x, 32)}${encoded(point.y, 32)}`)
}

function pairing(hex: string): Uint8Array | null {
  if (hex.length % 384 !== 0) return null
  const pairs: { p: Point<bigint>; q: Point<Complex> }[] = []
  for (let at = 0; at < hex.length / 2; at += 192) {
    const p = pointOfG1(hex, at)
    const q = pointOfG2(hex, at + 64)
    if (p === undefined || q === undefined) return null
    if (p !== null && q !== null) pairs.push({ p, q })
  }
  return bytesOf(encoded(pairs.length === 0 || pairingsMultiplyToOne(pairs) ? 1n : 0n, 32))
}

/** RFC 7693, section 3.2, on 64-bit integers as they stand there. */
function blake2f(hex: string): Uint8Array | null {
  if (hex.length !== 2 * 213) return null
  const final = number(hex.slice(424))
  if (final > 1n) return null
  const little = (offset: number): bigint => number(hexOf(bytesOf(part(hex, offset, 8)).reverse()))
  const rounds = Number(number(part(hex, 0, 4)))
  const h = Array.from({ length: 8 }, (_, i) => little(4 + 8 * i))
  const m = Array.from({ length: 16 }, (_, i) => little(68 + 8 * i))
  const v = [...h, ...INITIAL]
  v[12] = v[12]! ^ little(196)
  v[13] = v[13]! ^ little(204)
  if (final === 1n) v[14] = v[14]! ^ WORD_MASK
  const mix = (a: number, b: number, c: number, d: number, x: bigint, y: bigint): void => {
    for (const [message, first, second] of [
      [x, 32n, 24n],
      [y, 16n, 63n],
    ] as const) {
      v[a] = (v[a]! + v[b]! + message) & WORD_MASK
      v[d] = rotated(v[d]! ^ v[a]!, first)
      v[c] = (v[c]! + v[d]!) & WORD_MASK
      v[b] = rotated(v[b]! ^ v[c]!, second)
    }
  }
  for (let round = 0; round < rounds; round++) {
    const order = [...SCHEDULE[round % 10]!].map((digit) => m[Number.parseInt(digit, 16)]!)
    for (let i = 0; i < 4; i++) mix(i, 4 + i, 8 + i, 12 + i, order[2 * i]!, order[2 * i + 1]!)
    for (let i = 0; i < 4; i++) {
      mix(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4), order[8 + 2 * i]!, order[9 + 2 * i]!)
    }
  }
  return bytesOf(h.map((value, i) => hexOf(bytesOf(encoded(value ^ v[i]! ^ v[i + 8]!, 8)).reverse())).join(''))
}

const WORD_MASK = 2n ** 64n - 1n

function rotated(value: bigint, right: bigint): bigint {
  return ((value >> right) | (value << (64n - right))) & WORD_MASK
}

/** The first 64 bits of the fractions of the square roots of the first eight primes (FIPS 180-4, section 5.3.5). */
const INITIAL = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n].map((prime) => integerRoot(prime << 128n) & WORD_MASK)

function integerRoot(value: bigint): bigint {
  let root = value
  for (let next = (root + 1n) >> 1n; next < root; next = (root + value / root) >> 1n) root = next
  return root
}

/** RFC 7693, section 2.7, in hexadecimal digits. */
const SCHEDULE = [
  '0123456789abcdef',
  'ea489fd61c02b753',
  'b8c052fdae367194',
  '7931dcbe265a40f8',
  '905724afe1bc683d',
  '2c6a0b834d75fe19',
  'c51fed4a0763928b',
  'db7ec13950f4862a',
  '6fe9b308c2d714a5',
  'a2847615fb9e3cd0',
] as const
