/**
 * A node's libp2p identity from a 32-byte seed, so that its address is known before it runs and the same after a restart.
 */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'

/** @param seed 32 bytes: an ed25519 seed. Not the validator's key: this one is online by nature and signs no votes. */
export async function identityOfSeed(seed: Uint8Array): Promise<{ privateKey: Ed25519PrivateKey; peerId: string }> {
  if (seed.length !== 32) throw new RangeError(`an identity seed has 32 bytes, this one has ${seed.length}`)
  const privateKey = await generateKeyPairFromSeed('Ed25519', seed)
  return { privateKey, peerId: peerIdFromPrivateKey(privateKey).toString() }
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
  return `${listenAddress(host, port)}/p2p/${(await identityOfSeed(seed)).peerId}`
}

/** Multiaddr to listen on. Port 0 lets the system choose. */
export function listenAddress(host: string, port: number): string {
  const kind = host.includes(':') ? 'ip6' : /^\d+\.\d+\.\d+\.\d+$/.test(host) ? 'ip4' : 'dns'
  return `/${kind}/${host}/tcp/${port}`
}
