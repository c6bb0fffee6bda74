/** The reference implementation of every slot: @noble/curves and @noble/hashes, pure JavaScript, audited. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bigintToBytes, bytesToBigint, concatBytes, equalBytes } from '../codec/bytes.ts'
import type { CryptoProvider } from './provider.ts'

export const nobleProvider: CryptoProvider = {
  keccak256: (data) => keccak_256(data),
  sha256: (data) => sha256(data),

  recoverPublicKey(hash, signature, yParity) {
    try {
      const parsed = secp256k1.Signature.fromBytes(signature, 'compact').addRecoveryBit(yParity)
      return parsed.recoverPublicKey(hash).toBytes(false).slice(1)
    } catch {
      // noble throws for an r that is no x coordinate and for the point at infinity alike.
      return null
    }
  },

  signSecp256k1(hash, privateKey) {
    const signed = secp256k1.sign(hash, privateKey, { prehash: false, format: 'recovered' })
    return concatBytes(signed.subarray(1), signed.subarray(0, 1))
  },

  verifyEd25519(signature, message, publicKey) {
    const { Point } = ed25519
    const encodedR = signature.subarray(0, 32)
    const s = bytesToBigint(signature.slice(32).reverse())
    try {
      const a = Point.fromBytes(publicKey, false)
      const k = bytesToBigint(sha512(concatBytes(encodedR, publicKey, message)).reverse()) % Point.Fn.ORDER
      const r = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k))
      return equalBytes(encodeEd25519Point(r.toAffine()), encodedR)
    } catch {
      // The key is no point of the curve.
      return false
    }
  },

  signEd25519: (message, seed) => ed25519.sign(message, seed),
}

/** RFC 8032, section 5.1.2. Unlike noble's own encoder it takes the neutral point too, which R may be. */
function encodeEd25519Point(point: { x: bigint; y: bigint }): Uint8Array {
  const bytes = bigintToBytes(point.y, 32).reverse()
  if (point.x & 1n) bytes[31]! |= 0x80
  return bytes
}
