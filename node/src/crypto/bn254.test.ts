import { bn254 } from '@noble/curves/bn254.js'
import { describe, expect, test } from 'vitest'
import { bigintToBytes, concatBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { bn254Add, bn254Mul, bn254Pairing } from './bn254.ts'

const word = (value: bigint) => bigintToBytes(value, 32)
const PRIME = 21888242871839275222246405745257275088696311157297823662689037894645226208583n
const ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n
const G = concatBytes(word(1n), word(2n))
const NEGATIVE_G = concatBytes(word(1n), word(PRIME - 2n))
const INFINITY = new Uint8Array(64)
/** EIP-197's generator, imaginary parts first. */
const G2 = concatBytes(
  word(11559732032986387107991004021392285783925812861821192530917403151452391805634n),
  word(10857046999023057135944570762232829481370756359578518086990519993285655852781n),
  word(4082367875863433681332203403145435568316851327593401208105741076214120093531n),
  word(8495653923123431417604973247489272438418190587263600148770280649306958101930n),
)

describe('EIP-196', () => {
  test('addition has a neutral element, inverses and doubling', () => {
    expect(bn254Add(concatBytes(G, INFINITY))).toEqual(G)
    expect(bn254Add(concatBytes(G, NEGATIVE_G))).toEqual(INFINITY)
    expect(bn254Add(concatBytes(G, G))).toEqual(bn254Mul(concatBytes(G, word(2n))))
    expect(toHex(bn254Add(concatBytes(G, G))!)).toBe(
      '0x030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3' +
        '15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4',
    )
  })

  test('short input is padded, long input cut', () => {
    expect(bn254Add(new Uint8Array(0))).toEqual(INFINITY)
    expect(bn254Add(G)).toEqual(G)
    expect(bn254Add(concatBytes(G, INFINITY, Uint8Array.of(1)))).toEqual(G)
    expect(bn254Mul(new Uint8Array(0))).toEqual(INFINITY)
  })

  test('a scalar is any 256-bit number', () => {
    expect(bn254Mul(concatBytes(G, word(0n)))).toEqual(INFINITY)
    expect(bn254Mul(concatBytes(G, word(ORDER)))).toEqual(INFINITY)
    expect(bn254Mul(concatBytes(G, word(ORDER + 1n)))).toEqual(G)
    expect(bn254Mul(concatBytes(G, word(ORDER - 1n)))).toEqual(NEGATIVE_G)
    expect(bn254Mul(concatBytes(G, word(2n ** 256n - 1n)))).not.toBeNull()
  })

  test('points off the curve and coordinates not below the prime are invalid', () => {
    expect(bn254Add(concatBytes(word(1n), word(1n)))).toBeNull()
    expect(bn254Add(concatBytes(word(PRIME + 1n), word(2n)))).toBeNull()
    expect(bn254Add(concatBytes(word(PRIME), word(PRIME)))).toBeNull()
    expect(bn254Mul(concatBytes(word(1n), word(3n), word(0n)))).toBeNull()
  })

  test('a point with y = 0 is off the curve, whatever x is (noble throws where it makes such a point)', () => {
    for (const x of [1n, 2n, 5n, PRIME - 1n]) {
      expect(bn254Add(word(x))).toBeNull()
      expect(bn254Add(concatBytes(G, word(x)))).toBeNull()
      expect(bn254Mul(concatBytes(word(x), word(0n), word(2n)))).toBeNull()
      expect(bn254Pairing(concatBytes(word(x), word(0n), G2))).toBeNull()
    }
    expect(bn254Add(concatBytes(word(0n), word(1n)))).toBeNull()
  })
})

describe('EIP-197', () => {
  test('no pairs give one', () => {
    expect(bn254Pairing(new Uint8Array(0))).toEqual(word(1n))
  })

  test('e(G, H) e(-G, H) is one, e(G, H) is not', () => {
    expect(bn254Pairing(concatBytes(G, G2, NEGATIVE_G, G2))).toEqual(word(1n))
    expect(bn254Pairing(concatBytes(G, G2))).toEqual(word(0n))
  })

  test('it is bilinear: e(6G, H) = e(G, H)^6', () => {
    const six = bn254Mul(concatBytes(G, word(6n)))!
    const pairs = new Array<Uint8Array>(6).fill(concatBytes(NEGATIVE_G, G2))
    expect(bn254Pairing(concatBytes(six, G2, ...pairs))).toEqual(word(1n))
    expect(bn254Pairing(concatBytes(six, G2, ...pairs.slice(1)))).toEqual(word(0n))
  })

  test('infinity on either side counts as one', () => {
    expect(bn254Pairing(concatBytes(INFINITY, G2))).toEqual(word(1n))
    expect(bn254Pairing(concatBytes(G, new Uint8Array(128)))).toEqual(word(1n))
    expect(bn254Pairing(concatBytes(G, G2, INFINITY, G2))).toEqual(word(0n))
  })

  test('invalid points make the whole input invalid', () => {
    const offCurve = concatBytes(word(0n), word(1n), word(0n), word(1n))
    expect(bn254Pairing(concatBytes(G, offCurve))).toBeNull()
    expect(bn254Pairing(concatBytes(word(1n), word(1n), G2))).toBeNull()
    expect(bn254Pairing(concatBytes(G, G2).subarray(1))).toBeNull()
    // Infinity does not excuse its partner.
    expect(bn254Pairing(concatBytes(INFINITY, offCurve))).toBeNull()
  })

  test('a point of G2 with y = 0, or with one part of y zero, is off the curve', () => {
    const partsOfX = [
      [0n, 1n],
      [1n, 0n],
      [3n, PRIME - 1n],
    ] as const
    for (const [x1, x0] of partsOfX) {
      expect(bn254Pairing(concatBytes(G, word(x1), word(x0), word(0n), word(0n)))).toBeNull()
      expect(bn254Pairing(concatBytes(INFINITY, word(x1), word(x0), word(0n), word(0n)))).toBeNull()
    }
    expect(bn254Pairing(concatBytes(G, word(0n), word(0n), word(0n), word(1n)))).toBeNull()
    expect(bn254Pairing(concatBytes(G, word(0n), word(0n), word(1n), word(0n)))).toBeNull()
  })

  test('a point of the twist outside the subgroup is invalid', () => {
    const { Fp2 } = bn254.fields
    const b = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]))
    // The twist has far more points than the subgroup: the first x that is on it will do.
    let x = Fp2.ONE
    const squareOf = () => Fp2.add(Fp2.mul(Fp2.sqr(x), x), b)
    while (!Fp2.isValidNot0(squareOf()) || !isSquare(squareOf())) x = Fp2.add(x, Fp2.ONE)
    const y = Fp2.sqrt(squareOf())
    expect(Fp2.eql(Fp2.sqr(y), squareOf())).toBe(true)
    const outside = concatBytes(word(x.c1), word(x.c0), word(y.c1), word(y.c0))
    expect(bn254Pairing(concatBytes(G, outside))).toBeNull()

    function isSquare(value: typeof x): boolean {
      return Fp2.eql(Fp2.pow(value, (Fp2.ORDER - 1n) / 2n), Fp2.ONE)
    }
  })
})
