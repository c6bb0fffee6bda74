/**
 * Slots for the primitives that cost a node most of its time, so that a native or Wasm implementation can be put in
 * without anyone who calls them knowing. Pure-JavaScript noble is the default and the reference: whatever is put in
 * must give the same answer for every input, valid or not (secp256k1.test.ts and ed25519.test.ts compare them).
 */
import { nobleProvider } from './nobleProvider.ts'

export interface CryptoProvider {
  /** Keccak-256 with the original padding (not SHA3-256). 32 bytes. */
  readonly keccak256: (data: Uint8Array) => Uint8Array
  /** 32 bytes. */
  readonly sha256: (data: Uint8Array) => Uint8Array
  /**
   * ECDSA public key recovery on secp256k1 (SEC 1, section 4.1.6).
   * `signature` is r || s, 64 bytes big-endian, both in [1, n-1]. Returns x || y, 64 bytes, or null when no key fits.
   */
  readonly recoverPublicKey: (hash: Uint8Array, signature: Uint8Array, yParity: 0 | 1) => Uint8Array | null
  /** The point of a private key, 32 bytes: x || y, 64 bytes. @throws on a key outside [1, n-1] */
  readonly publicKeySecp256k1: (privateKey: Uint8Array) => Uint8Array
  /** Deterministic (RFC 6979), low s. Returns r || s || yParity, 65 bytes. */
  readonly signSecp256k1: (hash: Uint8Array, privateKey: Uint8Array) => Uint8Array
  /**
   * The equation of ed25519.ts only: lengths, the scalar's range and the public key's encoding were checked by the
   * caller, who also refused small-order keys. 64-byte signature, 32-byte key.
   */
  readonly verifyEd25519: (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean
  /** RFC 8032; `seed` is the 32-byte private key. 32 bytes. */
  readonly publicKeyEd25519: (seed: Uint8Array) => Uint8Array
  /** RFC 8032; `seed` is the 32-byte private key. 64 bytes. */
  readonly signEd25519: (message: Uint8Array, seed: Uint8Array) => Uint8Array
}

/** The slots through which the modules beside this one call. */
export const slots: { -readonly [slot in keyof CryptoProvider]: CryptoProvider[slot] } = { ...nobleProvider }

/** Fills some slots and leaves the others. Call it at an entry point, before the node starts. */
export function setCryptoProvider(provider: Partial<CryptoProvider>): void {
  Object.assign(slots, provider)
}
