/** The peers named at start: those that are dialled, and that keep what is theirs whatever strangers do. */
import { multiaddr } from '@multiformats/multiaddr'

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
