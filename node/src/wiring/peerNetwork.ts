/** The node's network as its configuration asks for it, which loads libp2p when there is somebody to talk to. */
import { fromHex } from '../codec/hex.ts'
import type { NodeConfigJson } from '../config.ts'
import { listenAddress, peerIdOfSeed } from '../network/identity.ts'
import { LateNetwork } from '../network/lateNetwork.ts'
import type { Network } from '../network/network.ts'
import { openDoorbell } from '../runtime/doorbell.ts'

/** An address and no name; not one that means all addresses of the machine, which libp2p can tell apart. */
const ONE_ADDRESS = /^(?!0\.0\.0\.0$)\d+\.\d+\.\d+\.\d+$|^(?![0:]+$)[\da-f:.]*:[\da-f:.]*$/i

export interface PeerNetworkOptions {
  /** Loads libp2p; the port to listen on, where it is not that of the configuration. */
  readonly load: (port?: number) => Promise<Network>
  /** The network of a node that dialled nobody could not be started when somebody connected. */
  readonly onFailure: (error: unknown) => void
}

export function peerNetwork({ p2p }: NodeConfigJson, { load, onFailure }: PeerNetworkOptions): Network {
  const { host, port, bootstrap } = p2p
  const id = peerIdOfSeed(fromHex(p2p.seed))
  const dialsNobody = bootstrap.every((address) => address.endsWith(`/p2p/${id}`))
  if (!dialsNobody || !ONE_ADDRESS.test(host)) return new LateNetwork({ id, load, alone: null })
  const open = () => openDoorbell(host, port)
  const address = (bound: number) => `${listenAddress(host, bound)}/p2p/${id}`
  return new LateNetwork({ id, load, alone: { open, address, onFailure } })
}
