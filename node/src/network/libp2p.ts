/**
 * The network over libp2p 3: tcp, noise, yamux, identify, ping, gossipsub, and on top of them the status handshake,
 * kept push streams and requests of this folder. docs/protocol/network.md describes what goes over the wire.
 *
 * Nothing a peer sends may stop the node or grow its memory past the limits: a peer that breaks a rule loses its
 * message, its stream or its connection.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { PENALIZE_POINTS } from './conduct/scoring.ts'
import { hostOf } from './connections/inboundGate.ts'
import { namedPeers } from './connections/namedPeers.ts'
import { answerPings, PING_PROTOCOL } from './connections/pings.ts'
import { joinTopics, maxRpcBytes } from './gossip/gossip.ts'
import { guardStreams } from './gossip/gossipStreams.ts'
import type {
  Delivery,
  DiallingNetwork,
  GossipHandler,
  Peer,
  RequestHandler,
  RequestOptions,
  Topic,
} from './network.ts'
import type { Libp2pNetworkOptions } from './networkOptions.ts'
import { assembleNetwork, type NetworkParts } from './networkParts.ts'
import { LANES, PUSH_PROTOCOLS } from './push/pushStreams.ts'
import { STATUS_PROTOCOL } from './topics.ts'

/** Protocols that are not for requests. */
const TAKEN_NAMES: ReadonlySet<string> = new Set([...Object.values(PUSH_PROTOCOLS), 'status-handshake'])
/** How long a peer's addresses are kept after it left, so that many identities in a row leave nothing behind. */
const FORGET_DELAY = 5_000

export type { Libp2pNetworkOptions } from './networkOptions.ts'

/** Makes the node's network; it listens and dials from `start` on. @throws RangeError on options that cannot be. */
export async function createLibp2pNetwork(options: Libp2pNetworkOptions): Promise<DiallingNetwork> {
  return new Libp2pNetwork(await assembleNetwork(options))
}

class Libp2pNetwork implements DiallingNetwork {
  readonly id: string
  readonly #parts: NetworkParts
  readonly #requestHandlers = new Map<string, RequestHandler>()

  constructor(parts: NetworkParts) {
    this.id = parts.id
    this.#parts = parts
  }

  addresses(): readonly string[] {
    return this.#parts.libp2p.getMultiaddrs().map((address) => address.toString())
  }

  peers(): readonly Peer[] {
    return this.#parts.table.list()
  }

  onPeer(
    listener: (event: { readonly kind: 'connected' | 'disconnected'; readonly peer: string }) => void,
  ): () => void {
    return this.#parts.table.onEvent(listener)
  }

  setGossipHandler(topic: Topic, handler: GossipHandler): void {
    this.#parts.messages.setHandler(topic, handler)
  }

