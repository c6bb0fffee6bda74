/**
 * A gossip network on simulated time: every pair of nodes has a link that may drop, delay, duplicate or reorder messages,
 * or be cut. A message is judged once by its content; what is accepted is passed on to the other peers.
 */
import { hash } from 'node:crypto'
import type { GossipHandler, Network, RequestOptions, Topic } from '../../src/network/network.ts'
import { NetworkError } from '../../src/network/networkError.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

export interface LinkFaults {
  /** Probabilities. */
  readonly drop: number
  readonly duplicate: number
  readonly slow: number
  /** Milliseconds. */
  readonly delay: number
  readonly slowDelay: number
}

export const CALM: LinkFaults = { drop: 0, duplicate: 0, slow: 0, delay: 20, slowDelay: 0 }

type PeerListener = Parameters<Network['onPeer']>[0]
type RequestAnswer = (request: Uint8Array) => Promise<readonly Uint8Array[]>

interface Endpoint {
  readonly id: string
  readonly handlers: Map<Topic, GossipHandler>
  readonly requests: Map<string, RequestAnswer>
  readonly seen: Set<string>
  readonly onPeer: Set<PeerListener>
  readonly isUp: () => boolean
  /** Fails the requests that it is answering. */
  readonly answering: Set<() => void>
}

/** Sees every message a node hands to the network, before any fault. */
export type Tap = (from: string, topic: Topic, message: Uint8Array) => void

export class SimNetwork {
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #tap: Tap
  readonly #endpoints = new Map<string, Endpoint>()
  faults: LinkFaults = CALM
  #isLinked: (from: string, to: string) => boolean = () => true
  delivered = 0

  constructor(scheduler: Scheduler, random: Random, tap: Tap) {
    this.#scheduler = scheduler
    this.#random = random
    this.#tap = tap
  }

