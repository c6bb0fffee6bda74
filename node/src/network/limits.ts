/**
 * Every bound of the network layer, in one place: what a peer may send, how fast, and how much of it is kept. A bound
 * that is hit costs the peer its message, its stream or its connection, never the node.
 */
import type { Topic } from './network.ts'

export interface NetworkLimits {
  /**
   * Largest payload on each topic, bytes. A proposal carries a whole block; a transaction bundle is kept small by its
   * sender.
   */
  readonly messageBytes: Readonly<Record<Topic, number>>
  /** Connections in all, inbound and outbound; peers named at start come on top. */
  readonly connections: number
  /** Of one peer, whichever side dialled; then the oldest is closed, as it may be one that is dead already. */
  readonly connectionsPerPeer: number
  /** When all are taken, see eviction.ts: one stranger gives way to another at most so often, milliseconds, */
  readonly evictionInterval: number
  /** and not before it has had so long to be of use. */
  readonly newcomerTime: number
  /** Inbound connections from one address that is not loopback. */
  readonly connectionsPerAddress: number
  /** Inbound connections that have not finished their handshakes. */
  readonly pendingConnections: number
  /** The same from one address that is not loopback. */
  readonly pendingPerAddress: number
  /** New inbound connections a second from one host; libp2p's default of 5 is too few for a network on one machine. */
  readonly inboundPerSecond: number
  /** Peers of one address that is not loopback that may be banned at a time; at so many the address is refused as well. */
  readonly bannedPerAddress: number

  /**
   * Below the streams, see connectionGuard.ts. Frames of the muxer a second from all peers not named at start, and as
   * many from those.
   */
  readonly framesPerSecond: number
  /** Pings of the muxer on one connection, and of `/ipfs/ping` on one stream: a second over time, and at once. */
  readonly pingsPerSecond: number
  readonly pingsBurst: number
  /** Streams a peer may open on one connection: a second over time, and at once. */
  readonly streamsPerSecond: number
  readonly streamsBurst: number
  /** Streams a peer may have open on one connection. */
  readonly inboundStreams: number
  /** Those of them whose purpose is not agreed yet. */
  readonly negotiatingStreams: number
  /** Messages of multistream-select until a purpose is agreed. */
  readonly negotiationMessages: number
  /** Bytes on one stream before that, after which it is not read meanwhile; and bytes in which a peer says who it is. */
  readonly earlyStreamBytes: number
  /** Window of one stream: the most that comes on a stream that is not read, and the longest frame of the muxer. */
  readonly streamWindowBytes: number
  /** Bytes that wait below the streams of one connection because the peer does not read. */
  readonly connectionBacklogBytes: number
  /**
   * Bytes that wait for all peers not named at start, in streams and below them; at it, who has had most for longest is
   * disconnected.
   */
  readonly unsentBytes: number
  /** The same of bytes that came from them on streams which are not read for the moment. */
  readonly unreadBytes: number

  /** The status handshake: whole exchange, milliseconds. */
  readonly handshakeTimeout: number
  /** Status handshakes on one connection; honest peers make one. */
  readonly handshakesPerConnection: number
  /** Times a peer may come back with another session, as after a restart: a minute over time, and at once. */
  readonly sessionsPerMinute: number
  readonly sessionsBurst: number

  /** Request and response, see requestResponse.ts. Bytes of a request. */
  readonly requestBytes: number
  /** Frames of one response. */
  readonly responseFrames: number
  /** Bytes of one frame of a response. */
  readonly frameBytes: number
  /** Bytes of a whole response. */
  readonly responseBytes: number
  /** Milliseconds from asking to the first byte. */
  readonly firstByteTimeout: number
  /** Milliseconds from asking to the last byte. */
  readonly responseTimeout: number
  /** Requests of one peer being answered at a time, per protocol. */
  readonly inboundRequestsPerPeer: number
  /** The same in all protocols together. */
  readonly inboundRequestsOfPeer: number
  /** Requests being answered at a time, of all peers but those named at start: others cannot use up what those need. */
  readonly inboundRequests: number
  /** The same of one address that is not loopback. */
  readonly inboundRequestsPerAddress: number
  /** Requests that wait for a place, of all those peers, and how long, milliseconds. */
  readonly waitingInboundRequests: number
  readonly placeWait: number
  /** Bytes a second that a peer has to take of its answers when others wait, and milliseconds for which it may not. */
  readonly readerBytesPerSecond: number
  readonly readerGrace: number
  /** Milliseconds in which a peer that lost its place for not reading gets no other. */
  readonly slowReaderPause: number
  /** Requests a peer may make a second, over time; it may save up twice as many. */
  readonly requestsPerSecond: number
  /** Requests to one peer under way at a time; more wait. */
  readonly outboundRequestsPerPeer: number
  /** Requests to one peer that may wait; more are refused at once. */
  readonly waitingRequestsPerPeer: number

