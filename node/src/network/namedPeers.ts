import { multiaddr } from '@multiformats/multiaddr'

/** Peers named at start: peer id to address; our own is left out. @throws RangeError on an address without /p2p/<peer id>. */
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
