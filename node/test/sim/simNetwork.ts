/**
 * A gossip network on simulated time: every pair of neighbours has a link that may drop, delay, duplicate or reorder
 * messages, be cut, or carry so many bytes a second only. A message is judged once by its content; if accepted, it is
 * passed on to the other neighbours. Blame is laid as in the real network, where all are named at start: a node
 * throttles a peer, and never bans it.
 */
import { hash } from 'node:crypto'
import type { Random } from '@touchstone/vm/testing/random'
import { stageOf } from '../../src/consensus/wire/stage.ts'
import { PENALIZE_POINTS, Penalties, REJECT_POINTS } from '../../src/network/conduct/scoring.ts'
import { Throttle } from '../../src/network/conduct/throttle.ts'
import { DEFAULT_LIMITS } from '../../src/network/limits.ts'
import type {
  Delivery,
  GossipHandler,
  GossipVerdict,
  Network,
  RequestOptions,
  Topic,
} from '../../src/network/network.ts'
import { NetworkError } from '../../src/network/networkError.ts'
import type { Scheduler } from './scheduler.ts'
import { SimLink } from './simLink.ts'

export interface LinkFaults {
  /** Probabilities. */
  readonly drop: number
  readonly duplicate: number
  readonly slow: number
  /** Milliseconds. */
  readonly delay: number
  readonly slowDelay: number
  /** Of every message, besides what `delay` adds. */
  readonly leastDelay?: number
}

export const CALM: LinkFaults = { drop: 0, duplicate: 0, slow: 0, delay: 20, slowDelay: 0 }

type PeerListener = Parameters<Network['onPeer']>[0]
type RequestAnswer = (request: Uint8Array) => Promise<readonly Uint8Array[]>

interface Endpoint {
  readonly id: string
  readonly handlers: Map<Topic, GossipHandler>
  readonly requests: Map<string, RequestAnswer>
  readonly seen: Map<string, GossipVerdict | Promise<GossipVerdict>>
  readonly penalties: Penalties
  readonly throttle: Throttle
  readonly onPeer: Set<PeerListener>
  readonly isUp: () => boolean
  /** Fails the requests that it is answering. */
  readonly answering: Set<() => void>
  /** By peer: the greatest height of what it sent. */
  readonly reached: Map<string, number>
}

/** Sees every message a node hands to the network, before any fault. */
export type Tap = (from: string, topic: Topic, message: Uint8Array) => void

/** Hears of every point that a node gives a peer. */
export type BlameWatch = (judge: string, peer: string, reason: string) => void

export class SimNetwork {
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #tap: Tap
  readonly #onBlame: BlameWatch
  readonly #endpoints = new Map<string, Endpoint>()
  faults: LinkFaults = CALM
  #isLinked: (from: string, to: string) => boolean = () => true
  #areNeighbours: (a: string, b: string) => boolean = () => true
  /** Milliseconds that what one sends to the other is held back now; the connection stays. */
  heldBack: (from: string, to: string) => number = () => 0
  delivered = 0
  /** Bytes a millisecond of each direction of a link; null for as many as there are. Set before nodes connect. */
  bandwidth: number | null = null
  /** By sender and receiver, with a bandwidth. */
  readonly #slow = new Map<string, SimLink>()

  constructor(scheduler: Scheduler, random: Random, tap: Tap, onBlame: BlameWatch) {
    this.#scheduler = scheduler
    this.#random = random
    this.#tap = tap
    this.#onBlame = onBlame
  }

  /** Who ever has a connection to whom; everybody unless said. Before anybody connects. */
  setTopology(areNeighbours: (a: string, b: string) => boolean): void {
    this.#areNeighbours = areNeighbours
  }

