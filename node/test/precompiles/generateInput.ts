/** Inputs of the precompiles, mostly at the borders: what a rule says about each number, and one less and one more. */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import {
  BN254_ORDER,
  BN254_PRIME,
  fp2,
  G1_BASE,
  G2_BASE,
  g1,
  g2,
  type MaybePoint,
  SECP256K1_BASE,
  SECP256K1_ORDER,
  SECP256K1_PRIME,
  secp256k1,
} from './naiveCurve.ts'
import { type Complex, complexRoot } from './naiveField.ts'

export interface PrecompileCase {
  /** 1 to 9. */
  readonly address: number
  readonly input: Uint8Array
}

/** The case of that number: it depends on nothing else. */
export function precompileCase(seed: number, number: number): PrecompileCase {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b))
  const address = random.pick(ADDRESSES)
  const hex = resized(random, GENERATORS[address - 1]!(random))
  return { address, input: Uint8Array.from(Buffer.from(hex, 'hex')) }
}

/** The dearer ones come less often. */
const ADDRESSES = [1, 1, 2, 3, 4, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7, 7, 8, 8, 8, 9, 9] as const

const word = (value: bigint): string => BigInt.asUintN(256, value).toString(16).padStart(64, '0')
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const ALL_ONES = 2n ** 256n - 1n

/** Near what the curves' rules compare with. */
function edge(random: Random, prime: bigint, order: bigint): bigint {
  const near = random.pick([0n, prime, order, prime - order, order / 2n, prime / 2n, 2n * prime, 2n ** 255n, ALL_ONES])
  const value = near + BigInt(random.below(5) - 2)
  return random.below(4) === 0 ? random.bigint(256) : value < 0n ? 0n : value
}

const bn254Edge = (random: Random) => edge(random, BN254_PRIME, BN254_ORDER)
const secp256k1Edge = (random: Random) => edge(random, SECP256K1_PRIME, SECP256K1_ORDER)

/** Spoils the encoding of a list of coordinates, mostly not at all. */
function spoiled(random: Random, coordinates: readonly bigint[], prime: bigint): string {
  const out = [...coordinates]
  const at = random.below(out.length)
  const kind = random.below(24)
  if (kind === 0) out[at] = 0n
  if (kind === 1) out[at] = bn254Edge(random)
  // The same number modulo the prime, which is another encoding of the point.
  if (kind === 2) out[at] = out[at]! + prime
  if (kind === 3) out[at] = out[at]! ^ (1n << BigInt(random.below(256)))
  if (kind === 4) out.reverse()
  // y = 0, on each curve a point of no order that there is.
  if (kind === 5) out.fill(0n, out.length / 2)
  if (kind === 6) out.fill(0n, 0, out.length / 2)
  return out.map(word).join('')
}

const SMALL_G1 = [1n, 2n, 3n, 5n, 17n, BN254_ORDER - 1n, BN254_ORDER - 2n].map((k) => g1.multiply(G1_BASE, k)!)

function g1Hex(random: Random): string {
  const kind = random.below(16)
  if (kind === 0) return word(0n) + word(0n)
  if (kind === 1) return word(bn254Edge(random)) + word(bn254Edge(random))
  if (kind === 2) return word(1n + random.bigint(253)) + word(0n)
  const { x, y } = random.pick(SMALL_G1)
  return spoiled(random, [x, y], BN254_PRIME)
}

const SMALL_G2 = [1n, 2n, 7n, BN254_ORDER - 1n].map((k) => g2.multiply(G2_BASE, k)!)
/** On the twist, but of another order. */
const OUTSIDE_G2 = [1n, 2n, 3n, 4n, 5n, 6n].flatMap((part) => {
  const x: Complex = [part, 1n]
  const y = complexRoot(fp2, BN254_PRIME, g2.rightSide(x))
  return y === null ? [] : [{ x, y }]
})

