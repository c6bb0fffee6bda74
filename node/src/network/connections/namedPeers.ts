/** The peers named at start: those that are dialled, and that keep what is theirs whatever strangers do. */
import { multiaddr } from '@multiformats/multiaddr'
import { isLoopback } from '../../codec/ipAddress.ts'

/**
 * The addresses of machines where named peers are, by which they can be told before they say who they are: not
 * loopback, no names.
 */
export function namedAddresses(named: ReadonlyMap<string, string>): readonly string[] {
  const addresses = [...named.values()].map((address) => address.split('/').slice(0, 3))
  return addresses
    .filter(([, kind, host]) => (kind === 'ip4' || kind === 'ip6') && host !== undefined && !isLoopback(host))
    .map((parts) => parts.join('/'))
}

/** Peer id to address; our own is left out. @throws RangeError on an address without /p2p/<peer id>. */
export function namedPeers(addresses: readonly string[], own: string): ReadonlyMap<string, string> {
  const peers = new Map<string, string>()
  for (const address of addresses) {
    const peer = multiaddr(address)
      .getComponents()
      .findLast((component) => component.name === 'p2p')?.value
    if (peer === undefined) throw new RangeError(`the peer address ${address} does not end in /p2p/<peer id>`)
    if (peer !== own) peers.set(peer, address)
  }
  return peers
}