  /**
   * `isLinked` says from whom to whom messages go through. Both ends notice when none do any more between them, or some do
   * again; a link that works in one direction only looks whole to them.
   */
  setLinks(isLinked: (from: string, to: string) => boolean): void {
    const before = this.#isLinked
    this.#isLinked = isLinked
    const ends = [...this.#endpoints.values()]
    for (const [index, one] of ends.entries()) {
      for (const other of ends.slice(index + 1)) {
        if (!this.#areNeighbours(one.id, other.id)) continue
        const linked = isLinked(one.id, other.id) || isLinked(other.id, one.id)
        const wasLinked = before(one.id, other.id) || before(other.id, one.id)
        if (wasLinked !== linked) this.#tellBoth(linked ? 'connected' : 'disconnected', one, other)
      }
    }
  }

  /** Connects a node, or a new run of it. `isUp` turns false when this run crashes. */
  connect(id: string, isUp: () => boolean): Network & { sendTo(to: string, topic: Topic, message: Uint8Array): void } {
    const clock = this.#scheduler.clock()
    const penalties = new Penalties(DEFAULT_LIMITS, () => true)
    const isThrottled = (peer: string) => penalties.isThrottled(peer, clock.monotonic())
    const endpoint: Endpoint = {
      id,
      handlers: new Map(),
      requests: new Map(),
      seen: new Map(),
      penalties,
      throttle: new Throttle({ clock, limits: DEFAULT_LIMITS, isThrottled }),
      onPeer: new Set(),
      isUp,
      answering: new Set(),
      reached: new Map(),
    }
    for (const other of this.#endpoints.values()) other.reached.delete(id)
    this.#endpoints.set(id, endpoint)
    this.#closeLinks(id)
    return {
      id,
      addresses: () => [],
      peers: () =>
        [...this.#endpoints.keys()]
          .filter((other) => other !== id && this.#areNeighbours(id, other))
          .map((other) => ({ id: other, address: '', named: true })),
      onPeer: (listener) => {
        endpoint.onPeer.add(listener)
        return () => endpoint.onPeer.delete(listener)
      },
      setGossipHandler: (topic, handler) => {
        endpoint.handlers.set(topic, handler)
      },
      publish: async (topic, message, delivery) => {
        if (!isUp()) return
        this.#tap(id, topic, message)
        endpoint.seen.set(contentId(topic, message), 'accept')
        for (const to of this.#endpoints.keys()) if (to !== id) this.#send(id, to, topic, message, delivery)
      },
      send: async (to, topic, message, delivery) => {
        if (!isUp()) return
        this.#tap(id, topic, message)
        this.#send(id, to, topic, message, delivery)
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
      penalize: (peer, reason) => this.#blame(endpoint, peer, PENALIZE_POINTS, reason),
      start: async () => {
        for (const other of this.#endpoints.values()) {
          if (other.id === id || !other.isUp() || !this.#areNeighbours(id, other.id)) continue
          if (this.#isLinked(id, other.id)) this.#tellBoth('connected', endpoint, other)
        }
      },
      stop: async () => {},
    }
  }

  /** A node's connections close. */
  disconnect(id: string): void {
    this.#closeLinks(id)
    for (const fail of this.#endpoints.get(id)?.answering ?? []) fail()
    for (const other of this.#endpoints.values()) {
      if (other.id !== id && this.#areNeighbours(id, other.id)) tell(other, 'disconnected', id)
    }
  }

  #tellBoth(kind: 'connected' | 'disconnected', one: Endpoint, other: Endpoint): void {
    this.#scheduler.after(this.#latency(), () => {
      if (kind === 'connected' && !(one.isUp() && other.isUp())) return
      tell(one, kind, other.id)
      tell(other, kind, one.id)
    })
  }

  #latency(): number {
    const { delay, slow, slowDelay, leastDelay = 0.5 } = this.faults
    return leastDelay + this.#random.fraction() * (this.#random.chance(slow) ? slowDelay : delay)
  }

  #send(from: string, to: string, topic: Topic, message: Uint8Array, delivery?: Delivery): void {
    if (!this.#areNeighbours(from, to)) return
    if (!this.#isLinked(from, to) || this.#random.chance(this.faults.drop)) return
    const copies = this.#random.chance(this.faults.duplicate) ? 2 : 1
    const link = this.#linkOf(from, to)
    if (link !== null) {
      const deliver = () => {
        for (let copy = 0; copy < copies; copy++) void this.#deliver(from, to, topic, message)
      }
      const isUrgent = topic !== 'tx' && message.length <= DEFAULT_LIMITS.pushUrgentBytes
      const key = contentId(topic, message)
      link.send({ frame: message, rank: topic === 'tx' ? 1 : 0, key, delivery, deliver }, isUrgent)
      return
    }
    for (let copy = 0; copy < copies; copy++) {
      const held = this.heldBack(from, to)
      this.#scheduler.after(held + this.#latency(), () => void this.#deliver(from, to, topic, message))
    }
  }

  /** Null when links carry as much as there is. */
  #linkOf(from: string, to: string): SimLink | null {
    if (this.bandwidth === null) return null
    const name = `${from}>${to}`
    let link = this.#slow.get(name)
    if (link === undefined) {
      link = new SimLink(this.#scheduler, this.bandwidth, () => this.#latency())
      this.#slow.set(name, link)
    }
    return link
  }

  #closeLinks(id: string): void {
    for (const [name, link] of this.#slow) {
      if (!name.split('>').includes(id)) continue
      link.close()
      this.#slow.delete(name)
    }
  }

  /** The most bytes that any direction of a link has carried. */
  mostPassed(): number {
    return Math.max(0, ...[...this.#slow.values()].map(({ passed }) => passed))
  }

  /** Calls `arrived` for each frame that has come from one node to the other, unless nobody wants them any more. */
  #carry(
    from: string,
    to: string,
    frames: readonly Uint8Array[],
    isWanted: () => boolean,
    arrived: (index: number) => void,
  ): void {
    const link = this.#linkOf(from, to)
    if (link !== null) {
      const lengths = frames.map(({ length }) => length)
      link.pass(lengths, isWanted, arrived)
      return
    }
    this.#scheduler.after(this.heldBack(from, to) + this.#latency(), () => {
      for (let index = 0; index < frames.length; index++) arrived(index)
    })
  }

  async #deliver(from: string, to: string, topic: Topic, message: Uint8Array): Promise<void> {
    const endpoint = this.#endpoints.get(to)
    const handler = endpoint?.handlers.get(topic)
    if (endpoint === undefined || handler === undefined || !endpoint.isUp()) return
    const turn = endpoint.throttle.turn(from, topic, message.length)
    if (turn !== null) await turn
    if (!endpoint.isUp()) return
    endpoint.reached.set(from, Math.max(endpoint.reached.get(from) ?? 0, stageOf(topic, message) ?? 0))
    const id = contentId(topic, message)
    for (let known = endpoint.seen.get(id); known !== undefined; known = endpoint.seen.get(id)) {
      const verdict = await known
      if (verdict === 'unheard') continue
      if (verdict === 'reject') this.#blame(endpoint, from, REJECT_POINTS, `an invalid ${topic} message`)
      return
    }
    this.delivered += 1
    const judgement = Promise.resolve(handler(message, from))
    endpoint.seen.set(id, judgement)
    const verdict = await judgement
    if (verdict === 'ignore' || verdict === 'unheard') endpoint.seen.delete(id)
    else endpoint.seen.set(id, verdict)
    if (verdict === 'reject') this.#blame(endpoint, from, REJECT_POINTS, `an invalid ${topic} message`)
    if (verdict !== 'accept' || !endpoint.isUp()) return
    if (this.bandwidth !== null) {
      // It is named to nodes that may lack it. One that still lacks it asks for it then, and one that has it takes it
      // out of the others' queues.
      this.#scheduler.after(DEFAULT_LIMITS.announceDelay + this.#latency(), () => {
        for (const other of this.#endpoints.keys()) if (other !== to) this.#slow.get(`${other}>${to}`)?.drop(id)
        this.#scheduler.after(this.#latency(), () => this.#relay(to, from, topic, message, id, endpoint))
      })
    } else this.#relay(to, from, topic, message, id, endpoint)
  }

  #relay(by: string, from: string, topic: Topic, message: Uint8Array, id: string, { isUp, reached }: Endpoint): void {
    if (!isUp()) return
    const stage = stageOf(topic, message)
    for (const next of this.#endpoints.keys()) {
      if (next === by || next === from || this.#endpoints.get(next)!.seen.has(id)) continue
      // As push.ts has it: who is past the height is not told of it.
      if (stage !== null && stage < (reached.get(next) ?? 0)) continue
      this.#send(by, next, topic, message)
    }
  }

  #blame(judge: Endpoint, peer: string, points: number, reason: string): void {
    if (!judge.isUp()) return
    this.#onBlame(judge.id, peer, reason)
    judge.penalties.add(peer, points, this.#scheduler.now)
  }

  #request(
    from: string,
    to: string,
    protocol: string,
    request: Uint8Array,
    { signal, onFrame }: RequestOptions = {},
  ): Promise<readonly Uint8Array[]> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new NetworkError('aborted', 'the answer is not wanted any more')))
      if (!this.#areNeighbours(from, to)) return reject(new NetworkError('not-connected', `no connection to ${to}`))
      const fail = () => reject(new NetworkError('timeout', 'no answer'))
      const lost = (by: string, other: string) => !this.#isLinked(by, other) || this.#random.chance(this.faults.drop)
      if (lost(from, to)) {
        this.#scheduler.after(1_000, fail)
        return
      }
      const isWanted = () => signal?.aborted !== true
      this.#carry(from, to, [request], isWanted, () => {
        const endpoint = this.#endpoints.get(to)
        const answer = endpoint?.requests.get(protocol)
        if (endpoint === undefined || answer === undefined || !endpoint.isUp()) return fail()
        const gone = () => this.#scheduler.after(this.#latency(), fail)
        endpoint.answering.add(gone)
        answer(request)
          .then((frames) => {
            if (lost(to, from)) this.#scheduler.after(1_000, fail)
            else {
              // What says how many there are comes first.
              this.#carry(to, from, [NO_FRAME, ...frames], isWanted, (index) => {
                if (index > 0) onFrame?.(frames[index - 1]!)
                if (index === frames.length) resolve(frames)
              })
            }
          }, fail)
          .finally(() => endpoint.answering.delete(gone))
      })
    })
  }
}

const NO_FRAME = new Uint8Array(0)

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
