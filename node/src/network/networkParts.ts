/**
 * Puts the parts of the network together: each gets what it needs of the others, and none is started. libp2p.ts starts
 * and stops them.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { Conduct } from './conduct/conduct.ts'
import { judgingOfLanes } from './conduct/judging.ts'
import { FRAMING_POINTS, Penalties } from './conduct/scoring.ts'
import { ConnectionGuard } from './connections/connectionGuard.ts'
import { ConnectionPlaces } from './connections/connectionPlaces.ts'
import { DialTargets } from './connections/dialTargets.ts'
import { makeHello } from './connections/handshake.ts'
import { HeldWatch, type HeldWatchOptions } from './connections/heldWatch.ts'
import { hostOf, InboundGate } from './connections/inboundGate.ts'
import { namedAddresses, namedPeers } from './connections/namedPeers.ts'
import { OpenConnections } from './connections/openConnections.ts'
import { PeerTable } from './connections/peerTable.ts'
import { Redial } from './connections/redial.ts'
import { SilenceWatch } from './connections/silenceWatch.ts'
import { Welcoming } from './connections/welcoming.ts'
import { FrameBudgets } from './framing/heldBytes.ts'
import { deadline, messageOf } from './framing/streamFrames.ts'
import { GossipRpcs } from './gossip/gossipRpcs.ts'
import { identityOfSeed } from './identity.ts'
import { DEFAULT_LIMITS, type NetworkLimits } from './limits.ts'
import type { Libp2pNetworkOptions } from './networkOptions.ts'
import { PUSH_PROTOCOLS, PushStreams } from './push/pushStreams.ts'
import { Asking } from './requests/asking.ts'
import { Answering } from './requests/requestResponse.ts'
import { createStack, type Stack } from './stack.ts'
import { TopicMessages } from './topicMessages.ts'
import { TOPICS, type WireNames, wireNames } from './topics.ts'

export interface NetworkParts {
  readonly options: Libp2pNetworkOptions
  readonly limits: NetworkLimits
  /** This node's peer id. */
  readonly id: string
  readonly names: WireNames
  /** Peers named at start. */
  readonly named: ReadonlySet<string>
  /** Where they are dialled. */
  readonly targets: DialTargets
  /** libp2p.ts moves it on at start and stop; the parts do nothing for peers unless it is `running`. */
  readonly life: { state: 'new' | 'running' | 'stopped' }
  readonly libp2p: Stack
  readonly guard: ConnectionGuard
  readonly gate: InboundGate
  readonly budgets: FrameBudgets
  readonly places: ConnectionPlaces
  readonly connections: OpenConnections
  readonly conduct: Conduct
  readonly judging: ReturnType<typeof judgingOfLanes>
  readonly table: PeerTable
  readonly welcoming: Welcoming
  readonly messages: TopicMessages
  readonly pushStreams: PushStreams
  readonly gossipRpcs: GossipRpcs
  readonly asking: Asking
  readonly answering: Answering
  readonly watches: readonly (HeldWatch | SilenceWatch)[]
  readonly redial: Redial
}

