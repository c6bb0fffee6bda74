/**
 * The network over libp2p 3: tcp, noise, yamux, identify, ping, gossipsub, and on top of them the status handshake,
 * kept push streams and requests of this folder. docs/protocol/network.md describes what goes over the wire.
 *
 * Nothing a peer sends may stop the node or grow its memory past the limits: a peer that breaks a rule loses its
 * message, its stream or its connection.
 */
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { isLoopback } from '../codec/ipAddress.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { Conduct } from './conduct/conduct.ts'
import { judgingOfLanes } from './conduct/judging.ts'
import { FRAMING_POINTS, PENALIZE_POINTS, Penalties } from './conduct/scoring.ts'
import { ConnectionGuard } from './connections/connectionGuard.ts'
import { ConnectionPlaces } from './connections/connectionPlaces.ts'
import { makeHello } from './connections/handshake.ts'
import { HeldWatch, type HeldWatchOptions } from './connections/heldWatch.ts'
import { InboundGate } from './connections/inboundGate.ts'
import { namedAddresses, namedPeers } from './connections/namedPeers.ts'
import { PeerTable } from './connections/peerTable.ts'
import { answerPings, PING_PROTOCOL } from './connections/pings.ts'
import { Redial } from './connections/redial.ts'
import { Welcoming } from './connections/welcoming.ts'
import { FrameBudgets } from './framing/heldBytes.ts'
import { deadline, messageOf } from './framing/streamFrames.ts'
import { joinTopics, maxRpcBytes } from './gossip/gossip.ts'
import { GossipRpcs } from './gossip/gossipRpcs.ts'
import { guardStreams } from './gossip/gossipStreams.ts'
import { hostOf, identityOfSeed } from './identity.ts'
import { DEFAULT_LIMITS, type NetworkLimits } from './limits.ts'
import type { Delivery, GossipHandler, Network, Peer, RequestHandler, RequestOptions, Topic } from './network.ts'
import { NetworkError } from './networkError.ts'
import type { Libp2pNetworkOptions } from './networkOptions.ts'
import { LANES, PUSH_PROTOCOLS, PushStreams } from './push/pushStreams.ts'
import { Asking } from './requests/asking.ts'
import { Answering } from './requests/requestResponse.ts'
import { createStack, type Stack } from './stack.ts'
import { TopicMessages } from './topicMessages.ts'
import { STATUS_PROTOCOL, TOPICS, type WireNames, wireNames } from './topics.ts'

/** Protocols that are not for requests. */
const TAKEN_NAMES: ReadonlySet<string> = new Set([...Object.values(PUSH_PROTOCOLS), 'status-handshake'])
/** How long a peer's addresses are kept after it left, so that many identities in a row leave nothing behind. */
const FORGET_DELAY = 5_000

export type { Libp2pNetworkOptions } from './networkOptions.ts'

/** Makes the node's network; it listens and dials from `start` on. @throws RangeError on options that cannot be. */
export async function createLibp2pNetwork(options: Libp2pNetworkOptions): Promise<Network> {
  const limits: NetworkLimits = { ...DEFAULT_LIMITS, ...options.limits }
  const { privateKey, peerId } = await identityOfSeed(options.identitySeed)
  const named = namedPeers(options.bootstrap, peerId)
  const penalties = new Penalties(limits, (peer) => named.has(peer))
  const names = wireNames(options.genesisHash)
  const { clock } = options
  const addresses = namedAddresses(named)
  const gate = new InboundGate(limits, new Set(addresses.map(hostOf)))
  // On loopback, where everybody has one address, each peer is alone.
  const groupOf = (peer: string) => {
    const [connection] = libp2p?.getConnections(peerIdFromString(peer)) ?? []
    const host = hostOf(connection?.remoteAddr.toString() ?? '')
    return host === '' || isLoopback(host) ? peer : host
  }
  const connectionPlaces = new ConnectionPlaces({
    clock,
    limits,
    isNamed: (peer) => named.has(peer),
    groupOf,
    random: options.randomness.below,
  })
  let libp2p: Stack | null = null
  const isNamed = (peer: string) => named.has(peer)
  const budgets = new FrameBudgets(limits.partialFrameBytes, isNamed, () => clock.monotonic())
  const guard = new ConnectionGuard({
    limits,
    clock,
    budgets,
    isNamed,
    isServed: (protocol) => libp2p?.getProtocols().includes(protocol) ?? false,
    onCarried: options.observer?.carried,
  })
  libp2p = await createStack({
    options,
    limits,
    privateKey,
    names,
    gate,
    guard,
    connectionPlaces,
    dialled: new Set(named.values()),
    namedAddresses: addresses,
    isBanned: (peer) => penalties.isBanned(peer, clock.monotonic()),
    score: (peer) => network.conduct.scoreOf(peer),
  })
  const network = new Libp2pNetwork({
    options,
    limits,
    libp2p,
    guard,
    budgets,
    penalties,
    gate,
    connectionPlaces,
    groupOf,
    names,
    id: peerId,
  })
  return network
}

