/**
 * The node's network before libp2p is loaded, and the way to it afterwards. Loading takes a third of the time until a node
 * answers, and what answers needs none of it: the node keeps its handlers here, has no peers meanwhile, and says so.
 *
 * A node that dials nobody keeps no more than its port open. The first who connects there is hung up on, and finds the
 * network when dialling again.
 */
import type { Doorbell } from '../runtime/doorbell.ts'
import type {
  Delivery,
  DiallingNetwork,
  GossipHandler,
  Network,
  Peer,
  RequestHandler,
  RequestOptions,
  Topic,
} from './network.ts'
import { NetworkError } from './networkError.ts'

export interface LateNetworkOptions {
  /** Our own peer id. */
  readonly id: string
  /** Loads libp2p and makes the network, which listens on `port` where one is given. Called at most once. */
  readonly load: (port?: number) => Promise<DiallingNetwork>
  /** For a node that dials nobody: opens its port, and gives the address that others dial. Null for one that dials. */
  readonly alone: {
    readonly open: () => Promise<Doorbell>
    readonly address: (port: number) => string
    /** The network could not be started when somebody rang. Called at most once. */
    readonly onFailure: (error: unknown) => void
  } | null
}

type PeerListener = Parameters<Network['onPeer']>[0]

export class LateNetwork implements DiallingNetwork {
  readonly id: string
  readonly #options: LateNetworkOptions
  readonly #gossip = new Map<Topic, GossipHandler>()
  readonly #requests = new Map<string, RequestHandler>()
  readonly #listeners = new Set<PeerListener>()
  #state: 'new' | 'started' | 'stopped' = 'new'
  #doorbell: Doorbell | null = null
  /** Made, and started or about to be. */
  #network: DiallingNetwork | null = null
  /** As they were last said while there was no network. */
  #moved: readonly string[] | null = null
  #bringing: Promise<void> | null = null

  constructor(options: LateNetworkOptions) {
    this.id = options.id
    this.#options = options
  }

  addresses(): readonly string[] {
    if (this.#network !== null) return this.#network.addresses()
    const { alone } = this.#options
    return alone === null || this.#doorbell === null ? [] : [alone.address(this.#doorbell.port)]
  }

  peers(): readonly Peer[] {
    return this.#network?.peers() ?? []
  }

  onPeer(listener: PeerListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  setGossipHandler(topic: Topic, handler: GossipHandler): void {
    this.#gossip.set(topic, handler)
    this.#network?.setGossipHandler(topic, handler)
  }

  setRequestHandler(protocol: string, handler: RequestHandler): void {
    this.#requests.set(protocol, handler)
    this.#network?.setRequestHandler(protocol, handler)
  }

  async publish(topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void> {
    await this.#network?.publish(topic, message, delivery)
  }

  async announce(topic: Topic, message: Uint8Array): Promise<void> {
    await this.#network?.announce(topic, message)
  }

  async send(peer: string, topic: Topic, message: Uint8Array, delivery?: Delivery): Promise<void> {
    await this.#network?.send(peer, topic, message, delivery)
  }

  async request(
    peer: string,
    protocol: string,
    request: Uint8Array,
    wanted?: RequestOptions,
  ): Promise<readonly Uint8Array[]> {
    if (this.#network === null) throw new NetworkError('not-connected', `${peer} is not connected`)
    return this.#network.request(peer, protocol, request, wanted)
  }

  penalize(peer: string, reason: string): void {
    this.#network?.penalize(peer, reason)
  }

  async movePeers(addresses: readonly string[]): Promise<void> {
    if (this.#network === null) this.#moved = addresses
    else await this.#network.movePeers(addresses)
  }

  /** Resolves when somebody could connect. @throws what the system says of the address. */
  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error('a network starts once')
    this.#state = 'started'
    const { alone } = this.#options
    if (alone === null) return this.#bring()
    const doorbell = await alone.open()
    this.#doorbell = doorbell
    if (this.#isStopped()) return doorbell.close()
    void doorbell.rung.then(() => this.#bring(doorbell)).catch(alone.onFailure)
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    await this.#doorbell?.close()
    await this.#network?.stop()
    // The caller of `start` is told why it failed; a stop only waits for its end.
    await this.#bringing?.catch(() => undefined)
  }

  #bring(doorbell?: Doorbell): Promise<void> {
    this.#bringing = this.#load(doorbell)
    return this.#bringing
  }

  async #load(doorbell?: Doorbell): Promise<void> {
    if (this.#isStopped()) return
    const network = await this.#options.load(doorbell?.port)
    // Not before: whoever takes the port meanwhile would end the node.
    await doorbell?.close()
    if (this.#isStopped()) return
    for (const [topic, handler] of this.#gossip) network.setGossipHandler(topic, handler)
    for (const [protocol, handler] of this.#requests) network.setRequestHandler(protocol, handler)
    network.onPeer((event) => {
      for (const listener of this.#listeners) listener(event)
    })
    if (this.#moved !== null) await network.movePeers(this.#moved)
    this.#network = network
    await network.start()
  }

  /** Also while something is waited for that began before. */
  #isStopped(): boolean {
    return this.#state === 'stopped'
  }
}