  setRequestHandler(protocol: string, handler: RequestHandler): void {
    if (TAKEN_NAMES.has(protocol)) throw new Error(`the protocol name ${protocol} is taken`)
    const known = this.#requestHandlers.has(protocol)
    this.#requestHandlers.set(protocol, handler)
    if (this.#parts.life.state === 'running' && !known) void this.#serve(protocol)
  }

  async start(): Promise<void> {
    const { life, libp2p, limits, names, conduct, judging, messages, gossipRpcs, budgets, named } = this.#parts
    if (life.state !== 'new') throw new Error('a network starts once')
    life.state = 'running'
    const { pubsub } = libp2p.services
    libp2p.addEventListener('connection:open', (event) => this.#connectionOpened(event.detail))
    libp2p.addEventListener('peer:disconnect', (event) => this.#disconnected(event.detail))
    await this.#handleStreams()
    guardStreams(pubsub, { budgets, maxBytes: maxRpcBytes(limits) })
    await libp2p.start()
    // Until it has started, libp2p's own stop does nothing.
    if (this.#isStopped()) return libp2p.stop()
    gossipRpcs.guard(pubsub)
    joinTopics(pubsub, {
      turn: (topic, bytes, from) => conduct.turn(from, topic, bytes),
      names,
      limits,
      judging: judging.bulk,
      onLeftOut: (from) => conduct.countUseless(from),
      judge: (topic, payload, from) => messages.heard(topic, payload, from),
    })
    this.#parts.redial.start()
    for (const watch of this.#parts.watches) watch.start()
    this.#parts.options.logger.info({ addresses: this.addresses(), peers: named.size }, 'network is up')
  }

  /** Also while something is waited for that began before. */
  #isStopped(): boolean {
    return this.#parts.life.state === 'stopped'
  }

  async stop(): Promise<void> {
    const { life, redial, watches, conduct, pushStreams, messages, libp2p } = this.#parts
    if (life.state === 'stopped') return
    const wasRunning = life.state === 'running'
    life.state = 'stopped'
    redial.stop()
    for (const watch of watches) watch.stop()
    conduct.stop()
    pushStreams.stop()
    messages.push.stop()
    if (wasRunning) await libp2p.stop()
  }

  publish(topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void> {
    return this.#parts.messages.publish(topic, message, delivery)
  }

  announce(topic: Topic, message: Uint8Array): Promise<void> {
    return this.#parts.messages.announce(topic, message)
  }

  send(peer: string, topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void> {
    return this.#parts.messages.send(peer, topic, message, delivery)
  }

  request(
    peer: string,
    protocol: string,
    request: Uint8Array,
    wanted?: RequestOptions,
  ): Promise<readonly Uint8Array[]> {
    return this.#parts.asking.request(peer, protocol, request, wanted)
  }

  penalize(peer: string, reason: string): void {
    this.#parts.conduct.blame(peer, PENALIZE_POINTS, reason)
  }

  async movePeers(addresses: readonly string[]): Promise<void> {
    const { id, life, targets, table, connections, redial, limits } = this.#parts
    const moved = namedPeers(addresses, id)
    const before = table.list()
    targets.replace(moved)
    if (life.state !== 'running') return
    const lost = before.filter(({ id: peer }) => connections.to(peer) === undefined)
    // One whose TCP is connected by now is refused, but a process that is stopped before that keeps the socket.
    const ended = redial.again()
    await Promise.all([ended, ...lost.map(({ id: peer }) => this.#connectedAgain(peer, limits.dialTimeout))])
  }

  /** A peer that was lost is there again, whichever side dialled, or has not come in time. */
  #connectedAgain(peer: string, timeout: number): Promise<void> {
    const { table, options } = this.#parts
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        leave()
        resolve()
      }
      const cancel = options.clock.after(timeout, done)
      const leave = table.onEvent(({ kind, peer: one }) => {
        if (kind === 'connected' && one === peer) done()
      })
    })
  }

  /** Answers what peers open streams for. */
  async #handleStreams(): Promise<void> {
    const { libp2p, limits, names, welcoming, pushStreams, options } = this.#parts
    await libp2p.handle(STATUS_PROTOCOL, (stream, connection) => welcoming.answer(stream, connection), {
      maxInboundStreams: 2,
    })
    await libp2p.handle(PING_PROTOCOL, (stream) => answerPings(stream, limits, options.clock), { maxInboundStreams: 2 })
    for (const lane of LANES) {
      await libp2p.handle(
        names.protocol(PUSH_PROTOCOLS[lane]),
        (stream, connection) => pushStreams.accept(stream, connection.remotePeer.toString(), lane),
        { maxInboundStreams: 4, maxOutboundStreams: 4 },
      )
    }
    for (const protocol of this.#requestHandlers.keys()) await this.#serve(protocol)
  }

  async #serve(protocol: string): Promise<void> {
    const { libp2p, names, answering, limits } = this.#parts
    await libp2p.handle(
      names.protocol(protocol),
      (stream, connection) => {
        const handler = this.#requestHandlers.get(protocol)
        if (handler === undefined) stream.abort(new Error('not served'))
        else void answering.answer(stream, connection.remotePeer.toString(), protocol, handler)
      },
      {
        maxInboundStreams: 2 * limits.inboundRequestsPerPeer,
        maxOutboundStreams: 2 * limits.outboundRequestsPerPeer,
      },
    )
  }

  #connectionOpened(connection: Connection): void {
    const { guard, gate, connections, welcoming } = this.#parts
    guard.connected(connection)
    connections.noteEnd(connection)
    if (connection.direction === 'inbound') gate.opened(hostOf(connection.remoteAddr.toString()))
    if (!connections.makeRoom(connection)) return
    if (connection.direction === 'outbound') welcoming.greet(connection)
    else welcoming.expect(connection)
  }

  #disconnected(id: PeerId): void {
    const { life, libp2p, table, connections, pushStreams, named, redial, options } = this.#parts
    const peer = id.toString()
    this.#forget(peer)
    const isKnown = table.get(peer) !== undefined
    // libp2p tells of the peer before the connection says why it ended.
    queueMicrotask(() => {
      const reason = connections.endOf(peer)
      if (isKnown) options.logger.info({ peer, reason }, 'peer disconnected')
    })
    table.remove(peer)
    if (life.state !== 'running') return
    // A kept stream may have come free for a peer that found none.
    for (const { id: other } of table.list()) pushStreams.open(other)
    redial.lost(peer)
    if (named.has(peer)) return
    options.clock.after(FORGET_DELAY, () => {
      if (life.state !== 'running' || libp2p.getConnections(id).length > 0) return
      void libp2p.peerStore.delete(id).catch(() => undefined)
    })
  }

  #forget(peer: string): void {
    const { pushStreams, answering, places, asking, conduct, gossipRpcs, messages } = this.#parts
    pushStreams.close(peer)
    answering.forget(peer)
    places.closed(peer)
    asking.forget(peer)
    conduct.forget(peer)
    gossipRpcs.forget(peer)
    messages.push.forget(peer)
  }
}
