/** ECDSA on secp256k1 (SEC 1, SEC 2) as Ethereum's transactions use it: the sender is recovered from the signature. */
import { bigintToBytes, bytesToBigint, compareBytes, concatBytes } from '../codec/bytes.ts'
import { keccak256 } from './keccak.ts'
import { slots } from './provider.ts'

/** The order of the group (SEC 2, section 2.4.1). */
export const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
/** The largest s of a transaction (EIP-2); its negative is the same signature in another form. */
export const SECP256K1_HALF_ORDER = SECP256K1_ORDER / 2n

const PRIVATE_KEY_LENGTH = 32
const ORDER_BYTES = bigintToBytes(SECP256K1_ORDER, 32)

export interface Secp256k1Signature {
  readonly r: bigint
  readonly s: bigint
  /** Parity of the y coordinate of the point whose x coordinate is r. */
  readonly yParity: 0 | 1
}

/**
 * The 20-byte address that signed the 32-byte `hash`, or null when no key fits. A high s is allowed here, as the
 * ecrecover precompile needs; transactions refuse it when they are decoded.
 */
export function recoverAddress(hash: Uint8Array, r: bigint, s: bigint, yParity: 0 | 1): Uint8Array | null {
  if (hash.length !== 32) throw new RangeError(`recoverAddress: hash of ${hash.length} bytes`)
  if (r <= 0n || r >= SECP256K1_ORDER || s <= 0n || s >= SECP256K1_ORDER) return null
  return recoverSigner(hash, concatBytes(bigintToBytes(r, 32), bigintToBytes(s, 32)), yParity)
}

/** The same for the numbers as bytes, r || s, 64. */
export function recoverSigner(hash: Uint8Array, signature: Uint8Array, yParity: 0 | 1): Uint8Array | null {
  if (!isScalar(signature.subarray(0, 32)) || !isScalar(signature.subarray(32))) return null
  const publicKey = slots.recoverPublicKey(hash, signature, yParity)
  return publicKey === null ? null : addressOfPublicKey(publicKey)
}

/** Whether 32 bytes are a number from 1 to the order less 1. */
function isScalar(bytes: Uint8Array): boolean {
  return compareBytes(bytes, ORDER_BYTES) < 0 && !isZero(bytes)
}

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) return false
  return true
}

/** Deterministic (RFC 6979) with low s. `hash` and `privateKey` are 32 bytes. @throws on a private key outside [1, n-1]. */
export function signHash(hash: Uint8Array, privateKey: Uint8Array): Secp256k1Signature {
  const signed = slots.signSecp256k1(hash, privateKey)
  return {
    r: bytesToBigint(signed.subarray(0, 32)),
    s: bytesToBigint(signed.subarray(32, 64)),
    yParity: signed[64] === 1 ? 1 : 0,
  }
}

/**
 * The account of a private key, 32 bytes; 20 bytes. @throws RangeError for a private key outside [1, n-1]
 *
 * @example
 * ```ts
 * import { addressOfPrivateKey, toHex } from '@touchstone/node'
 *
 * toHex(addressOfPrivateKey(new Uint8Array(32).fill(1))) // => '0x1a642f0e3c3af545e7acbd38b07251b3990914f1'
 * ```
 */
export function addressOfPrivateKey(privateKey: Uint8Array): Uint8Array {
  expectPrivateKey(privateKey)
  return addressOfPublicKey(slots.publicKeySecp256k1(privateKey))
}

/** Here and not in the providers, whose libraries say it each in its own words. Never shows the key. */
function expectPrivateKey(privateKey: Uint8Array): void {
  const { length } = privateKey
  if (length !== PRIVATE_KEY_LENGTH) {
    throw new RangeError(`secp256k1: a private key has ${PRIVATE_KEY_LENGTH} bytes, this one has ${length}`)
  }
  const key = bytesToBigint(privateKey)
  if (key > 0n && key < SECP256K1_ORDER) return
  const place = key === 0n ? '0' : 'not below the order'
  throw new RangeError(`secp256k1: a private key is from 1 to the order of the curve less 1, this one is ${place}`)
}

/** The last 20 bytes of keccak256(x || y). */
export function addressOfPublicKey(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== 64) throw new RangeError(`addressOfPublicKey: ${publicKey.length} bytes, expected x || y`)
  return keccak256(publicKey).slice(12)
}
