/**
 * Direct delivery among peers that keep a stream to each other, with lazy repair (the shape of Plumtree: Leitão,
 * Pereira, Rodrigues, "Epidemic Broadcast Trees", 2007, with the origin as the tree's root).
 *
 * The origin sends a message at once to every peer. A peer that accepts it does not send it on, but after a short delay
 * names it (`have`) to the peers that may lack it; one that lacks it asks (`want`). So in a full mesh a message crosses
 * each link once and takes one hop, and a cut link costs one announcement's delay. A peer that has sent something of a later
 * stage has no use for it, and is not told. A new stream begins with a `have` of
 * all recent messages: what was published before the peer came, or while it was away, is not lost.
 *
 * Pure: it knows links as something to send a frame to, and time as a clock. Bodies of frames, after the length:
 * `00|01|02 payload` a message of topic tx, block, consensus; `10 ids` have; `11 ids` want; ids of 32 bytes.
 */
import { Quota } from '../../bounds/quota.ts'
import type { Clock } from '../../runtime/clock.ts'
import { dropOldest, MAX_TRACKED } from '../conduct/scoring.ts'
import { encodeFrame } from '../framing/framing.ts'
import type { NetworkLimits } from '../limits.ts'
import type { Delivery, GossipVerdict, Topic } from '../network.ts'
import { idKey, idOfKey, TOPICS } from '../topics.ts'
import { KeptPromises } from './keptPromises.ts'
import { MessageCache } from './messageCache.ts'
import { RecentSet, type SeenMessages } from './seenMessages.ts'
import { Throughput } from './throughput.ts'
import { WantedMessages } from './wanted.ts'

const HAVE = 0x10
const WANT = 0x11
const ID_BYTES = 32

/** The sending end of the kept streams to a peer. */
export interface PushLink {
  /** False when too much waits for the peer and the frame was left out. `message`: what the frame carries, if it is one. */
  send(frame: Uint8Array, message?: FramedMessage): boolean
  /** The peer has the message with this key: it need not be sent any more. */
  drop?(key: string): void
}

export interface FramedMessage {
  readonly topic: Topic
  /** Of the message's id. */
  readonly key: string
  readonly delivery?: Delivery | undefined
}

export interface PushOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly seen: SeenMessages
  /** Named at start: asked first. Nobody is, unless this says so. */
  isNamed?(peer: string): boolean
  /** Where both have a message that the other may lack, this node names it first and not the peer. Default: it does. */
  namesFirst?(peer: string): boolean
  /** A whole number from 0 to `limit` - 1, which peers cannot foresee. */
  random(limit: number): number
  /** Id of a message. */
  id(topic: Topic, payload: Uint8Array): Uint8Array
  /** See {@link Libp2pNetworkOptions.stageOf}. Default: no message has one. */
  stageOf?(topic: Topic, payload: Uint8Array): number | null
  /** Judges a message from a peer; every acceptance must also be told to {@link PushGossip.accepted}. */
  receive(topic: Topic, payload: Uint8Array, id: Uint8Array, from: string): Promise<GossipVerdict>
}

/** Not even a message of the first stage. */
const NO_STAGE = -1
/** Milliseconds: what is to be named so soon after something else is named with it. Each timer wakes the process. */
const NAMED_TOGETHER = 10

/** Keys of messages that are named to peers at a time. */
interface Naming {
  readonly keys: string[]
  readonly stage: number | null
  /** To those whom this node tells first, and later to those who tell it first. */
  toFirst: boolean
  at: number
}

/** The fault of a frame; null when it has none. */
export type FrameFault = string | null

interface LinkState {
  readonly link: PushLink
  /** Messages and announcements go to it; to others only what this node wants of them. */
  pushes: boolean
  /** The messages it sent, announced or was sent lately; of no use, and not kept, while nothing is pushed to it. */
  known: RecentSet
  /** Bytes this peer may still ask for. */
  readonly repair: Quota
  /** Bytes that come from it. */
  readonly heard: Throughput
  /** The greatest stage of what it sent: it needs nothing of those before. */
  stage: number
}

