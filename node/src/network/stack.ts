/** The libp2p node below the network: tcp, noise, yamux, identify and gossipsub, with the bounds of limits.ts in them. */
import type { GossipSub } from '@libp2p/gossipsub'
import { type Identify, identify } from '@libp2p/identify'
import type { Ed25519PrivateKey, Libp2p, PeerId } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import type { ConnectionGuard } from './connections/connectionGuard.ts'
import type { ConnectionPlaces } from './connections/connectionPlaces.ts'
import type { DialTargets } from './connections/dialTargets.ts'
import { hostOf, type InboundGate } from './connections/inboundGate.ts'
import { gossipService } from './gossip/gossip.ts'
import { listenAddress } from './identity.ts'
import type { NetworkLimits } from './limits.ts'
import type { Libp2pNetworkOptions } from './networkOptions.ts'
import type { WireNames } from './topics.ts'

/** Milliseconds: a third of the silence after which a connection ends (silenceWatch.ts). */
const PING_INTERVAL = 5_000
/** Of the pings that wait for a peer that has too much to do, few are open at a time. */
const PING_TIMEOUT = { minTimeout: 10_000, maxTimeout: 20_000 }
const OUTBOUND_STREAMS = 256

export type Stack = Libp2p<{ identify: Identify; pubsub: GossipSub }>

export interface StackOptions {
  readonly options: Libp2pNetworkOptions
  readonly limits: NetworkLimits
  readonly privateKey: Ed25519PrivateKey
  readonly names: WireNames
  readonly gate: InboundGate
  readonly guard: ConnectionGuard
  readonly connectionPlaces: ConnectionPlaces
  /** Multiaddrs of machines where named peers are. */
  readonly namedAddresses: readonly string[]
  /** How many peers are named. */
  readonly named: number
  readonly targets: DialTargets
  isBanned(peer: string): boolean
  /** The part of gossipsub's score for a peer's behaviour. */
  score(peer: string): number
}

/** Not started. */
export async function createStack(stack: StackOptions): Promise<Stack> {
  const { options, limits, guard, gate } = stack
  const banned = (peer: PeerId) => stack.isBanned(peer.toString())
  const libp2p: Stack = await createLibp2p({
    start: false,
    privateKey: stack.privateKey,
    nodeInfo: { name: 'touchstone', version: options.agent, userAgent: options.agent },
    addresses: { listen: [listenAddress(options.host, options.port)] },
    transports: [tcp({ dialOpts: { noDelay: true }, listenOpts: { noDelay: true } })],
    connectionEncrypters: [guard.encrypter(noise())],
    streamMuxers: [
      guard.muxer(
        yamux({
          maxInboundStreams: limits.inboundStreams,
          maxOutboundStreams: OUTBOUND_STREAMS,
          streamOptions: {
            maxStreamWindowSize: limits.streamWindowBytes,
            // A paused stream may fill up to its window, which must fit its buffer.
            maxReadBufferLength: 2 * limits.streamWindowBytes,
            maxWriteBufferLength: 2 * limits.pushBacklogBytes,
          },
        }),
      ),
    ],
    connectionManager: {
      // connectionPlaces.ts chooses who goes when there are more than `connections`; libp2p would refuse all newcomers.
      maxConnections: limits.connections + limits.pendingConnections + stack.named,
      maxIncomingPendingConnections: limits.pendingConnections,
      // Strangers with handshakes that do not end keep no named peer out; gate bounds what comes from one address.
      allow: [...stack.namedAddresses],
      inboundConnectionThreshold: limits.inboundPerSecond,
      dialTimeout: limits.dialTimeout,
      inboundUpgradeTimeout: limits.handshakeTimeout,
      // Gossipsub opens its streams one after the other: a peer that does not answer must not hold up the rest.
      outboundStreamProtocolNegotiationTimeout: 2_000,
      inboundStreamProtocolNegotiationTimeout: 2_000,
      // Redialling is redial.ts's.
      reconnectRetries: 0,
    },
    // A machine that has too much to do answers pings late, or gives up to agree on their stream, and is not gone.
    connectionMonitor: { pingInterval: PING_INTERVAL, pingTimeout: PING_TIMEOUT, abortConnectionOnPingFailure: false },
    connectionGater: {
      denyDialPeer: banned,
      // No discovery: identify teaches libp2p where peers listen, and nobody is dialled there. Otherwise nodes would go
      // round a proxy or a tunnel that was put between them on purpose.
      denyDialMultiaddr: (address) => !stack.targets.allows(address.toString()),
      denyInboundEncryptedConnection: banned,
      denyOutboundConnection: (_peer, raw) => {
        if (!stack.targets.admit(raw)) return true
        guard.admit(raw)
        return false
      },
      denyInboundConnection: (inbound) => {
        const host = hostOf(inbound.remoteAddr.toString())
        const connections = libp2p.getConnections()
        if (!gate.isNamed(host) && !stack.connectionPlaces.mayKnock(connections.length)) return true
        const open = connections.filter((c) => c.direction === 'inbound' && hostOf(c.remoteAddr.toString()) === host)
        if (gate.denies(host, open.length, options.clock.monotonic())) return true
        guard.admit(inbound)
        return false
      },
    },
    services: {
      identify: identify({ timeout: limits.handshakeTimeout }),
      pubsub: gossipService({ names: stack.names, limits, score: stack.score }),
    },
  })
  return libp2p
}
