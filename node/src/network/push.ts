/**
 * Direct delivery among peers that keep a stream to each other, with lazy repair (the shape of Plumtree: Leitão,
 * Pereira, Rodrigues, "Epidemic Broadcast Trees", 2007, with the origin as the tree's root).
 *
 * The origin sends a message at once to every peer. Who accepts it does not send it on, but after a short delay names
 * it (`have`) to the peers that may lack it; one that lacks it asks (`want`). So in a full mesh a message crosses each
 * link once and takes one hop, and a cut link costs one announcement's delay. A new stream begins with a `have` of all
 * recent messages: what was published before the peer came, or while it was away, is not lost.
 *
 * Pure: it knows links as something to send a frame to, and time as a clock. Bodies of frames, after the length:
 * `00|01|02 payload` a message of topic tx, block, consensus; `10 ids` have; `11 ids` want; ids of 32 bytes.
 */
import type { Clock } from '../runtime/clock.ts'
import { encodeFrame } from './framing.ts'
import type { NetworkLimits } from './limits.ts'
import { MessageCache } from './messageCache.ts'
import type { GossipVerdict, Topic } from './network.ts'
import { Quota } from './quota.ts'
import { RecentSet, type SeenMessages } from './seenMessages.ts'
import { idKey, idOfKey, TOPICS } from './topics.ts'

const HAVE = 0x10
const WANT = 0x11
const ID_BYTES = 32
/** Announcers of one missing message that are remembered, to ask the next when one does not deliver. */
const MAX_ANNOUNCERS = 4
/** How often a missing message is asked for, or an announcer's stream is waited for. */
const MAX_ATTEMPTS = 6

/** The sending end of a kept stream. */
export interface PushLink {
  /** False when the peer is too slow and the frame was left out. */
  send(frame: Uint8Array): boolean
}

export interface PushOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly seen: SeenMessages
  /** Id of a message. */
  id(topic: Topic, payload: Uint8Array): Uint8Array
  /** Judges a message from a peer; every acceptance must also be told to {@link PushGossip.accepted}. */
  receive(topic: Topic, payload: Uint8Array, id: Uint8Array, from: string): Promise<GossipVerdict>
}

/** What was wrong with a frame; null when nothing was. */
export type FrameFault = string | null

interface LinkState {
  readonly link: PushLink
  readonly known: RecentSet
  /** Bytes this peer may still ask for. */
  readonly repair: Quota
}

interface Wanted {
  /** The first who announced it: it counts against that peer's bound. */
  readonly first: string
  /** Who has it and was not asked yet. */
  readonly announcers: string[]
  attempts: number
  cancelRetry: () => void
}

export class PushGossip {
  readonly #options: PushOptions
  readonly #links = new Map<string, LinkState>()
  readonly #cache: MessageCache
  readonly #wanted = new Map<string, Wanted>()
  /** Ids each peer may still send. */
  readonly #control = new Map<string, Quota>()
  /** How many of the wanted each peer announced first. */
  readonly #announced = new Map<string, number>()
  #fresh: string[] = []
  #cancelAnnounce: (() => void) | null = null

  constructor(options: PushOptions) {
    this.#options = options
    this.#cache = new MessageCache(options.limits)
  }

  hasLink(peer: string): boolean {
    return this.#links.has(peer)
  }

  get linkCount(): number {
    return this.#links.size
  }

  /** From now on the peer gets messages; it is told what there is. */
  addLink(peer: string, link: PushLink): void {
    const { limits, clock } = this.#options
    const now = clock.monotonic()
    const repair = new Quota(limits.repairBytesPerSecond, limits.repairBurstBytes, now)
    this.#links.set(peer, { link, known: new RecentSet(limits.seenMessages), repair })
    this.#sendIds(link, HAVE, this.#cache.keys(now))
    // Its own announcement may have come before there was a way to answer it.
    this.#ask(peer, [...this.#wanted.keys()])
  }

  removeLink(peer: string): void {
    this.#links.delete(peer)
  }

  /** Sends our own message to every peer, again if it was sent before: a peer that ignored it then may want it now. */
  publish(topic: Topic, payload: Uint8Array, id: Uint8Array): void {
    const key = idKey(id)
    this.#cache.put(key, { topic, payload }, this.#options.clock.monotonic())
    const frame = messageFrame(topic, payload)
    let missed = false
    for (const { link, known } of this.#links.values()) {
      if (link.send(frame)) known.add(key)
      else missed = true
    }
    if (missed) this.#announceLater(key)
  }