  /**
   * Peers that get messages over a kept stream, see push.ts; those named at start do in any case. Others are only asked
   * over theirs.
   */
  readonly pushPeers: number
  /** Bytes of gossipsub waiting to go to one peer, and half of what a stream of libp2p buffers. */
  readonly pushBacklogBytes: number
  /** Bytes that wait for one peer on each of its two streams, above the stream; later ones are left out. */
  readonly pushQueueBytes: number
  /**
   * Bytes handed to such a stream that the peer has not taken yet, see sendQueue.ts: at least and at most so many, and
   * between them as many as it has taken in so many milliseconds.
   */
  readonly pushLeastUnderWay: number
  readonly pushMostUnderWay: number
  readonly pushUnderWayTime: number
  /** A peer says how much it has taken after so many bytes, or milliseconds: before it asks for a proposal again. */
  readonly pushTakenBytes: number
  readonly pushTakenDelay: number
  /** Messages of consensus and blocks up to so many bytes go on the stream for what is urgent. */
  readonly pushUrgentBytes: number
  /**
   * Messages of one peer being judged at a time; past it the stream is paused. Bytes of the stream for urgent
   * messages count by themselves, here and below, with a quarter of the bytes (judging.ts).
   */
  readonly pendingMessagesPerPeer: number
  /** The same in bytes. */
  readonly pendingBytesPerPeer: number
  /** The same in bytes, of all peers but those named at start; past it, who has more than an equal part is paused. */
  readonly pendingBytes: number
  /**
   * Bytes of unfinished frames of all strangers, frames of the muxer, RPCs of gossipsub and what waits to be cut into frames
   * too, as much of their answers, and as much of peers named at start; at it, who has held most for longest is
   * disconnected, see heldBytes.ts.
   */
  readonly partialFrameBytes: number
  /** Milliseconds between a message's acceptance and its announcement to peers that may lack it. */
  readonly announceDelay: number
  /** So much later to a peer that announces first what both have, which is then left out. */
  readonly announceSecondDelay: number
  /** Milliseconds until an announced message that did not come is asked for elsewhere, see wanted.ts. */
  readonly wantTimeout: number
  /** Accepted messages kept for peers that ask: how long (milliseconds), how many, how many bytes. */
  readonly cacheTime: number
  readonly cacheMessages: number
  readonly cacheBytes: number
  /** Ids in one announcement or one request for messages. */
  readonly idsPerFrame: number
  /** Milliseconds until an announcer that was asked and did not deliver has broken its promise, see wanted.ts. */
  readonly promiseTime: number
  /** Bytes of one peer within `wantTimeout` from which on it may be sending what it was asked for. */
  readonly sendingBytes: number
  /** Announced messages that one peer may let this node wait for; each is asked for elsewhere after `wantTimeout`. */
  readonly announcedPerPeer: number
  /** The same of all peers that are not named at start; past it, each of them may have only `announcedWhenFull`. */
  readonly announcedInAll: number
  readonly announcedWhenFull: number
  /** Bytes of messages a peer may ask for again a second, over time, and at once. */
  readonly repairBytesPerSecond: number
  readonly repairBurstBytes: number
  /** Message ids a peer may announce or ask for a second, over time, and at once. More is a flood. */
  readonly idsPerSecond: number
  readonly idsBurst: number
  /**
   * Messages of one peer that bring nothing, a second, over time, and at once. More is a flood, which costs the connection.
   */
  readonly uselessPerSecond: number
  readonly uselessBurst: number
  /** Message ids remembered, so that a message is judged once. */
  readonly seenMessages: number

  /** Gossipsub heartbeat, milliseconds. */
  readonly heartbeat: number
  /** The first publish waits at most this long for a peer, milliseconds. */
  readonly firstPublishWait: number
  /** How long gossipsub remembers ids of messages, milliseconds. */
  readonly gossipSeenTime: number
  /** RPCs, messages and lists of ids by gossipsub of one peer: a second over time, and at once. More is a flood. */
  readonly gossipPerSecondOfPeer: number
  readonly gossipBurstOfPeer: number
  /** The same of all peers not named at start, a second; past it, those of who has more than an equal part are left out. */
  readonly gossipPerSecond: number

  /** Penalty points at which a peer is disconnected; a point is forgiven each second. */
  readonly penaltyLimit: number
  /**
   * How long a peer that was disconnected for its behaviour stays refused, or one named at start throttled; milliseconds.
   */
  readonly banTime: number
  /**
   * The judging for a throttled peer, of each kind of frame by itself: units a second, over time, and at once. A frame
   * costs one, and one more for each `throttledUnitBytes`.
   */
  readonly throttledPerSecond: number
  readonly throttledBurst: number
  readonly throttledUnitBytes: number

