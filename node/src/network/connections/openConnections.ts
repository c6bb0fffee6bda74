/**
 * The connections that libp2p holds open: which there are, which of them goes when there are too many, and how one is
 * ended. A peer may have several for a moment, as when both sides dial at once.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { isLoopback } from '../../codec/ipAddress.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/logging/logger.ts'
import { messageOf } from '../framing/streamFrames.ts'
import type { NetworkLimits } from '../limits.ts'
import { NetworkError } from '../networkError.ts'
import type { ConnectionPlaces } from './connectionPlaces.ts'
import { hostOf, type InboundGate } from './inboundGate.ts'

export interface OpenConnectionsOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: NetworkLimits
  readonly gate: InboundGate
  readonly places: ConnectionPlaces
  /** All connections that libp2p lists, or those to one peer. */
  listed(peer?: PeerId): readonly Connection[]
}

export class OpenConnections {
  readonly #options: OpenConnectionsOptions

  /** Why the newest ended connection to a peer ended, until {@link endOf} asks. */
  readonly #ends = new Map<string, string>()

  constructor(options: OpenConnectionsOptions) {
    this.#options = options
  }

  /** A connection was opened: why it ends is kept for {@link endOf}. */
  noteEnd(connection: Connection): void {
    connection.addEventListener('close', ({ error }) => {
      this.#ends.set(
        connection.remotePeer.toString(),
        error === undefined ? 'the connection was closed' : error.message,
      )
    })
  }

  /** Of a peer to which no connection is open any more: why the last one ended. */
  endOf(peer: string): string {
    const reason = this.#ends.get(peer) ?? 'not known'
    this.#ends.delete(peer)
    return reason
  }

  /** The newest open connection to a peer. */
  to(peer: string): Connection | undefined {
    return this.#open(peerIdFromString(peer)).at(-1)
  }

  /** Equal for peers that may be one: those of one address. On loopback, where everybody has one, each peer is alone. */
  groupOf(peer: string): string {
    const [connection] = this.#options.listed(peerIdFromString(peer))
    const host = hostOf(connection?.remoteAddr.toString() ?? '')
    return host === '' || isLoopback(host) ? peer : host
  }

  /** Makes room for a connection that was opened; false when it is this one that goes, as there are too many. */
  makeRoom(connection: Connection): boolean {
    const { limits, places } = this.#options
    const peer = connection.remotePeer.toString()
    const own = this.#open(connection.remotePeer)
    for (const oldest of own.slice(0, -limits.connectionsPerPeer)) {
      oldest.abort(new NetworkError('busy', 'a peer needs no more connections'))
    }
    const evicted = places.opened(peer, this.#open().length)
    if (evicted === null) return true
    const reason = 'all places for connections are taken'
    if (evicted === peer) connection.abort(new NetworkError('busy', reason))
    else this.drop(evicted, reason)
    return evicted !== peer
  }

  /** A banned peer: it and the address it came from are refused for a while. */
  hangUp(peer: string, reason: string): void {
    const { listed, gate, clock } = this.#options
    const hosts = listed(peerIdFromString(peer)).map(({ remoteAddr }) => hostOf(`${remoteAddr}`))
    for (const host of new Set(hosts)) gate.banned(host, peer, clock.monotonic())
    this.drop(peer, reason)
  }

  /** Of all peers it makes this node hold most. It may be honest and slow, so it gets no points. */
  dropAsWorst(peer: string, reason: string): void {
    this.#options.logger.info({ peer, reason }, 'disconnected the peer that makes this node hold most')
    this.drop(peer, reason)
  }

  /** Ends all connections to a peer. */
  drop(peer: string, reason: string): void {
    for (const connection of this.#options.listed(peerIdFromString(peer))) {
      try {
        connection.abort(new Error(reason))
      } catch (error) {
        // libp2p says goodbye first, for which the connection may be gone too far already.
        this.#options.logger.debug({ peer, error: messageOf(error) }, 'a connection ended while it was being ended')
      }
    }
  }

  /** Without those that are closed already, which libp2p lists for a moment more. */
  #open(peer?: PeerId): readonly Connection[] {
    return this.#options.listed(peer).filter(({ status }) => status === 'open')
  }
}