export class PushGossip {
  readonly #options: PushOptions
  readonly #links = new Map<string, LinkState>()
  readonly #cache: MessageCache
  readonly #promises: KeptPromises
  readonly #wanted: WantedMessages
  /** Messages that are being judged, as many as may be (judging.ts), and who announced them, too. */
  readonly #beingJudged = new Map<string, Set<string>>()
  /** Ids each peer may still send. */
  readonly #control = new Map<string, Quota>()
  /** By stage: messages that are to be named. Each stage has its time, so that the next one may outdate it. */
  readonly #fresh = new Map<number | null, Naming>()
  readonly #namings = new Set<Naming>()
  #cancelNaming: (() => void) | null = null

  constructor(options: PushOptions) {
    this.#options = options
    this.#cache = new MessageCache(options.limits)
    this.#promises = new KeptPromises((peer) => options.isNamed?.(peer) ?? false)
    this.#wanted = new WantedMessages({
      clock: options.clock,
      limits: options.limits,
      promises: this.#promises,
      random: options.random,
      canAsk: (peer) => this.#links.has(peer),
      isSending: (peer) => this.#isSending(peer),
      ask: (peer, keys) => {
        const link = this.#links.get(peer)?.link
        if (link !== undefined) this.#sendIds(link, WANT, keys)
      },
    })
  }

  /** Whether the peer gets messages this way. */
  hasLink(peer: string): boolean {
    return this.#links.get(peer)?.pushes === true
  }

  get linkCount(): number {
    return this.#links.size
  }

  /**
   * From now on the peer can be asked for what it announces and, unless `pushes` is false, gets messages and is told
   * what there is.
   */
  addLink(peer: string, link: PushLink, pushes = true): void {
    const { limits, clock } = this.#options
    const now = clock.monotonic()
    const repair = new Quota(limits.repairBytesPerSecond, limits.repairBurstBytes, now)
    const heard = new Throughput(limits.wantTimeout)
    this.#links.set(peer, { link, pushes, known: this.#knownOf(pushes), repair, heard, stage: NO_STAGE })
    if (pushes) this.#sendIds(link, HAVE, this.#cache.keys(now))
    // Its own announcement may have come before there was a way to answer it.
    this.#wanted.linked(peer)
  }

  /** From now on a peer that could only be asked gets messages, too. */
  startPushing(peer: string): void {
    const state = this.#links.get(peer)
    if (state === undefined || state.pushes) return
    state.pushes = true
    state.known = this.#knownOf(true)
    this.#sendIds(state.link, HAVE, this.#cache.keys(this.#options.clock.monotonic()))
  }

  removeLink(peer: string): void {
    if (this.#links.delete(peer)) this.#wanted.unlinked(peer)
  }

  /** So many bytes came from the peer, of frames that may not be whole yet. */
  heard(peer: string, bytes: number): void {
    this.#links.get(peer)?.heard.add(this.#options.clock.monotonic(), bytes)
  }

  /** Sends our own message to every peer, again if it was sent before: a peer that ignored it then may want it now. */
  publish(topic: Topic, payload: Uint8Array, id: Uint8Array, delivery?: Delivery): void {
    const key = idKey(id)
    this.#cache.put(key, { topic, payload }, this.#options.clock.monotonic())
    const frame = messageFrame(topic, payload)
    let missed = false
    for (const { link, pushes, known } of this.#links.values()) {
      if (!pushes) continue
      if (link.send(frame, { topic, key, delivery })) known.add(key)
      else missed = true
    }
    if (missed) this.#announceLater(key, this.#stageOf(topic, payload))
  }

  /** Sends a message to one peer; it is not kept for others. False when nothing is pushed to it or too much waits there. */
  send(peer: string, topic: Topic, payload: Uint8Array, id: Uint8Array, delivery?: Delivery): boolean {
    const state = this.#links.get(peer)
    if (state?.pushes !== true) return false
    const key = idKey(id)
    const isSent = state.link.send(messageFrame(topic, payload), { topic, key, delivery })
    if (isSent) state.known.add(key)
    return isSent
  }

  /** A message of somebody else was accepted, on whichever path it came: it is kept and, a little later, announced. */
  accepted(topic: Topic, payload: Uint8Array, id: Uint8Array): void {
    const key = idKey(id)
    this.#cache.put(key, { topic, payload }, this.#options.clock.monotonic())
    this.#wanted.arrived(key, null)
    this.#announceLater(key, this.#stageOf(topic, payload))
  }

  /** Takes the body of one frame. Resolves with the fault of the frame, or null, when its message was judged. */
  async receive(from: string, body: Uint8Array): Promise<FrameFault> {
    const kind = body[0]
    if (kind === undefined) return 'an empty frame'
    const rest = body.subarray(1)
    const topic = TOPICS[kind]
    if (topic !== undefined) return this.#receiveMessage(from, topic, rest)
    if (kind !== HAVE && kind !== WANT) return `a frame of unknown kind ${kind}`
    const { idsPerFrame } = this.#options.limits
    if (rest.length % ID_BYTES !== 0 || rest.length > idsPerFrame * ID_BYTES) {
      return `a list of message ids of ${rest.length} bytes; it must be a multiple of 32, at most ${idsPerFrame * ID_BYTES}`
    }
    // An empty list costs as much as one id.
    const cost = Math.max(1, rest.length / ID_BYTES)
    if (!this.#controlOf(from).take(this.#options.clock.monotonic(), cost)) return 'a flood of message ids'
    const keys: string[] = []
    for (let at = 0; at < rest.length; at += ID_BYTES) keys.push(idKey(rest.subarray(at, at + ID_BYTES)))
    if (kind === HAVE) this.#receiveHave(from, keys)
    else this.#receiveWant(from, keys)
    return null
  }

  /** The peer is gone. */
  forget(peer: string): void {
    this.removeLink(peer)
    this.#control.delete(peer)
    this.#wanted.forget(peer)
    this.#promises.forget(peer)
  }

  #knownOf(pushes: boolean): RecentSet {
    return new RecentSet(pushes ? 2 * this.#options.limits.cacheMessages : 0)
  }

  #controlOf(peer: string): Quota {
    let quota = this.#control.get(peer)
    if (quota === undefined) {
      const { limits, clock } = this.#options
      quota = new Quota(limits.idsPerSecond, limits.idsBurst, clock.monotonic())
      this.#control.set(peer, quota)
      // A frame that waited while its peer left is counted too.
      dropOldest(this.#control, MAX_TRACKED)
    }
    return quota
  }

  stop(): void {
    this.#cancelNaming?.()
    this.#cancelNaming = null
    this.#fresh.clear()
    this.#namings.clear()
    this.#wanted.stop()
    this.#links.clear()
  }

  async #receiveMessage(from: string, topic: Topic, payload: Uint8Array): Promise<FrameFault> {
    const max = this.#options.limits.messageBytes[topic]
    if (payload.length > max) return `a ${topic} message of ${payload.length} bytes, at most ${max} are allowed`
    const id = this.#options.id(topic, payload)
    const key = idKey(id)
    this.#has(from, key)
    this.#reached(from, this.#stageOf(topic, payload))
    const others = this.#arrivedOf(key)
    for (const peer of this.#wanted.arrived(key, from)) others.add(peer)
    const verdict = await this.#options.receive(topic, payload, id, from)
    if (this.#beingJudged.get(key) === others) this.#beingJudged.delete(key)
    // A copy that was left alone because of who sent it: another announcer's may not be.
    if (verdict === 'unheard' && this.#options.seen.get(key) === undefined) {
      for (const peer of others) this.#wanted.announced(peer, [key])
    }
    return null
  }

  /** Other peers that announce a message of which a copy is being judged. */
  #arrivedOf(key: string): Set<string> {
    const others = this.#beingJudged.get(key) ?? new Set<string>()
    this.#beingJudged.set(key, others)
    return others
  }

  #receiveHave(from: string, keys: readonly string[]): void {
    for (const key of keys) {
      this.#has(from, key)
      this.#beingJudged.get(key)?.add(from)
    }
    this.#wanted.announced(
      from,
      keys.filter((key) => this.#options.seen.get(key) === undefined),
    )
  }

  #has(peer: string, key: string): void {
    const state = this.#links.get(peer)
    state?.known.add(key)
    state?.link.drop?.(key)
  }

  #isSending(peer: string): boolean {
    const { limits, clock } = this.#options
    return (this.#links.get(peer)?.heard.lately(clock.monotonic()) ?? 0) >= limits.sendingBytes
  }

  #receiveWant(from: string, keys: readonly string[]): void {
    const state = this.#links.get(from)
    if (state === undefined) return
    const now = this.#options.clock.monotonic()
    for (const key of keys) {
      const message = this.#cache.get(key)
      if (message === undefined) continue
      // The same few bytes can ask for megabytes for ever.
      if (!state.repair.take(now, message.payload.length)) return
      // A refused send stops the answer: the peer reads slower than it asks.
      if (!state.link.send(messageFrame(message.topic, message.payload), { topic: message.topic, key })) return
      state.known.add(key)
    }
  }

  #stageOf(topic: Topic, payload: Uint8Array): number | null {
    return this.#options.stageOf?.(topic, payload) ?? null
  }

  #reached(peer: string, stage: number | null): void {
    const state = this.#links.get(peer)
    if (state !== undefined && stage !== null && stage > state.stage) state.stage = stage
  }

  #announceLater(key: string, stage: number | null): void {
    const waiting = this.#fresh.get(stage)
    if (waiting !== undefined) {
      waiting.keys.push(key)
      return
    }
    const at = this.#options.clock.monotonic() + this.#options.limits.announceDelay
    const naming = { keys: [key], stage, toFirst: true, at }
    this.#fresh.set(stage, naming)
    this.#namings.add(naming)
    this.#armNaming()
  }

  #armNaming(): void {
    if (this.#cancelNaming !== null || this.#namings.size === 0) return
    const { clock } = this.#options
    const at = Math.min(...[...this.#namings].map((naming) => naming.at))
    this.#cancelNaming = clock.after(Math.max(0, at - clock.monotonic()), () => {
      this.#cancelNaming = null
      for (const naming of [...this.#namings]) if (naming.at <= at + NAMED_TOGETHER) this.#name(naming)
      this.#armNaming()
    })
  }

  #name(naming: Naming): void {
    this.#announce(naming)
    if (!naming.toFirst) {
      this.#namings.delete(naming)
      return
    }
    this.#fresh.delete(naming.stage)
    // By then the other peers have named most of what they have, and that need not be named to them.
    naming.toFirst = false
    naming.at += this.#options.limits.announceSecondDelay
  }

  #announce({ keys, stage, toFirst }: Naming): void {
    for (const [peer, state] of this.#links) {
      if (!state.pushes || (this.#options.namesFirst?.(peer) ?? true) !== toFirst) continue
      if (stage !== null && stage < state.stage) continue
      this.#sendIds(
        state.link,
        HAVE,
        keys.filter((key) => !state.known.has(key)),
      )
    }
  }

  #sendIds(link: PushLink, kind: number, keys: readonly string[]): void {
    const { idsPerFrame } = this.#options.limits
    for (let at = 0; at < keys.length; at += idsPerFrame) {
      const ids = keys.slice(at, at + idsPerFrame).map(idOfKey)
      if (!link.send(encodeFrame(Uint8Array.of(kind), ...ids))) return
    }
  }
}

function messageFrame(topic: Topic, payload: Uint8Array): Uint8Array {
  return encodeFrame(Uint8Array.of(TOPICS.indexOf(topic)), payload)
}
