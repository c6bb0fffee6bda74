/**
 * The network as the rest of the node sees it: topics, peers, request/response. It knows bytes and peers, never blocks.
 * Implemented over libp2p by network/libp2p.ts; tests and simulations have their own.
 */

export type Topic = 'tx' | 'block' | 'consensus'

/**
 * `reject` lowers the sender's score (it is to blame); `ignore` does not; only `accept` is passed on to others. `unheard`
 * says nothing about the message, which was left alone for want of room or because of who sent it: a copy from somebody
 * else is asked for, and judged.
 */
export type GossipVerdict = 'accept' | 'ignore' | 'reject' | 'unheard'

export interface Peer {
  /** libp2p peer id, text form. */
  readonly id: string
  readonly address: string
  /** Named in this node's configuration, and no stranger. */
  readonly named: boolean
}

/** The bounds an asker sets for an answer; the network's own hold besides. */
export interface RequestOptions {
  /** Ends the request and gives back what it holds: NetworkError `aborted`. */
  readonly signal?: AbortSignal
  /** Of the whole answer. One that has more breaks the rules of the protocol it belongs to. */
  readonly maxFrames?: number
  readonly maxBytes?: number
  /** Hears each frame of an answer as it comes, whatever becomes of the rest; of a refusal none. */
  readonly onFrame?: (frame: Uint8Array) => void
}

/** How a message goes to a peer whose link still holds others. */
export interface Delivery {
  /** The kind of thing the message is the newest of: older ones of it that still wait for the link are taken out. */
  readonly replaces: string
  /** The message is left out while an older one of its kind is going over the link. */
  readonly unlessUnderWay?: boolean
}

export type GossipHandler = (message: Uint8Array, from: string) => GossipVerdict | Promise<GossipVerdict>

/** Answers one request with a list of frames, each bounded by the protocol's limit. */
export type RequestHandler = (request: Uint8Array, from: string) => Promise<readonly Uint8Array[]>

export interface Network {
  /** Our own peer id. */
  readonly id: string
  /** Full multiaddrs, with /p2p/<id>. */
  addresses(): readonly string[]
  peers(): readonly Peer[]
  onPeer(listener: (event: { readonly kind: 'connected' | 'disconnected'; readonly peer: string }) => void): () => void
  /** One handler per topic; set before `start`. */
  setGossipHandler(topic: Topic, handler: GossipHandler): void
  /** Resolves when handed to the mesh; a node without peers keeps nothing and resolves too. */
  publish(topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void>
  /**
   * Passes on what others may have already: peers are told that it is there, and ask for it if they lack it. For what
   * came from peers in another form.
   */
  announce(topic: Topic, message: Uint8Array): Promise<void>
  /** To one peer; judged there as any other. A peer that cannot be reached by itself gets it as everybody would. */
  send(peer: string, topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void>
  /** `protocol` is a short name such as `blocks`; the full id carries genesis hash and version. */
  setRequestHandler(protocol: string, handler: RequestHandler): void
  /** @throws NetworkError on timeout, refusal, frames over the limit, or when it is told to end. */
  request(peer: string, protocol: string, request: Uint8Array, options?: RequestOptions): Promise<readonly Uint8Array[]>
  /** Lowers the score of a peer that sent something only a broken or hostile node sends; enough of it disconnects. */
  penalize(peer: string, reason: string): void
  start(): Promise<void>
  stop(): Promise<void>
}

/** A network that dials peers by their addresses. */
export interface DiallingNetwork extends Network {
  /**
   * Peers named at start are dialled at these addresses from now on, and nowhere else: those of them that have none here
   * are dialled no more. Connections that this node made elsewhere end at once. Who was not named stays a stranger.
   * @param addresses multiaddrs with /p2p/<peer id>
   * @returns when dials to other addresses have ended, and the peers that were lost are connected again or have had the
   * time for it
   * @throws RangeError on an address without a peer id
   */
  movePeers(addresses: readonly string[]): Promise<void>
}
