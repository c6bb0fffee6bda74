/** A node's libp2p identity from a 32-byte seed, so that its address is known before it runs and the same after a restart. */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'

/** @param seed 32 bytes: an ed25519 seed. Not the validator's key: this one is online by nature and signs no votes. */
export async function identityOfSeed(seed: Uint8Array): Promise<{ privateKey: Ed25519PrivateKey; peerId: string }> {
  if (seed.length !== 32) throw new RangeError(`an identity seed has 32 bytes, this one has ${seed.length}`)
  const privateKey = await generateKeyPairFromSeed('Ed25519', seed)
  return { privateKey, peerId: peerIdFromPrivateKey(privateKey).toString() }
}

/** The multiaddr of a node that listens on `host` and `port` with this seed. `host` is an IPv4 or IPv6 address or a DNS name. */
export async function multiaddrOfSeed(seed: Uint8Array, host: string, port: number): Promise<string> {
  return `${listenAddress(host, port)}/p2p/${(await identityOfSeed(seed)).peerId}`
}

/** Multiaddr to listen on. Port 0 lets the system choose. */
export function listenAddress(host: string, port: number): string {
  const kind = host.includes(':') ? 'ip6' : /^\d+\.\d+\.\d+\.\d+$/.test(host) ? 'ip4' : 'dns'
  return `/${kind}/${host}/tcp/${port}`
}

/** Whether an address is of this machine: every node of a devnet shares it, so it says nothing about who is behind. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || host.startsWith('127.')
}

/**
 * Of a multiaddr: the address or name of the machine. Of IPv6 the first 64 bits, since whoever has one such address has all
 * that begin alike.
 */
export function hostOf(address: string): string {
  const [, kind, host = ''] = address.split('/')
  // IPv4 in IPv6 is one address.
  if (kind !== 'ip6' || isLoopback(host) || /^::ffff:/i.test(host)) return host
  const [head = '', tail] = host.split('::')
  const groups = head.split(':')
  const rest = tail === undefined || tail === '' ? [] : tail.split(':')
  if (tail !== undefined) groups.push(...Array<string>(8 - groups.length - rest.length).fill('0'), ...rest)
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group || '0', 16).toString(16))
  return `${network.join(':')}::/64`
}
