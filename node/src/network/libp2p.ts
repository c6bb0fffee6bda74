/**
 * The network over libp2p 3: tcp, noise, yamux, identify, ping, gossipsub, and on top of them the status handshake,
 * kept push streams and requests of this folder. docs/protocol/network.md describes what goes over the wire.
 *
 * Nothing a peer sends may stop the node or grow its memory past the limits: a peer that breaks a rule loses its
 * message, its stream or its connection.
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
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
import { Greetings } from './connections/greetings.ts'
import { answerGreeting, greet, type HandshakeOutcome, makeHello } from './connections/handshake.ts'
import { InboundGate } from './connections/inboundGate.ts'
import { namedAddresses, namedPeers } from './connections/namedPeers.ts'
import { PeerTable } from './connections/peerTable.ts'
import { answerPings, PING_PROTOCOL } from './connections/pings.ts'
import { Redial } from './connections/redial.ts'
import { FrameBudgets } from './framing/framing.ts'
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
import { Answering, ask, Gate } from './requests/requestResponse.ts'
import { createStack, type Stack } from './stack.ts'
import { TopicMessages } from './topicMessages.ts'
import { STATUS_PROTOCOL, TOPICS, type WireNames, wireNames } from './topics.ts'

/** Milliseconds between looks at what waits for strangers to read. */
const UNSENT_INTERVAL = 250
/** Protocols that are not for requests. */
const TAKEN_NAMES: ReadonlySet<string> = new Set([...Object.values(PUSH_PROTOCOLS), 'status-handshake'])
const TWO_OF_ONE_ID = 'two nodes have one peer id, and push each other out: each needs a seed of its own (p2p.seed)'
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
    random: (limit) => randomInt(limit),
  })
  let libp2p: Stack | null = null
  const guard = new ConnectionGuard({
    limits,
    clock,
    isNamed: (peer) => named.has(peer),
    isServed: (protocol) => libp2p?.getProtocols().includes(protocol) ?? false,
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
  readonly penalties: Penalties
  readonly gate: InboundGate
  readonly connectionPlaces: ConnectionPlaces
  readonly groupOf: (peer: string) => string
  readonly names: WireNames
  readonly id: string
}

class Libp2pNetwork implements Network {
  readonly id: string
  readonly #options: Libp2pNetworkOptions
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
  readonly #greetings: Greetings
  readonly #table = new PeerTable()
  readonly #messages: TopicMessages
  readonly #pushStreams: PushStreams
  readonly #answering: Answering
  readonly #connectionPlaces: ConnectionPlaces
  readonly #redial: Redial
  readonly #bootstrap: ReadonlyMap<string, string>
  readonly #session: Uint8Array
  readonly #requestHandlers = new Map<string, RequestHandler>()
  readonly #gates = new Map<string, Gate>()
  #state: 'new' | 'running' | 'stopped' = 'new'
  #cancelWatch: () => void = () => undefined

  constructor({ options, limits, libp2p, guard, penalties, gate, connectionPlaces, groupOf, names, id }: Parts) {
    this.id = id
    this.#options = options
    this.#clock = options.clock
    this.#logger = options.logger
    this.#limits = limits
    this.#libp2p = libp2p
    this.#guard = guard
    this.#gate = gate
    this.#connectionPlaces = connectionPlaces
    this.#names = names
    this.#budgets = new FrameBudgets(limits.partialFrameBytes, (peer) => this.#bootstrap.has(peer))
    this.#bootstrap = namedPeers(options.bootstrap, id)
    this.#session = options.session ?? randomBytes(8)
    const { clock } = options
    this.conduct = new Conduct({
      clock,
      limits,
      logger: options.logger,
      penalties,
      isNamed: (peer) => this.#bootstrap.has(peer),
      hears: (peer) => this.#pushStreams.hears(peer),
      onBanned: (peer, reason) => this.#hangUp(peer, reason),
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
      expectsPeers: this.#bootstrap.size > 0,
      isRunning: () => this.#state === 'running',
      onBrought: (peer) => connectionPlaces.brought(peer),
    })
    const onViolation = (peer: string, what: string) => this.conduct.blame(peer, FRAMING_POINTS, what, 'framing')
    this.#judging = judgingOfLanes(limits, isNamed)
    this.#greetings = new Greetings(limits)
    this.#gossipRpcs = new GossipRpcs({
      limits,
      clock,
      isNamed,
      onFault: onViolation,
      onFlood: (peer, what) => this.conduct.blame(peer, limits.penaltyLimit, what, 'framing'),
    })
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
    await this.#libp2p.handle(STATUS_PROTOCOL, (stream, connection) => this.#greeted(stream, connection), {
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
      onNoRoom: (peer, reason) => this.#drop(peer, reason),
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
    this.#watchUnsent()
    this.#logger.info({ addresses: this.addresses(), peers: this.#bootstrap.size }, 'network is up')
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return
    const wasRunning = this.#state === 'running'
    this.#state = 'stopped'
    this.#redial.stop()
    this.#cancelWatch()
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

  async request(
    peer: string,
    protocol: string,
    request: Uint8Array,
    wanted: RequestOptions = {},
  ): Promise<readonly Uint8Array[]> {
    let gate = this.#gates.get(peer)
    if (gate === undefined) {
      // Nobody would forget the gate of a peer that is gone.
      if (this.#table.get(peer) === undefined) throw new NetworkError('not-connected', `no connection to ${peer}`)
      gate = new Gate(this.#limits.outboundRequestsPerPeer, this.#limits.waitingRequestsPerPeer)
      this.#gates.set(peer, gate)
    }
    return gate.run(async () => {
      if (this.#state !== 'running') throw new NetworkError('stopped', 'the network is stopped')
      if (wanted.signal?.aborted === true) throw new NetworkError('aborted', 'the answer is not wanted any more')
      const connection = this.#table.get(peer) === undefined ? undefined : this.#connectionTo(peer)
      if (connection === undefined) throw new NetworkError('not-connected', `no connection to ${peer}`)
      try {
        const options = { ...wanted, clock: this.#clock, limits: this.#limits, budget: this.#budgets.ofAnswers(peer) }
        return await ask(connection, this.#names.protocol(protocol), request, options)
      } catch (error) {
        if (error instanceof NetworkError && error.code === 'protocol-violation') {
          this.conduct.blame(peer, FRAMING_POINTS, `answering ${protocol}: ${error.message}`, 'framing')
        }
        throw error
      }
    })
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
    if (connection.direction === 'outbound') {
      void this.#handshake(connection, async (options) => {
        const limit = deadline(this.#clock, this.#limits.handshakeTimeout, 'the status handshake')
        try {
          return await greet(await connection.newStream(STATUS_PROTOCOL, { signal: limit.signal }), options)
        } finally {
          limit.cancel()
        }
      })
      return
    }
    this.#clock.after(2 * this.#limits.handshakeTimeout, () => {
      if (this.#table.get(peer) !== undefined || connection.status !== 'open') return
      this.#logger.debug({ peer }, 'a peer made no status handshake')
      connection.abort(new NetworkError('timeout', 'no status handshake'))
    })
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

  /** The status handshake of a peer that dialled. */
  #greeted(stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString()
    const { handshakesPerConnection, penaltyLimit } = this.#limits
    if (this.#greetings.count(connection) > handshakesPerConnection) {
      stream.abort(new Error('too many status handshakes'))
      this.conduct.blame(
        peer,
        penaltyLimit,
        `over ${handshakesPerConnection} status handshakes on one connection`,
        'framing',
      )
      return
    }
    void this.#handshake(connection, (options) => answerGreeting(stream, options, this.#refusal(connection)))
  }

  /** Strangers that do not read may make this node hold so much together; at it, who holds most is disconnected. */
  #watchUnsent(): void {
    this.#cancelWatch = this.#clock.after(UNSENT_INTERVAL, () => {
      const waiting = this.#guard.unsent().filter(({ peer }) => !this.#bootstrap.has(peer))
      if (waiting.reduce((sum, { bytes }) => sum + bytes, 0) > this.#limits.unsentBytes) {
        const { peer } = waiting.reduce((most, one) => (one.bytes > most.bytes ? one : most))
        const reason = `reads too slowly: over ${this.#limits.unsentBytes} bytes wait for all peers`
        // It may be honest and slow, so this is no fault.
        this.#logger.info({ peer, reason }, 'disconnected the peer that most waits for')
        this.#drop(peer, reason)
      }
      this.#watchUnsent()
    })
  }

  async #handshake(
    connection: Connection,
    exchange: (options: Parameters<typeof greet>[1]) => Promise<HandshakeOutcome>,
  ): Promise<void> {
    const peer = connection.remotePeer.toString()
    const address = connection.remoteAddr.toString()
    try {
      const outcome = await exchange({
        hello: makeHello(this.#options.genesisHash, this.#session, this.#options.agent),
        clock: this.#clock,
        timeout: this.#limits.handshakeTimeout,
        budget: this.#budgets.of(peer),
      })
      if (outcome.ok) this.#welcome(peer, address, outcome)
      else {
        const text = outcome.by === 'ours' ? 'refused a peer' : 'a peer refused us'
        this.#logger.warn({ peer, address, reason: outcome.reason }, `${text}: ${outcome.reason}`)
        // Who refuses one that fits is about to stop, and may be back in a moment.
        if (outcome.by === 'ours') this.conduct.refuse(peer)
        this.#drop(peer, outcome.reason)
      }
    } catch (error) {
      if (this.#state !== 'running' || this.#table.get(peer) !== undefined) return
      this.#logger.debug({ peer, address, error: messageOf(error) }, 'the status handshake failed')
      if (error instanceof NetworkError && error.code === 'protocol-violation')
        this.conduct.blame(peer, FRAMING_POINTS, error.message, 'framing')
      connection.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #welcome(peer: string, address: string, { agent, session }: Extract<HandshakeOutcome, { ok: true }>): void {
    if (this.#state !== 'running' || this.#connectionTo(peer) === undefined) return
    const known = this.#table.get(peer)
    const isTwo = this.#greetings.isTwo(peer, session)
    // What follows a restart costs every part of the node.
    if (!this.#greetings.admits(peer, session, this.#clock.monotonic())) {
      this.#logger.debug({ peer }, 'a peer comes back too often with another session')
      this.#drop(peer, 'too many restarts')
      return
    }
    if (isTwo) this.#logger.warn({ peer, addresses: [known?.address, address] }, TWO_OF_ONE_ID)
    // Streams to an earlier session of the peer lead nowhere, even when their connection does not know it yet.
    if (known !== undefined && known.session !== session) this.#pushStreams.close(peer)
    const named = this.#bootstrap.has(peer)
    if (!this.#table.add({ id: peer, address, named, agent, session })) return
    this.#redial.connected(peer)
    this.#pushStreams.open(peer)
    this.#logger.info({ peer, address, agent }, 'peer connected')
  }

  #disconnected(id: PeerId): void {
    const peer = id.toString()
    this.#pushStreams.close(peer)
    this.#answering.forget(peer)
    this.#connectionPlaces.closed(peer)
    this.#gates.delete(peer)
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

  /** A reason of ours to refuse a peer that greets us on `connection`. */
  #refusal(connection: Connection): string | null {
    if (this.#state !== 'running') return 'this node is stopping'
    return connection.remotePeer.toString() === this.id
      ? 'you have my peer id: each node needs a seed of its own (p2p.seed)'
      : null
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