interface Parts {
  readonly options: Libp2pNetworkOptions
  readonly limits: NetworkLimits
  readonly libp2p: Stack
  readonly guard: ConnectionGuard
  readonly budgets: FrameBudgets
  readonly penalties: Penalties
  readonly gate: InboundGate
  readonly connectionPlaces: ConnectionPlaces
  readonly groupOf: (peer: string) => string
  readonly names: WireNames
  readonly id: string
}

class Libp2pNetwork implements Network {
  readonly id: string
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #limits: NetworkLimits
  readonly #libp2p: Stack
  readonly #guard: ConnectionGuard
  readonly #names: WireNames
  readonly conduct: Conduct
  readonly #gate: InboundGate
  readonly #budgets: FrameBudgets
  readonly #judging: ReturnType<typeof judgingOfLanes>
  readonly #gossipRpcs: GossipRpcs
  readonly #welcoming: Welcoming
  readonly #table = new PeerTable()
  readonly #messages: TopicMessages
  readonly #pushStreams: PushStreams
  readonly #answering: Answering
  readonly #asking: Asking
  readonly #heldWatches: readonly HeldWatch[]
  readonly #connectionPlaces: ConnectionPlaces
  readonly #redial: Redial
  readonly #bootstrap: ReadonlyMap<string, string>
  readonly #requestHandlers = new Map<string, RequestHandler>()
  #state: 'new' | 'running' | 'stopped' = 'new'