  /** `isLinked` says between whom messages go through. Both ends notice what changes. */
  setLinks(isLinked: (from: string, to: string) => boolean): void {
    const before = this.#isLinked
    this.#isLinked = isLinked
    const ends = [...this.#endpoints.values()]
    for (const [index, one] of ends.entries()) {
      for (const other of ends.slice(index + 1)) {
        const linked = isLinked(one.id, other.id)
        if (before(one.id, other.id) !== linked) this.#tellBoth(linked ? 'connected' : 'disconnected', one, other)
      }
    }
  }

  /** Connects a node, or a new run of it. `isUp` turns false when this run crashes. */
  connect(id: string, isUp: () => boolean): Network & { sendTo(to: string, topic: Topic, message: Uint8Array): void } {
    const endpoint: Endpoint = {
      id,
      handlers: new Map(),
      requests: new Map(),
      seen: new Set(),
      onPeer: new Set(),
      isUp,
      answering: new Set(),
    }
    this.#endpoints.set(id, endpoint)
    return {
      id,
      addresses: () => [],
      peers: () =>
        [...this.#endpoints.keys()]
          .filter((other) => other !== id)
          .map((other) => ({ id: other, address: '', named: true })),
      onPeer: (listener) => {
        endpoint.onPeer.add(listener)
        return () => endpoint.onPeer.delete(listener)
      },
      setGossipHandler: (topic, handler) => {
        endpoint.handlers.set(topic, handler)
      },
      publish: async (topic, message) => {
        if (!isUp()) return
        this.#tap(id, topic, message)
        endpoint.seen.add(contentId(topic, message))
        for (const to of this.#endpoints.keys()) if (to !== id) this.#send(id, to, topic, message)
      },
      // Nobody asks anybody here: what is announced is sent.
      announce(topic, message) {
        return this.publish(topic, message)
      },
      sendTo: (to, topic, message) => {
        if (isUp()) this.#send(id, to, topic, message)
      },
      setRequestHandler: (protocol, handler) => {
        endpoint.requests.set(protocol, (request) => handler(request, id))
      },
      request: (peer, protocol, request, options) => this.#request(id, peer, protocol, request, options),
      penalize: () => {},
      start: async () => {
        for (const other of this.#endpoints.values()) {
          if (other.id !== id && other.isUp() && this.#isLinked(id, other.id))
            this.#tellBoth('connected', endpoint, other)
        }
      },
      stop: async () => {},
    }
  }

  /** A node's connections close. */
  disconnect(id: string): void {
    for (const fail of this.#endpoints.get(id)?.answering ?? []) fail()
    for (const other of this.#endpoints.values()) if (other.id !== id) tell(other, 'disconnected', id)
  }

  #tellBoth(kind: 'connected' | 'disconnected', one: Endpoint, other: Endpoint): void {
    this.#scheduler.after(this.#latency(), () => {
      if (kind === 'connected' && !(one.isUp() && other.isUp())) return
      tell(one, kind, other.id)
      tell(other, kind, one.id)
    })
  }

  #latency(): number {
    const { delay, slow, slowDelay } = this.faults
    return 0.5 + this.#random.next() * (this.#random.chance(slow) ? slowDelay : delay)
  }

  #send(from: string, to: string, topic: Topic, message: Uint8Array): void {
    if (!this.#isLinked(from, to) || this.#random.chance(this.faults.drop)) return
    const copies = this.#random.chance(this.faults.duplicate) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      this.#scheduler.after(this.#latency(), () => void this.#deliver(from, to, topic, message))
    }
  }

  async #deliver(from: string, to: string, topic: Topic, message: Uint8Array): Promise<void> {
    const endpoint = this.#endpoints.get(to)
    const handler = endpoint?.handlers.get(topic)
    if (endpoint === undefined || handler === undefined || !endpoint.isUp()) return
    const id = contentId(topic, message)
    if (endpoint.seen.has(id)) return
    endpoint.seen.add(id)
    this.delivered += 1
    const verdict = await handler(message, from)
    if (verdict !== 'accept' || !endpoint.isUp()) return
    for (const next of this.#endpoints.keys()) {
      if (next !== to && next !== from && !this.#endpoints.get(next)!.seen.has(id)) this.#send(to, next, topic, message)
    }
  }

  #request(
    from: string,
    to: string,
    protocol: string,
    request: Uint8Array,
    { signal }: RequestOptions = {},
  ): Promise<readonly Uint8Array[]> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new NetworkError('aborted', 'the answer is not wanted any more')))
      const fail = () => reject(new NetworkError('timeout', 'no answer'))
      const lost = () => !this.#isLinked(from, to) || this.#random.chance(this.faults.drop)
      if (lost()) {
        this.#scheduler.after(1_000, fail)
        return
      }
      this.#scheduler.after(this.#latency(), () => {
        const endpoint = this.#endpoints.get(to)
        const answer = endpoint?.requests.get(protocol)
        if (endpoint === undefined || answer === undefined || !endpoint.isUp()) return fail()
        const gone = () => this.#scheduler.after(this.#latency(), fail)
        endpoint.answering.add(gone)
        answer(request)
          .then((frames) => {
            if (lost()) this.#scheduler.after(1_000, fail)
            else this.#scheduler.after(this.#latency(), () => resolve(frames))
          }, fail)
          .finally(() => endpoint.answering.delete(gone))
      })
    })
  }
}

function tell({ onPeer, isUp }: Endpoint, kind: 'connected' | 'disconnected', peer: string): void {
  if (isUp()) for (const listener of onPeer) listener({ kind, peer })
}

/** A message that is passed on is the same array: hashed once. */
const contentIds = new WeakMap<Uint8Array, string>()

function contentId(topic: Topic, message: Uint8Array): string {
  let id = contentIds.get(message)
  if (id === undefined) {
    id = topic + hash('sha1', message, 'base64')
    contentIds.set(message, id)
  }
  return id
}
