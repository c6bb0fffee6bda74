/** The parts of the network over libp2p. */
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import type { Randomness } from '../runtime/randomness.ts'
import type { NetworkLimits } from './limits.ts'
import type { GossipVerdict, Topic } from './network.ts'

/** Told what goes over the network, for figures. */
export interface NetworkObserver {
  /** A new message of a peer was judged. */
  judged(topic: Topic, verdict: GossipVerdict): void
  /** Bytes of all streams of a connection, before encryption. */
  carried(direction: 'received' | 'sent', bytes: number): void
  banned(): void
}

export interface Libp2pNetworkOptions {
  /** 32 bytes: the seed of this node's libp2p identity (ed25519). */
  readonly identitySeed: Uint8Array
  /** Address to listen on: an IPv4 or IPv6 address or a DNS name. */
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Multiaddrs with /p2p/<peer id>: dialled at start, and again whenever the connection is lost. Our own is skipped. */
  readonly bootstrap: readonly string[]
  readonly genesisHash: Uint8Array
  /** 8 bytes, different at each start; random when absent. */
  readonly session?: Uint8Array
  /** As in web3_clientVersion; peers show it in their logs. */
  readonly agent: string
  readonly clock: Clock
  readonly randomness: Randomness
  readonly logger: Logger
  readonly limits?: Partial<NetworkLimits>
  /** Topics that go over kept streams first, see push.ts: all unless a measurement or a test wants gossipsub alone. */
  readonly pushTopics?: readonly Topic[]
  /**
   * A whole number for a message that belongs to a step in a sequence; null for others. Who sends a message of one stage,
   * its own or one that it has taken, needs none of the stages before, and is not told of them. Of any bytes, also of those
   * that are no message. Default: no message has a stage.
   */
  readonly stageOf?: (topic: Topic, payload: Uint8Array) => number | null
  readonly observer?: NetworkObserver | undefined
}
