/**
 * Where the peers named at start are dialled, and the connections that were made there. The addresses can change while the
 * node runs; of the connections to those that are dialled no more none is left then, whatever became of it so far.
 */
import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'

export class DialTargets {
  #addresses: ReadonlyMap<string, string>
  #allowed: ReadonlySet<string>
  /** Those that this node dialled, from the moment in which TCP's handshake is done. */
  readonly #open = new Set<MultiaddrConnection>()

  /** Peer id to multiaddr, as namedPeers gives them. */
  constructor(addresses: ReadonlyMap<string, string>) {
    this.#addresses = addresses
    this.#allowed = written(addresses)
  }

  /** Undefined for a peer that is not dialled. */
  addressOf(peer: string): string | undefined {
    return this.#addresses.get(peer)
  }

  /** Whether it may be dialled, as a multiaddr with the peer's id. */
  allows(address: string): boolean {
    return this.#allowed.has(address)
  }

  /** A connection that this node dialled, before a byte goes over it. False: its address was given up meanwhile. */
  admit(raw: MultiaddrConnection): boolean {
    if (!this.allows(raw.remoteAddr.toString())) return false
    this.#open.add(raw)
    raw.addEventListener('close', () => this.#open.delete(raw))
    return true
  }

  /** From now on nothing else is dialled. Ends connections to addresses that are not among these, unfinished ones too. */
  replace(addresses: ReadonlyMap<string, string>): void {
    this.#addresses = addresses
    this.#allowed = written(addresses)
    for (const raw of [...this.#open]) {
      if (!this.allows(raw.remoteAddr.toString())) raw.abort(new Error('the peer is dialled elsewhere from now on'))
    }
  }
}

/** As libp2p writes them, which asks with addresses it has read: IPv6 has several ways. */
function written(addresses: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set([...addresses.values()].map((address) => multiaddr(address).toString()))
}
