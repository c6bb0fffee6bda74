/**
 * The reference implementation of every slot: @noble/curves and @noble/hashes, pure JavaScript, audited. Nothing of a
 * curve is used before a slot is called: a bundle makes the curves then (scripts/bundle/lazyModules.ts).
 */

import { pow } from '@noble/curves/abstract/modular.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bigintToBytes, bytesToBigint, concatBytes, equalBytes } from '../codec/bytes.ts'
import { decodeEd25519Point, encodeEd25519Point } from './ed25519Point.ts'
import type { CryptoProvider } from './provider.ts'

export const nobleProvider: CryptoProvider = {
  keccak256: (data) => keccak_256(data),
  sha256: (data) => sha256(data),

  recoverPublicKey(hash, signature, yParity) {
    const r = bytesToBigint(signature.subarray(0, 32))
    const s = bytesToBigint(signature.subarray(32))
    const pointR = liftX(r, yParity)
    if (pointR === null) return null
    const { BASE, Fn } = secp256k1.Point
    const inverse = Fn.inv(r)
    const publicKey = BASE.mulAddUnsafe(Fn.create(-bytesToBigint(hash) * inverse), pointR, Fn.create(s * inverse))
    if (publicKey.is0()) return null
    const { x, y } = publicKey.toAffine()
    return concatBytes(bigintToBytes(x, 32), bigintToBytes(y, 32))
  },

  publicKeySecp256k1: (privateKey) => secp256k1.getPublicKey(privateKey, false).subarray(1),

  signSecp256k1(hash, privateKey) {
    const signed = secp256k1.sign(hash, privateKey, { prehash: false, format: 'recovered' })
    return concatBytes(signed.subarray(1), signed.subarray(0, 1))
  },

  verifyEd25519(signature, message, publicKey) {
    const a = decodeEd25519Point(publicKey)
    if (a === null) return false
    const { Point } = ed25519
    const encodedR = signature.subarray(0, 32)
    const s = bytesToBigint(signature.slice(32).reverse())
    const k = bytesToBigint(sha512(concatBytes(encodedR, publicKey, message)).reverse()) % Point.Fn.ORDER
    const r = Point.BASE.multiplyUnsafe(s).subtract(Point.fromAffine(a).multiplyUnsafe(k))
    return equalBytes(encodeEd25519Point(r.toAffine()), encodedR)
  },

  publicKeyEd25519: (seed) => ed25519.getPublicKey(seed),
  signEd25519: (message, seed) => ed25519.sign(message, seed),
}

/**
 * The point of secp256k1 with this x coordinate, below the prime, and this parity of y; null when there is none. Not by
 * noble's own decoder, which throws for an x of no point: an exception cannot be told from a failure of this machine.
 */
function liftX(x: bigint, yParity: 0 | 1): InstanceType<typeof secp256k1.Point> | null {
  const { Point } = secp256k1
  const { Fp } = Point
  const square = Fp.create(x * x * x + 7n)
  // The prime is 3 mod 4 (SEC 1, section 2.3.4). No point has y = 0: the order is odd.
  const y = pow(square, (Fp.ORDER + 1n) / 4n, Fp.ORDER)
  if (Fp.create(y * y) !== square) return null
  return Point.fromAffine({ x, y: y % 2n === BigInt(yParity) ? y : Fp.ORDER - y })
}
