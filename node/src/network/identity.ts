/**
 * A node's libp2p identity from a 32-byte seed, so that its address is known before it runs and the same after a restart.
 */
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { base58 } from '@scure/base'
import { concatBytes } from '../codec/bytes.ts'
import { ed25519PublicKey } from '../crypto/ed25519.ts'

/**
 * Before the key in the bytes of a peer id: a multihash `identity` of 36 bytes, which are protobuf's of a public key of type
 * Ed25519 with 32 (libp2p's specification of peer ids).
 */
const ED25519_PEER_ID = Uint8Array.of(0, 36, 8, 1, 18, 32)

/** @param seed 32 bytes: an ed25519 seed. Not the validator's key: this one is online by nature and signs no votes. */
export async function identityOfSeed(seed: Uint8Array): Promise<{ privateKey: Ed25519PrivateKey; peerId: string }> {
  const peerId = peerIdOfSeed(seed)
  // Loaded here, since who only names peers needs no libp2p.
  const { privateKeyFromRaw } = await import('@libp2p/crypto/keys')
  // Of the seed alone libp2p would derive the public key by noble, which makes a table of multiples first.
  const privateKey = privateKeyFromRaw(concatBytes(seed, ed25519PublicKey(seed)))
  if (privateKey.type !== 'Ed25519') throw new TypeError(`64 bytes were taken for a key of type ${privateKey.type}`)
  return { privateKey, peerId }
}

/** The id that others know a node by. @throws RangeError */
export function peerIdOfSeed(seed: Uint8Array): string {
  if (seed.length !== 32) throw new RangeError(`an identity seed has 32 bytes, this one has ${seed.length}`)
  return base58.encode(concatBytes(ED25519_PEER_ID, ed25519PublicKey(seed)))
}

/**
 * The multiaddr of a node that listens on `host` and `port` with this seed. `host` is an IPv4 or IPv6 address or a DNS name.
 *
 * @example
 * ```ts
 * import { multiaddrOfSeed } from '@touchstone/node'
 *
 * const address = await multiaddrOfSeed(new Uint8Array(32).fill(1), '127.0.0.1', 30303)
 * address.split('/p2p/')[0] // => '/ip4/127.0.0.1/tcp/30303'
 * ```
 */
export async function multiaddrOfSeed(seed: Uint8Array, host: string, port: number): Promise<string> {
  return `${listenAddress(host, port)}/p2p/${peerIdOfSeed(seed)}`
}

/** Multiaddr to listen on. Port 0 lets the system choose. */
export function listenAddress(host: string, port: number): string {
  const kind = host.includes(':') ? 'ip6' : /^\d+\.\d+\.\d+\.\d+$/.test(host) ? 'ip4' : 'dns'
  return `/${kind}/${host}/tcp/${port}`
}