/** @throws RangeError on options that cannot be. */
export async function assembleNetwork(options: Libp2pNetworkOptions): Promise<NetworkParts> {
  const { clock, logger } = options
  const limits: NetworkLimits = { ...DEFAULT_LIMITS, ...options.limits }
  const { privateKey, peerId: id } = await identityOfSeed(options.identitySeed)
  const names = wireNames(options.genesisHash)
  const life: NetworkParts['life'] = { state: 'new' }
  const isRunning = () => life.state === 'running'
  const atStart = namedPeers(options.bootstrap, id)
  const named = new Set(atStart.keys())
  const targets = new DialTargets(atStart)
  const isNamed = (peer: string) => named.has(peer)
  const addresses = namedAddresses(atStart)
  const table = new PeerTable()
  const penalties = new Penalties(limits, isNamed)
  const gate = new InboundGate(limits, new Set(addresses.map(hostOf)))
  const groupOf = (peer: string) => connections.groupOf(peer)
  const places = new ConnectionPlaces({ clock, limits, isNamed, groupOf, random: options.randomness.below })
  const connections = new OpenConnections({
    clock,
    logger,
    limits,
    gate,
    places,
    listed: (peer) => libp2p.getConnections(peer),
  })
  const budgets = new FrameBudgets(limits.partialFrameBytes, isNamed, () => clock.monotonic(), named.size)
  const guard = new ConnectionGuard({
    limits,
    clock,
    budgets,
    isNamed,
    isServed: (protocol) => libp2p.getProtocols().includes(protocol),
    onCarried: options.observer?.carried,
  })
  const conduct = new Conduct({
    clock,
    limits,
    logger,
    penalties,
    isNamed,
    hears: (peer) => pushStreams.hears(peer),
    onBanned: (peer, reason) => {
      options.observer?.banned()
      connections.hangUp(peer, reason)
    },
  })
  const libp2p = await createStack({
    options,
    limits,
    privateKey,
    names,
    gate,
    guard,
    connectionPlaces: places,
    named: named.size,
    namedAddresses: addresses,
    targets,
    isBanned: (peer) => penalties.isBanned(peer, clock.monotonic()),
    score: (peer) => conduct.scoreOf(peer),
  })
  const messages = new TopicMessages({
    clock,
    logger,
    limits,
    names,
    conduct,
    pushTopics: options.pushTopics ?? TOPICS,
    pubsub: () => libp2p.services.pubsub,
    isNamed,
    namesFirst: (peer) => id < peer,
    random: options.randomness.below,
    stageOf: options.stageOf,
    expectsPeers: named.size > 0,
    isRunning,
    onBrought: (peer) => places.brought(peer),
    onJudged: options.observer?.judged,
  })
  const onViolation = (peer: string, what: string) => conduct.blame(peer, FRAMING_POINTS, what, 'framing')
  const judging = judgingOfLanes(limits, isNamed)
  const welcoming = new Welcoming({
    clock,
    logger,
    limits,
    budgets,
    conduct,
    table,
    hello: makeHello(options.genesisHash, options.session ?? options.randomness.bytes(8), options.agent),
    ownId: id,
    isRunning,
    isNamed,
    isConnected: (peer) => connections.to(peer) !== undefined,
    drop: (peer, reason) => connections.drop(peer, reason),
    onRestarted: (peer) => pushStreams.close(peer),
    onWelcome: (peer) => {
      redial.connected(peer)
      pushStreams.open(peer)
    },
  })
  const gossipRpcs = new GossipRpcs({
    limits,
    clock,
    isNamed,
    onFault: onViolation,
    onFlood: (peer, what) => conduct.blame(peer, limits.penaltyLimit, what, 'framing'),
  })
  // Later: its streams are in the midst of being read.
  budgets.onWorst((peer) =>
    queueMicrotask(() =>
      connections.dropAsWorst(peer, `holds most: over ${limits.partialFrameBytes} bytes of unfinished frames`),
    ),
  )
  guard.onFault(({ peer, address }, what) => {
    if (peer !== null) conduct.blame(peer, limits.penaltyLimit, what, 'framing')
    gate.banned(hostOf(address), peer, clock.monotonic())
  })
  const pushStreams = new PushStreams({
    clock,
    limits,
    budgets,
    judging,
    protocols: { urgent: names.protocol(PUSH_PROTOCOLS.urgent), bulk: names.protocol(PUSH_PROTOCOLS.bulk) },
    push: messages.push,
    isNamed,
    turn: (peer, kind, bytes) => conduct.turn(peer, kind, bytes),
    connectionTo: (peer) => (table.get(peer) === undefined ? undefined : connections.to(peer)),
    onViolation,
    onDebug: (peer, what) => logger.debug({ peer }, what),
  })
  const answering = new Answering({
    clock,
    limits,
    budgets,
    accepts: (peer) => table.get(peer) !== undefined,
    isNamed: (peer) => isNamed(peer) && !conduct.isThrottled(peer),
    groupOf,
    onRead: (peer) => places.read(peer),
    onViolation,
  })
  const asking = new Asking({
    clock,
    limits,
    budgets,
    protocol: names.protocol,
    isRunning,
    isPeer: (peer) => table.get(peer) !== undefined,
    connectionTo: (peer) => connections.to(peer),
    onViolation,
  })
  const watch = (limit: number, held: HeldWatchOptions['held'], what: string) =>
    new HeldWatch({
      clock,
      limit,
      held: () => held().filter(({ peer }) => !isNamed(peer)),
      onWorst: (peer) => connections.dropAsWorst(peer, `${what}: over ${limit} bytes of all peers`),
    })
  const watches = [
    watch(limits.unsentBytes, () => guard.unsent(), 'reads too slowly'),
    watch(limits.unreadBytes, () => guard.unread(), 'sends what cannot be read yet'),
    new SilenceWatch({ clock, endSilent: (looks) => guard.endSilent(looks) }),
  ]
  const dial = async (peer: string) => {
    const address = targets.addressOf(peer)
    if (address === undefined || table.get(peer) !== undefined) return
    const limit = deadline(clock, limits.dialTimeout, 'dialling')
    try {
      await libp2p.dial(multiaddr(address), { signal: limit.signal })
    } finally {
      limit.cancel()
    }
    await table.ready(peer, clock, 2 * limits.handshakeTimeout)
  }
  const redial = new Redial({
    clock,
    minPause: limits.redialMin,
    maxPause: limits.redialMax,
    targets: [...named],
    dial,
    onFailure: (peer, attempt, error) => {
      const fields = { peer, address: targets.addressOf(peer), attempt, error: whyNotDialled(error) }
      // Not at once, since peers that start together miss each other first, and then ever more rarely.
      if (attempt >= 4 && Number.isInteger(Math.log2(attempt))) logger.info(fields, 'cannot reach a peer, trying again')
      else logger.debug(fields, 'cannot reach a peer, trying again')
    },
  })
  return {
    options,
    limits,
    id,
    names,
    named,
    targets,
    life,
    libp2p,
    guard,
    gate,
    budgets,
    places,
    connections,
    conduct,
    judging,
    table,
    welcoming,
    messages,
    pushStreams,
    gossipRpcs,
    asking,
    answering,
    watches,
    redial,
  }
}

/** Of a peer that is banned the library says which of its hooks refused the dial. */
function whyNotDialled(error: unknown): string {
  const isBanned = error instanceof Error && error.name === 'DialDeniedError'
  return isBanned ? 'this node has refused it, and does not dial it until that is over' : messageOf(error)
}
