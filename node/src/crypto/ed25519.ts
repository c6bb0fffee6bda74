/**
 * Ed25519 (RFC 8032, section 5.1) for validators' votes, under one written rule, because implementations differ on
 * signatures nobody makes honestly (Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs"), and validators that
 * differ on a signature differ on a certificate.
 *
 * A signature R || S of message M under public key A is valid exactly when
 *   1. R || S is 64 bytes and A is 32 bytes,
 *   2. S, little-endian, is below the group order L,
 *   3. A is the canonical encoding of a curve point: y below 2^255 - 19, and no sign bit where x is 0,
 *   4. neither A nor R is one of the eight points of small order,
 *   5. R equals, byte for byte, the canonical encoding of [S]B - [k]A with k = SHA-512(R || A || M) mod L
 *      (the equation without cofactor; comparing bytes makes a non-canonical R invalid).
 *
 * 1 to 4 are checked here once, for every provider alike; a provider does 5, which OpenSSL and noble's points agree on.
 * noble's own `verify` multiplies by the cofactor and accepts more, so the noble provider does not use it. OpenSSL since
 * 3.5 refuses an R of small order and older ones do not: that is why 4 names R, which no honest signer makes.
 *
 * Why it is so: docs/rationale/state.md.
 */
import { bytesToBigint, keyOf } from '../codec/bytes.ts'
import { decodeEd25519Point } from './ed25519Point.ts'
import { slots } from './provider.ts'

/** L, the order of the base point (RFC 8032, section 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

/** The canonical encodings of the points of small order; other encodings of them fail 3 or 5. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
])

export const ED25519_SIGNATURE_LENGTH = 64
const ED25519_PUBLIC_KEY_LENGTH = 32
const ED25519_SEED_LENGTH = 32

/**
 * `seed` is the 32-byte private key of RFC 8032. 32 bytes.
 *
 * @example
 * ```ts
 * import { ed25519PublicKey } from '@touchstone/node'
 *
 * const validator = ed25519PublicKey(crypto.getRandomValues(new Uint8Array(32)))
 * validator.length // => 32
 * ```
 */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  expectSeed(seed)
  return slots.publicKeyEd25519(seed)
}

/** Deterministic; 64 bytes. @throws Error for a private key that has not 32 bytes, of which OpenSSL takes the first 32 */
export function ed25519Sign(message: Uint8Array, seed: Uint8Array): Uint8Array {
  expectSeed(seed)
  return slots.signEd25519(message, seed)
}

function expectSeed(seed: Uint8Array): void {
  if (seed.length === ED25519_SEED_LENGTH) return
  throw new Error(`ed25519: a private key has ${ED25519_SEED_LENGTH} bytes, not ${seed.length}`)
}

/** The rule above. False for anything else; never throws. */
export function ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== ED25519_SIGNATURE_LENGTH) return false
  if (littleEndian(signature.subarray(32)) >= ORDER) return false
  if (SMALL_ORDER.has(keyOf(signature.subarray(0, 32)))) return false
  if (!isEd25519PublicKey(publicKey)) return false
  return slots.verifyEd25519(signature, message, publicKey)
}

/** The conditions of 3 and 4 on A, which a validator's key must satisfy. */
export function isEd25519PublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== ED25519_PUBLIC_KEY_LENGTH) return false
  const key = keyOf(publicKey)
  let known = checkedKeys.get(key)
  if (known === undefined) {
    known = decodeEd25519Point(publicKey) !== null && !SMALL_ORDER.has(key)
    // Validators are few; the bound only keeps a flood of made-up keys from growing the map.
    if (checkedKeys.size >= MAX_CHECKED_KEYS) checkedKeys.clear()
    checkedKeys.set(key, known)
  }
  return known
}

const MAX_CHECKED_KEYS = 1024
/** Decoding a point costs a square root; the answer for a key never changes. */
const checkedKeys = new Map<string, boolean>()

function littleEndian(bytes: Uint8Array): bigint {
  return bytesToBigint(bytes.slice().reverse())
}