  constructor(parts: Parts) {
    const { options, limits, libp2p, guard, budgets, penalties, gate, connectionPlaces, groupOf, names, id } = parts
    this.id = id
    this.#clock = options.clock
    this.#logger = options.logger
    this.#limits = limits
    this.#libp2p = libp2p
    this.#guard = guard
    this.#gate = gate
    this.#connectionPlaces = connectionPlaces
    this.#names = names
    this.#budgets = budgets
    this.#bootstrap = namedPeers(options.bootstrap, id)
    const { clock } = options
    this.conduct = new Conduct({
      clock,
      limits,
      logger: options.logger,
      penalties,
      isNamed: (peer) => this.#bootstrap.has(peer),
      hears: (peer) => this.#pushStreams.hears(peer),
      onBanned: (peer, reason) => {
        options.observer?.banned()
        this.#hangUp(peer, reason)
      },
    })
    const isNamed = (peer: string) => this.#bootstrap.has(peer)
    this.#messages = new TopicMessages({
      clock,
      logger: options.logger,
      limits,
      names,
      conduct: this.conduct,
      pushTopics: options.pushTopics ?? TOPICS,
      pubsub: () => libp2p.services.pubsub,
      isNamed,
      random: options.randomness.below,
      expectsPeers: this.#bootstrap.size > 0,
      isRunning: () => this.#state === 'running',
      onBrought: (peer) => connectionPlaces.brought(peer),
      onJudged: options.observer?.judged,
    })
    const onViolation = (peer: string, what: string) => this.conduct.blame(peer, FRAMING_POINTS, what, 'framing')
    this.#judging = judgingOfLanes(limits, isNamed)
    this.#welcoming = new Welcoming({
      clock,
      logger: options.logger,
      limits,
      budgets: this.#budgets,
      conduct: this.conduct,
      table: this.#table,
      hello: makeHello(options.genesisHash, options.session ?? options.randomness.bytes(8), options.agent),
      ownId: id,
      isRunning: () => this.#state === 'running',
      isNamed,
      isConnected: (peer) => this.#connectionTo(peer) !== undefined,
      drop: (peer, reason) => this.#drop(peer, reason),
      onRestarted: (peer) => this.#pushStreams.close(peer),
      onWelcome: (peer) => {
        this.#redial.connected(peer)
        this.#pushStreams.open(peer)
      },
    })
    this.#gossipRpcs = new GossipRpcs({
      limits,
      clock,
      isNamed,
      onFault: onViolation,
      onFlood: (peer, what) => this.conduct.blame(peer, limits.penaltyLimit, what, 'framing'),
    })
    // Later: its streams are in the midst of being read.
    budgets.onWorst((peer) =>
      queueMicrotask(() =>
        this.#dropAsWorst(peer, `holds most: over ${limits.partialFrameBytes} bytes of unfinished frames`),
      ),
    )
    guard.onFault(({ peer, address }, what) => {
      if (peer !== null) this.conduct.blame(peer, limits.penaltyLimit, what, 'framing')
      this.#gate.banned(hostOf(address), peer, clock.monotonic())
    })
    this.#pushStreams = new PushStreams({
      clock,
      limits,
      budgets: this.#budgets,
      judging: this.#judging,
      protocols: { urgent: names.protocol(PUSH_PROTOCOLS.urgent), bulk: names.protocol(PUSH_PROTOCOLS.bulk) },
      push: this.#messages.push,
      isNamed,
      turn: (peer, kind, bytes) => this.conduct.turn(peer, kind, bytes),
      connectionTo: (peer) => (this.#table.get(peer) === undefined ? undefined : this.#connectionTo(peer)),
      onViolation,
      onDebug: (peer, what) => this.#logger.debug({ peer }, what),
    })
    this.#answering = new Answering({
      clock,
      limits,
      budgets: this.#budgets,
      accepts: (peer) => this.#table.get(peer) !== undefined,
      isNamed: (peer) => isNamed(peer) && !this.conduct.isThrottled(peer),
      groupOf,
      onRead: (peer) => this.#connectionPlaces.read(peer),
      onViolation,
    })
    this.#asking = new Asking({
      clock,
      limits,
      budgets: this.#budgets,
      protocol: names.protocol,
      isRunning: () => this.#state === 'running',
      isPeer: (peer) => this.#table.get(peer) !== undefined,
      connectionTo: (peer) => this.#connectionTo(peer),
      onViolation,
    })
    const watch = (limit: number, held: HeldWatchOptions['held'], what: string) =>
      new HeldWatch({
        clock,
        limit,
        held: () => held().filter(({ peer }) => !isNamed(peer)),
        onWorst: (peer) => this.#dropAsWorst(peer, `${what}: over ${limit} bytes of all peers`),
      })
    this.#heldWatches = [
      watch(limits.unsentBytes, () => guard.unsent(), 'reads too slowly'),
      watch(limits.unreadBytes, () => guard.unread(), 'sends what cannot be read yet'),
    ]
    this.#redial = new Redial({
      clock,
      minPause: limits.redialMin,
      maxPause: limits.redialMax,
      targets: [...this.#bootstrap.keys()],
      dial: (peer) => this.#dial(peer),
      onFailure: (peer, attempt, error) => {
        const fields = { peer, address: this.#bootstrap.get(peer), attempt, error: messageOf(error) }
        // Not at once, since peers that start together miss each other first, and then ever more rarely.
        if (attempt >= 4 && Number.isInteger(Math.log2(attempt)))
          this.#logger.info(fields, 'cannot reach a peer, trying again')
        else this.#logger.debug(fields, 'cannot reach a peer, trying again')
      },
    })
  }

  addresses(): readonly string[] {
    return this.#libp2p.getMultiaddrs().map((address) => address.toString())
  }

  peers(): readonly Peer[] {
    return this.#table.list()
  }

  onPeer(
    listener: (event: { readonly kind: 'connected' | 'disconnected'; readonly peer: string }) => void,
  ): () => void {
    return this.#table.onEvent(listener)
  }

  setGossipHandler(topic: Topic, handler: GossipHandler): void {
    this.#messages.setHandler(topic, handler)
  }

  setRequestHandler(protocol: string, handler: RequestHandler): void {
    if (TAKEN_NAMES.has(protocol)) throw new Error(`the protocol name ${protocol} is taken`)
    const known = this.#requestHandlers.has(protocol)
    this.#requestHandlers.set(protocol, handler)
    if (this.#state === 'running' && !known) void this.#serve(protocol)
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error('a network starts once')
    this.#state = 'running'
    const { pubsub } = this.#libp2p.services
    this.#libp2p.addEventListener('connection:open', (event) => this.#connectionOpened(event.detail))
    this.#libp2p.addEventListener('peer:disconnect', (event) => this.#disconnected(event.detail))
    await this.#libp2p.handle(STATUS_PROTOCOL, (stream, connection) => this.#welcoming.answer(stream, connection), {
      maxInboundStreams: 2,
    })
    await this.#libp2p.handle(PING_PROTOCOL, (stream) => answerPings(stream, this.#limits, this.#clock), {
      maxInboundStreams: 2,
    })
    for (const lane of LANES) {
      await this.#libp2p.handle(
        this.#names.protocol(PUSH_PROTOCOLS[lane]),
        (stream, connection) => this.#pushStreams.accept(stream, connection.remotePeer.toString(), lane),
        { maxInboundStreams: 4, maxOutboundStreams: 4 },
      )
    }
    for (const protocol of this.#requestHandlers.keys()) await this.#serve(protocol)
    guardStreams(pubsub, {
      budgets: this.#budgets,
      maxBytes: maxRpcBytes(this.#limits),
    })
    await this.#libp2p.start()
    this.#gossipRpcs.guard(pubsub)
    joinTopics(pubsub, {
      turn: (topic, bytes, from) => this.conduct.turn(from, topic, bytes),
      names: this.#names,
      limits: this.#limits,
      judging: this.#judging.bulk,
      onLeftOut: (from) => this.conduct.countUseless(from),
      judge: (topic, payload, from) => this.#messages.heard(topic, payload, from),
    })
    this.#redial.start()
    for (const watch of this.#heldWatches) watch.start()
    this.#logger.info({ addresses: this.addresses(), peers: this.#bootstrap.size }, 'network is up')
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return
    const wasRunning = this.#state === 'running'
    this.#state = 'stopped'
    this.#redial.stop()
    for (const watch of this.#heldWatches) watch.stop()
    this.conduct.stop()
    this.#pushStreams.stop()
    this.#messages.push.stop()
    if (wasRunning) await this.#libp2p.stop()
  }

  publish(topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void> {
    return this.#messages.publish(topic, message, delivery)
  }

  announce(topic: Topic, message: Uint8Array): Promise<void> {
    return this.#messages.announce(topic, message)
  }

  send(peer: string, topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void> {
    return this.#messages.send(peer, topic, message, delivery)
  }

  request(
    peer: string,
    protocol: string,
    request: Uint8Array,
    wanted?: RequestOptions,
  ): Promise<readonly Uint8Array[]> {
    return this.#asking.request(peer, protocol, request, wanted)
  }

  penalize(peer: string, reason: string): void {
    this.conduct.blame(peer, PENALIZE_POINTS, reason)
  }

  async #serve(protocol: string): Promise<void> {
    await this.#libp2p.handle(
      this.#names.protocol(protocol),
      (stream, connection) => {
        const handler = this.#requestHandlers.get(protocol)
        if (handler === undefined) stream.abort(new Error('not served'))
        else void this.#answering.answer(stream, connection.remotePeer.toString(), protocol, handler)
      },
      {
        maxInboundStreams: 2 * this.#limits.inboundRequestsPerPeer,
        maxOutboundStreams: 2 * this.#limits.outboundRequestsPerPeer,
      },
    )
  }

  async #dial(peer: string): Promise<void> {
    const address = this.#bootstrap.get(peer)
    if (address === undefined || this.#table.get(peer) !== undefined) return
    const limit = deadline(this.#clock, this.#limits.dialTimeout, 'dialling')
    try {
      await this.#libp2p.dial(multiaddr(address), { signal: limit.signal })
    } finally {
      limit.cancel()
    }
    await this.#table.ready(peer, this.#clock, 2 * this.#limits.handshakeTimeout)
  }

  #connectionOpened(connection: Connection): void {
    this.#guard.connected(connection)
    const peer = connection.remotePeer.toString()
    if (connection.direction === 'inbound') this.#gate.opened(hostOf(connection.remoteAddr.toString()))
    if (!this.#makeRoom(connection, peer)) return
    if (connection.direction === 'outbound') this.#welcoming.greet(connection)
    else this.#welcoming.expect(connection)
  }

  /** False when it is this connection that has to go, as there are too many. */
  #makeRoom(connection: Connection, peer: string): boolean {
    const own = this.#openConnections(connection.remotePeer)
    for (const oldest of own.slice(0, -this.#limits.connectionsPerPeer)) {
      oldest.abort(new NetworkError('busy', 'a peer needs no more connections'))
    }
    const evicted = this.#connectionPlaces.opened(peer, this.#openConnections().length)
    if (evicted === null) return true
    const reason = 'all places for connections are taken'
    if (evicted === peer) connection.abort(new NetworkError('busy', reason))
    else this.#drop(evicted, reason)
    return evicted !== peer
  }

  #disconnected(id: PeerId): void {
    const peer = id.toString()
    this.#pushStreams.close(peer)
    this.#answering.forget(peer)
    this.#connectionPlaces.closed(peer)
    this.#asking.forget(peer)
    this.conduct.forget(peer)
    this.#gossipRpcs.forget(peer)
    this.#messages.push.forget(peer)
    if (this.#table.get(peer) !== undefined) this.#logger.info({ peer }, 'peer disconnected')
    this.#table.remove(peer)
    if (this.#state !== 'running') return
    // A kept stream may have come free for who found none.
    for (const { id: other } of this.#table.list()) this.#pushStreams.open(other)
    this.#redial.lost(peer)
    if (this.#bootstrap.has(peer)) return
    this.#clock.after(FORGET_DELAY, () => {
      if (this.#state !== 'running' || this.#libp2p.getConnections(id).length > 0) return
      void this.#libp2p.peerStore.delete(id).catch(() => undefined)
    })
  }

  /** Without those that are closed already, which libp2p lists for a moment more. */
  #openConnections(peer?: PeerId): readonly Connection[] {
    return this.#libp2p.getConnections(peer).filter(({ status }) => status === 'open')
  }

  #connectionTo(peer: string): Connection | undefined {
    return this.#libp2p
      .getConnections(peerIdFromString(peer))
      .filter((connection) => connection.status === 'open')
      .at(-1)
  }

  /** A banned peer: it and the address it came from are refused for a while. */
  #hangUp(peer: string, reason: string): void {
    const hosts = this.#libp2p.getConnections(peerIdFromString(peer)).map(({ remoteAddr }) => hostOf(`${remoteAddr}`))
    for (const host of new Set(hosts)) this.#gate.banned(host, peer, this.#clock.monotonic())
    this.#drop(peer, reason)
  }

  /** Of all peers it makes this node hold most. It may be honest and slow, so it gets no points. */
  #dropAsWorst(peer: string, reason: string): void {
    this.#logger.info({ peer, reason }, 'disconnected the peer that makes this node hold most')
    this.#drop(peer, reason)
  }

  #drop(peer: string, reason: string): void {
    for (const connection of this.#libp2p.getConnections(peerIdFromString(peer))) {
      try {
        connection.abort(new Error(reason))
      } catch (error) {
        // libp2p says goodbye first, for which the connection may be gone too far already.
        this.#logger.debug({ peer, error: messageOf(error) }, 'a connection ended while it was being ended')
      }
    }
  }
}
