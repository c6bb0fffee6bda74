/** The node's network as its configuration asks for it, which loads libp2p when there is somebody to talk to. */
import { isIP } from 'node:net'
import { fromHex } from '../codec/hex.ts'
import type { NodeConfigJson } from '../config.ts'
import { listenAddress, peerIdOfSeed } from '../network/identity.ts'
import { LateNetwork } from '../network/lateNetwork.ts'
import type { DiallingNetwork } from '../network/network.ts'
import { openDoorbell } from '../runtime/doorbell.ts'

/** All addresses of the machine, which libp2p can tell apart, and IPv4 in the form of IPv6, on which it cannot listen. */
const ALL_OR_MAPPED = /^[0:.]+$|^[0:]*:ffff:/i
/** `fe80::1%eth0`: libp2p refuses it, and so it is to do at the start. */
const ZONE = '%'

export interface PeerNetworkOptions {
  /** Loads libp2p; the port to listen on, where it is not that of the configuration. */
  readonly load: (port?: number) => Promise<DiallingNetwork>
  /** The network of a node that dialled nobody could not be started when somebody connected. */
  readonly onFailure: (error: unknown) => void
}

export function peerNetwork({ p2p }: NodeConfigJson, { load, onFailure }: PeerNetworkOptions): DiallingNetwork {
  const { host, port, bootstrap } = p2p
  const id = peerIdOfSeed(fromHex(p2p.seed))
  const dialsNobody = bootstrap.every((address) => address.endsWith(`/p2p/${id}`))
  if (!dialsNobody || !isOneAddress(host)) return new LateNetwork({ id, load, alone: null })
  const open = () => openDoorbell(host, port)
  const address = (bound: number) => `${listenAddress(host, bound)}/p2p/${id}`
  return new LateNetwork({ id, load, alone: { open, address, onFailure } })
}

/** Not a name, nor what the system alone takes for an address, such as 127.0.0.01. */
function isOneAddress(host: string): boolean {
  return isIP(host) !== 0 && !host.includes(ZONE) && !ALL_OR_MAPPED.test(host)
}