  /** A message of somebody else was accepted, on whichever path it came: it is kept and, a little later, announced. */
  accepted(topic: Topic, payload: Uint8Array, id: Uint8Array): void {
    const key = idKey(id)
    this.#cache.put(key, { topic, payload }, this.#options.clock.monotonic())
    this.#arrived(key)
    this.#announceLater(key)
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
  }

  #controlOf(peer: string): Quota {
    let quota = this.#control.get(peer)
    if (quota === undefined) {
      const { limits, clock } = this.#options
      quota = new Quota(limits.idsPerSecond, limits.idsBurst, clock.monotonic())
      this.#control.set(peer, quota)
    }
    return quota
  }

  stop(): void {
    this.#cancelAnnounce?.()
    this.#cancelAnnounce = null
    for (const wanted of this.#wanted.values()) wanted.cancelRetry()
    this.#wanted.clear()
    this.#announced.clear()
    this.#links.clear()
  }

  async #receiveMessage(from: string, topic: Topic, payload: Uint8Array): Promise<FrameFault> {
    const max = this.#options.limits.messageBytes[topic]
    if (payload.length > max) return `a ${topic} message of ${payload.length} bytes, at most ${max} are allowed`
    const id = this.#options.id(topic, payload)
    const key = idKey(id)
    this.#links.get(from)?.known.add(key)
    this.#arrived(key)
    await this.#options.receive(topic, payload, id, from)
    return null
  }

  #receiveHave(from: string, keys: readonly string[]): void {
    const known = this.#links.get(from)?.known
    const missing: string[] = []
    for (const key of keys) {
      known?.add(key)
      if (this.#options.seen.get(key) !== undefined) continue
      let wanted = this.#wanted.get(key)
      if (wanted === undefined) {
        // A bound for each peer, so that announcing what does not exist cannot keep others' announcements out.
        const waiting = this.#announced.get(from) ?? 0
        if (waiting >= this.#options.limits.announcedPerPeer) continue
        this.#announced.set(from, waiting + 1)
        wanted = { first: from, announcers: [], attempts: 0, cancelRetry: this.#retryLater(key) }
        this.#wanted.set(key, wanted)
        missing.push(key)
      }
      if (wanted.announcers.length < MAX_ANNOUNCERS && !wanted.announcers.includes(from)) wanted.announcers.push(from)
    }
    this.#ask(from, missing)
  }

  /** Asks a peer for those of the messages that it announced. */
  #ask(peer: string, keys: readonly string[]): void {
    const link = this.#links.get(peer)?.link
    if (link === undefined) return
    const asked = keys.filter((key) => {
      const announcers = this.#wanted.get(key)?.announcers
      const at = announcers?.indexOf(peer) ?? -1
      if (at >= 0) announcers?.splice(at, 1)
      return at >= 0
    })
    this.#sendIds(link, WANT, asked)
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
      if (!state.link.send(messageFrame(message.topic, message.payload))) return
      state.known.add(key)
    }
  }

  #retryLater(key: string): () => void {
    return this.#options.clock.after(this.#options.limits.wantTimeout, () => {
      const wanted = this.#wanted.get(key)
      if (wanted === undefined) return
      wanted.attempts++
      if (wanted.announcers.length === 0 || wanted.attempts >= MAX_ATTEMPTS) {
        this.#forget(key, wanted)
        return
      }
      wanted.cancelRetry = this.#retryLater(key)
      const next = wanted.announcers.find((peer) => this.#links.has(peer))
      if (next !== undefined) this.#ask(next, [key])
    })
  }

  #arrived(key: string): void {
    const wanted = this.#wanted.get(key)
    if (wanted === undefined) return
    wanted.cancelRetry()
    this.#forget(key, wanted)
  }

  #forget(key: string, { first }: Wanted): void {
    this.#wanted.delete(key)
    const waiting = (this.#announced.get(first) ?? 1) - 1
    if (waiting === 0) this.#announced.delete(first)
    else this.#announced.set(first, waiting)
  }

  #announceLater(key: string): void {
    this.#fresh.push(key)
    this.#cancelAnnounce ??= this.#options.clock.after(this.#options.limits.announceDelay, () => this.#announce())
  }

  #announce(): void {
    this.#cancelAnnounce = null
    const fresh = this.#fresh
    this.#fresh = []
    for (const { link, known } of this.#links.values()) {
      this.#sendIds(
        link,
        HAVE,
        fresh.filter((key) => !known.has(key)),
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
