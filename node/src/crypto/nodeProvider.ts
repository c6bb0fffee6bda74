/**
 * Hashes, Ed25519 and public keys by the OpenSSL that Node carries: the same answers as noble's, Keccak three to eight
 * times, verification about eight and signing five times as fast, and a first public key without the tables that noble
 * makes then. A node process may put it into the slots; replay and foreign runtimes need not.
 */
import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  getCurves,
  getHashes,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { concatBytes, equalBytes, keyOf } from '../codec/bytes.ts'
import { fromHex } from '../codec/hex.ts'
import { nobleProvider } from './nobleProvider.ts'
import type { CryptoProvider } from './provider.ts'

/** OpenSSL's name of the curve. */
const SECP256K1 = 'secp256k1'
const SECP256K1_KEY_LENGTH = 32
const ED25519_KEY_LENGTH = 32

const verifyEd25519: CryptoProvider['verifyEd25519'] = (signature, message, publicKey) =>
  verify(null, message, keyObjectOf(publicKey), signature)

/** `keccak256` is left out where this Node's OpenSSL does not have it (before 3.2). */
export const nodeProvider: Pick<
  CryptoProvider,
  'sha256' | 'publicKeySecp256k1' | 'verifyEd25519' | 'publicKeyEd25519' | 'signEd25519'
> &
  Partial<Pick<CryptoProvider, 'keccak256'>> = {
  sha256: opensslHash('sha256'),
  publicKeySecp256k1: publicKeysWith(getCurves()),
  verifyEd25519,
  publicKeyEd25519: (seed) => lastBytes(createPublicKey(privateKeyOf(seed)), ED25519_KEY_LENGTH),
  signEd25519: (message, seed) => new Uint8Array(sign(null, message, privateKeyOf(seed))),
  ...(hasKeccak() ? { keccak256: opensslHash('keccak-256') } : {}),
}

/** noble's where the library was built without the curve, as the one in Electron and those of some distributions. */
export function publicKeysWith(curves: readonly string[]): CryptoProvider['publicKeySecp256k1'] {
  return curves.includes(SECP256K1) ? publicKeySecp256k1 : nobleProvider.publicKeySecp256k1
}

/** Node takes shorter and longer keys too, for the numbers that they are; noble does not. */
function publicKeySecp256k1(privateKey: Uint8Array): Uint8Array {
  if (privateKey.length !== SECP256K1_KEY_LENGTH) {
    throw new RangeError(`secp256k1: a private key has ${SECP256K1_KEY_LENGTH} bytes, not ${privateKey.length}`)
  }
  const pair = createECDH(SECP256K1)
  pair.setPrivateKey(privateKey)
  // After the byte that says that both coordinates follow.
  return new Uint8Array(pair.getPublicKey()).slice(1)
}

/** Of a SubjectPublicKeyInfo, which ends with the key. */
function lastBytes(key: KeyObject, length: number): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' })).slice(-length)
}

/** Copied out of the Buffer, so that what is kept is a plain array of its own. */
function opensslHash(algorithm: string): (data: Uint8Array) => Uint8Array {
  return (data) => new Uint8Array(hash(algorithm, data, 'buffer'))
}

/** By its answer too, not by its name alone, which might be SHA3-256 with its other padding. */
function hasKeccak(): boolean {
  if (!getHashes().includes('keccak-256')) return false
  const sample = Uint8Array.of(1, 2, 3)
  return equalBytes(hash('keccak-256', sample, 'buffer'), nobleProvider.keccak256(sample))
}

/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410, section 4) before its 32 bytes. */
const SPKI_PREFIX = fromHex('0x302a300506032b6570032100')

/** PrivateKeyInfo of an Ed25519 key (RFC 8410, section 7) before its 32 bytes. */
const PKCS8_PREFIX = fromHex('0x302e020100300506032b657004220420')

/** A validator signs with one key, and importing it takes as long as signing. Its seed is in memory all the time, too. */
let newest: { readonly seed: Uint8Array; readonly key: KeyObject } | null = null

function privateKeyOf(seed: Uint8Array): KeyObject {
  if (newest !== null && equalBytes(newest.seed, seed)) return newest.key
  const key = createPrivateKey({ key: derOf(PKCS8_PREFIX, seed), format: 'der', type: 'pkcs8' })
  newest = { seed: seed.slice(), key }
  return key
}

function derOf(prefix: Uint8Array, key: Uint8Array): Buffer {
  const der = concatBytes(prefix, key)
  return Buffer.from(der.buffer, der.byteOffset, der.length)
}

const MAX_KEY_OBJECTS = 1024
/** Importing a key costs as much as half a verification, and a validator's key is used for every vote. */
const keyObjects = new Map<string, KeyObject>()

function keyObjectOf(publicKey: Uint8Array): KeyObject {
  const name = keyOf(publicKey)
  let key = keyObjects.get(name)
  if (key === undefined) {
    key = createPublicKey({ key: derOf(SPKI_PREFIX, publicKey), format: 'der', type: 'spki' })
    if (keyObjects.size >= MAX_KEY_OBJECTS) keyObjects.clear()
    keyObjects.set(name, key)
  }
  return key
}