  /** Redial of the peers named at start: first and longest pause, milliseconds. */
  readonly redialMin: number
  readonly redialMax: number
  readonly dialTimeout: number
}

const KIB = 1024
const MIB = 1024 * 1024

export const DEFAULT_LIMITS: NetworkLimits = {
  messageBytes: { tx: 1 * MIB, block: 4 * MIB, consensus: 4 * MIB },
  connections: 100,
  connectionsPerPeer: 4,
  evictionInterval: 1_000,
  newcomerTime: 10_000,
  connectionsPerAddress: 16,
  pendingConnections: 32,
  pendingPerAddress: 8,
  inboundPerSecond: 50,
  bannedPerAddress: 4,
  framesPerSecond: 40_000,
  pingsPerSecond: 10,
  pingsBurst: 50,
  // Four times as many as a peer may have answered (requestsPerSecond), and some for pings and kept streams.
  streamsPerSecond: 200,
  streamsBurst: 1_000,
  inboundStreams: 64,
  negotiatingStreams: 32,
  negotiationMessages: 16,
  earlyStreamBytes: 128 * KIB,
  streamWindowBytes: 1 * MIB,
  connectionBacklogBytes: 16 * MIB,
  unsentBytes: 128 * MIB,
  unreadBytes: 64 * MIB,
  handshakeTimeout: 5_000,
  handshakesPerConnection: 4,
  sessionsPerMinute: 30,
  sessionsBurst: 20,
  requestBytes: 64 * KIB,
  responseFrames: 1_024,
  frameBytes: 9 * MIB,
  responseBytes: 16 * MIB,
  firstByteTimeout: 5_000,
  responseTimeout: 30_000,
  inboundRequestsPerPeer: 4,
  inboundRequestsOfPeer: 8,
  inboundRequests: 32,
  inboundRequestsPerAddress: 16,
  waitingInboundRequests: 64,
  // Shorter than `firstByteTimeout` of who asks.
  placeWait: 2_000,
  // A quarter of a megabit a second: a link of 6 Mbit/s carries twenty times that.
  readerBytesPerSecond: 32 * KIB,
  readerGrace: 1_000,
  slowReaderPause: 5_000,
  requestsPerSecond: 50,
  outboundRequestsPerPeer: 4,
  waitingRequestsPerPeer: 64,
  pushPeers: 20,
  pushBacklogBytes: 16 * MIB,
  pushQueueBytes: 4 * MIB,
  pushLeastUnderWay: 256 * KIB,
  pushMostUnderWay: 4 * MIB,
  pushUnderWayTime: 500,
  pushTakenBytes: 32 * KIB,
  pushTakenDelay: 500,
  pushUrgentBytes: 64 * KIB,
  pendingMessagesPerPeer: 256,
  pendingBytesPerPeer: 16 * MIB,
  pendingBytes: 64 * MIB,
  partialFrameBytes: 64 * MIB,
  announceDelay: 50,
  announceSecondDelay: 25,
  wantTimeout: 400,
  cacheTime: 30_000,
  cacheMessages: 4_096,
  cacheBytes: 64 * MIB,
  idsPerFrame: 256,
  // A message of 2 MiB takes 3 s at 6 Mbit/s.
  promiseTime: 5_000,
  // A third of a megabit a second.
  sendingBytes: 16 * KIB,
  // A new stream begins with the ids of everything kept.
  announcedPerPeer: 4_096,
  announcedInAll: 65_536,
  announcedWhenFull: 512,
  // Twice everything that is kept at once, as after a partition.
  repairBytesPerSecond: 8 * MIB,
  repairBurstBytes: 128 * MIB,
  // Everything that is kept, announced and asked for six times over, each by itself, and as much again.
  idsPerSecond: 8_192,
  idsBurst: 65_536,
  // A chain of 30 blocks a second has some 100 messages of each validator in it.
  uselessPerSecond: 1_000,
  uselessBurst: 10_000,
  seenMessages: 65_536,
  heartbeat: 500,
  firstPublishWait: 1_000,
  gossipSeenTime: 30_000,
  gossipPerSecondOfPeer: 1_000,
  gossipBurstOfPeer: 4_096,
  gossipPerSecond: 2_000,
  penaltyLimit: 100,
  banTime: 30_000,
  // Votes, proposals and announcements of ten blocks a second; 3 MiB a second of proposals.
  throttledPerSecond: 50,
  throttledBurst: 100,
  throttledUnitBytes: 64 * KIB,
  redialMin: 100,
  redialMax: 1_000,
  dialTimeout: 5_000,
}