function g2Hex(random: Random): string {
  const kind = random.below(16)
  if (kind === 0) return word(0n).repeat(4)
  if (kind === 1) return Array.from({ length: 4 }, () => word(bn254Edge(random))).join('')
  if (kind === 2) return word(bn254Edge(random)) + word(bn254Edge(random)) + word(0n) + word(0n)
  const { x, y } = kind === 3 ? random.pick(OUTSIDE_G2) : random.pick(SMALL_G2)
  return spoiled(random, [x[1], x[0], y[1], y[0]], BN254_PRIME)
}

const pointHex = (point: MaybePoint<bigint>): string =>
  point === null ? word(0n) + word(0n) : word(point.x) + word(point.y)

/** e(aG, H) e(-aG, H) and the like: products that are one, or miss it by one term. */
function matchingPairs(random: Random): string {
  const { x, y } = random.pick(SMALL_G2)
  const q = [x[1], x[0], y[1], y[0]].map(word).join('')
  const [a, b] = [BigInt(1 + random.below(50)), BigInt(1 + random.below(50))]
  const c = a + b + (random.below(3) === 0 ? 1n : 0n)
  const pairs = [a, b, BN254_ORDER - c].map((k) => pointHex(g1.multiply(G1_BASE, k)) + q)
  if (random.below(3) === 0) pairs.splice(random.below(3), 0, word(0n) + word(0n) + q)
  return pairs.join('')
}

const GENERATORS: readonly ((random: Random) => string)[] = [
  (random) => {
    const v = random.pick([27n, 28n, 27n, 28n, 27n, 28n, 26n, 29n, 0n, 1n, 27n + (1n << 255n), 27n << 8n])
    const hash = random.pick([0n, 1n, secp256k1Edge(random), random.bigint(256)])
    // With the base point as R and s such that both terms cancel, the key is infinity.
    if (random.below(8) === 0) return word(hash) + word(27n) + word(SECP256K1_BASE.x) + word(hash)
    const r = random.pick([SECP256K1_BASE.x, secp256k1.multiply(SECP256K1_BASE, 2n)!.x, secp256k1Edge(random)])
    const s = random.below(2) === 0 ? random.bigint(255) : secp256k1Edge(random)
    return word(hash) + word(v) + word(r) + word(s)
  },
  (random) => hexOf(random.bytes(random.below(200))),
  (random) => hexOf(random.bytes(random.below(200))),
  (random) => hexOf(random.bytes(random.below(200))),
  (random) => {
    const length = () => random.pick([0, 0, 1, 2, 7, 8, 31, 32, 33, 64, 96, 1023, 1024, 1025])
    const [b, e, m] = [length(), random.pick([0, 1, 2, 31, 32, 33, length()]), length()]
    const operand = (size: number) =>
      hexOf(random.pick([random.bytes(size), new Uint8Array(size), new Uint8Array(size).fill(255)]))
    const lengths = [b, e, m].map(BigInt)
    if (random.below(6) === 0) lengths[random.below(3)] = random.pick([1n << 31n, 1n << 32n, 1n << 64n, ALL_ONES])
    return lengths.map(word).join('') + operand(b) + operand(e) + operand(m)
  },
  (random) => g1Hex(random) + g1Hex(random),
  (random) => g1Hex(random) + word(bn254Edge(random)),
  (random) => {
    if (random.below(4) === 0) return matchingPairs(random)
    return Array.from({ length: random.below(4) }, () => g1Hex(random) + g2Hex(random)).join('')
  },
  (random) => {
    const rounds = random.pick([0, 1, 9, 10, 11, 12, 20, random.below(40), 0xffffffff])
    const words = random.pick([random.bytes(208), new Uint8Array(208), new Uint8Array(208).fill(255)])
    return word(BigInt(rounds)).slice(56) + hexOf(words) + random.pick(['00', '01', '01', '02', '80', 'ff'])
  },
]

/** Cut short, or with more behind it; at each byte as likely as at a border. */
function resized(random: Random, hex: string): string {
  const kind = random.below(24)
  if (kind === 0) return hex.slice(0, 2 * random.below(hex.length / 2 + 1))
  if (kind === 1) return hex.slice(0, 64 * random.below(hex.length / 64 + 1))
  if (kind === 2) return `${hex}00`
  if (kind === 3) return hex + hexOf(random.bytes(1 + random.below(64)))
  return hex
}
