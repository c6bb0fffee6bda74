/**
 * Messages that peers announced and this node lacks: who says to have each, and whom to ask when. Strangers may announce
 * first and in any number and then not deliver; an honest announcer is asked all the same, and soon:
 *
 * - Everybody who announces a message is remembered, within a bound for each peer.
 * - A peer that announces is asked at once when nobody of its standing (keptPromises.ts) or above is being asked: named
 *   peers beside strangers, who kept its promises beside the unknown, the unknown beside who broke them.
 * - While nothing comes, one more is asked after `wantTimeout`, then two, four, and so on: all hundred within eight
 *   times that. The order is by standing and else by chance, never by who came first.
 * - A peer that was asked and sends a lot, as over a slow link, gets longer: others are asked one by one, ever more rarely,
 *   until `promiseTime` is over. Else the same megabytes would come from everybody at once.
 *
 * Why it is so: docs/rationale/network.md.
 */
import type { Clock } from '../../runtime/clock.ts'
import type { NetworkLimits } from '../limits.ts'
import type { KeptPromises } from './keptPromises.ts'

export interface WantedOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly promises: KeptPromises
  /** A whole number from 0 to `limit` - 1, which peers cannot foresee. */
  random(limit: number): number
  /** Whether there is a way to ask this peer. */
  canAsk(peer: string): boolean
  /** Whether much came from this peer lately. */
  isSending(peer: string): boolean
  ask(peer: string, keys: readonly string[]): void
}

interface WantedMessage {
  readonly key: string
  readonly since: number
  /** Peers that announced it and were not asked yet. */
  readonly unasked: Set<string>
  /** Of the first `promiseTime`; later it does not matter any more who may be sending. */
  readonly asked: Set<string>
  /** The best standing among those asked in this step; `NOBODY` when none was. */
  asking: number
  steppedAt: number
  /** Steps in which nothing came: twice as many are asked after each. */
  silent: number
  /** Steps to let pass while somebody is sending, and how many have passed. */
  pause: number
  paused: number
}

interface Announcer {
  readonly isNamed: boolean
  /** By message: when it was announced. */
  readonly unasked: Map<string, number>
  /** By message: when it was asked for. A promise until it comes. */
  readonly asked: Map<string, number>
}

const NOBODY = -1
/** 2 ** this is more than there can be connections. */
const MOST_SILENT = 10
/** So many lots that two are hardly ever the same. */
const LOTS = 2 ** 30

export class WantedMessages {
  readonly #options: WantedOptions
  /** In the order in which their next step is due. */
  readonly #messages = new Map<string, WantedMessage>()
  readonly #announcers = new Map<string, Announcer>()
  /** Announcements of peers that are not named, asked for or not. */
  #ofStrangers = 0
  #cancel: (() => void) | null = null

  constructor(options: WantedOptions) {
    this.#options = options
  }

  /** Announcements remembered, of all peers. */
  get announcements(): number {
    let count = 0
    for (const announcer of this.#announcers.values()) count += placesOf(announcer)
    return count
  }

  /** The peer says that it has these messages, which this node lacks. */
  announced(peer: string, keys: readonly string[]): void {
    const now = this.#options.clock.monotonic()
    const announcer = this.#announcerOf(peer)
    const asking: string[] = []
    for (const key of keys) {
      if (announcer.unasked.has(key) || !this.#mayAnnounceAgain(peer, announcer, key, now)) continue
      if (!this.#hasPlace(announcer)) continue
      let message = this.#messages.get(key)
      if (message === undefined) {
        message = begun(key, now)
        this.#messages.set(key, message)
      }
      announcer.unasked.set(message.key, now)
      message.unasked.add(peer)
      if (!announcer.isNamed) this.#ofStrangers++
      if (this.#isBetter(peer, message)) asking.push(key)
    }
    this.#ask(peer, asking, now)
    this.#dropIfEmpty(peer, announcer)
    this.#arm()
  }

  /** There is a way to ask this peer now; it may have announced before. */
  linked(peer: string): void {
    const announcer = this.#announcers.get(peer)
    if (announcer === undefined) return
    const keys = [...announcer.unasked.keys()].filter((key) => this.#isBetter(peer, this.#messages.get(key)!))
    this.#ask(peer, keys, this.#options.clock.monotonic())
  }

  /** Nothing can be asked of this peer, and nothing comes of what was. */
  unlinked(peer: string): void {
    const announcer = this.#announcers.get(peer)
    if (announcer === undefined) return
    const now = this.#options.clock.monotonic()
    for (const [key, at] of announcer.asked) {
      if (now - at >= this.#options.limits.wantTimeout) this.#options.promises.broken(peer)
      this.#dropAsked(announcer, key)
    }
    this.#dropIfEmpty(peer, announcer)
  }

  /** The message is here; `from` is null when no announcer sent it. @returns who announced it, too, and was not asked. */
  arrived(key: string, from: string | null): readonly string[] {
    const sender = from === null ? undefined : this.#announcers.get(from)
    if (from !== null && sender?.asked.has(key)) {
      this.#dropAsked(sender, key)
      this.#options.promises.kept(from)
      this.#dropIfEmpty(from, sender)
    }
    const message = this.#messages.get(key)
    if (message === undefined) return []
    const others = [...message.unasked]
    for (const peer of others) this.#dropUnasked(peer, key)
    this.#messages.delete(key)
    return others
  }

  /** The peer is gone. */
  forget(peer: string): void {
    const announcer = this.#announcers.get(peer)
    if (announcer === undefined) return
    for (const key of announcer.unasked.keys()) this.#messages.get(key)?.unasked.delete(peer)
    if (!announcer.isNamed) this.#ofStrangers -= placesOf(announcer)
    this.#announcers.delete(peer)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#messages.clear()
    this.#announcers.clear()
    this.#ofStrangers = 0
  }

  #announcerOf(peer: string): Announcer {
    let announcer = this.#announcers.get(peer)
    if (announcer === undefined) {
      announcer = { isNamed: this.#options.promises.isNamed(peer), unasked: new Map(), asked: new Map() }
      this.#announcers.set(peer, announcer)
    }
    return announcer
  }

  /** False when the peer was asked for the message a moment ago. Later, what was asked for has come to nothing. */
  #mayAnnounceAgain(peer: string, announcer: Announcer, key: string, now: number): boolean {
    const askedAt = announcer.asked.get(key)
    if (askedAt === undefined) return true
    if (now - askedAt < this.#options.limits.wantTimeout) return false
    this.#dropAsked(announcer, key)
    this.#options.promises.broken(peer)
    return true
  }

  /** A bound for each peer, so that announcing what does not exist keeps no place from others; and one for all strangers. */
  #hasPlace(announcer: Announcer): boolean {
    const { announcedPerPeer, announcedInAll, announcedWhenFull } = this.#options.limits
    const places = placesOf(announcer)
    if (places >= announcedPerPeer) return false
    return announcer.isNamed || this.#ofStrangers < announcedInAll || places < announcedWhenFull
  }

  #isBetter(peer: string, message: WantedMessage): boolean {
    return this.#options.promises.of(peer) > message.asking && this.#options.canAsk(peer)
  }

  #ask(peer: string, keys: readonly string[], now: number): void {
    const announcer = this.#announcers.get(peer)
    if (announcer === undefined) return
    const standing = this.#options.promises.of(peer)
    const asked: string[] = []
    for (const key of keys) {
      const message = this.#messages.get(key)
      // Asking others may have brought it already.
      if (message === undefined || !announcer.unasked.delete(key)) continue
      message.unasked.delete(peer)
      if (now - message.since < this.#options.limits.promiseTime) message.asked.add(peer)
      message.asking = Math.max(message.asking, standing)
      announcer.asked.set(message.key, now)
      asked.push(key)
    }
    if (asked.length > 0) this.#options.ask(peer, asked)
  }

  #arm(): void {
    const { clock, limits } = this.#options
    if (this.#cancel !== null || this.#announcers.size === 0) return
    const [first] = this.#messages.values()
    const due = first === undefined ? limits.wantTimeout : first.steppedAt + limits.wantTimeout - clock.monotonic()
    this.#cancel = clock.after(Math.max(0, due), () => {
      this.#cancel = null
      const now = clock.monotonic()
      this.#expire(now)
      this.#step(now)
      this.#arm()
    })
  }

  /** The next announcers of all messages that are due, each peer asked once for all of its. */
  #step(now: number): void {
    const asking = new Map<string, string[]>()
    for (const [key, message] of this.#messages) {
      if (now - message.steppedAt < this.#options.limits.wantTimeout) break
      this.#messages.delete(key)
      const isSending = this.#isComing(message, now)
      // The next peer that announces it is asked at once, as the first was.
      if (message.unasked.size === 0 && !isSending) continue
      message.steppedAt = now
      this.#messages.set(key, message)
      if (!isSending) message.asking = NOBODY
      for (const peer of this.#choose(message, countOfStep(message, isSending))) {
        const keys = asking.get(peer)
        if (keys === undefined) asking.set(peer, [key])
        else keys.push(key)
      }
    }
    for (const [peer, keys] of asking) this.#ask(peer, keys, now)
  }

  /** Whether somebody who was asked may be about to deliver. */
  #isComing({ asked, since }: WantedMessage, now: number): boolean {
    if (now - since >= this.#options.limits.promiseTime) return false
    for (const peer of asked) if (this.#options.isSending(peer)) return true
    return false
  }

  /** Those of the best standing first, and by chance among equals. */
  #choose(message: WantedMessage, count: number): readonly string[] {
    if (count === 0) return []
    const { promises, random } = this.#options
    return [...message.unasked]
      .filter((peer) => this.#options.canAsk(peer))
      .map((peer) => ({ peer, standing: promises.of(peer), lot: random(LOTS) }))
      .sort((a, b) => b.standing - a.standing || a.lot - b.lot)
      .slice(0, count)
      .map(({ peer }) => peer)
  }

  /** Promises that were not kept in time, and announcements of peers that could not be asked. */
  #expire(now: number): void {
    const { promiseTime } = this.#options.limits
    for (const [peer, announcer] of this.#announcers) {
      // In order of time, the oldest first.
      for (const [key, at] of announcer.asked) {
        if (now - at < promiseTime) break
        this.#dropAsked(announcer, key)
        this.#options.promises.broken(peer)
      }
      for (const [key, at] of announcer.unasked) {
        if (now - at < 2 * promiseTime) break
        this.#messages.get(key)?.unasked.delete(peer)
        this.#dropUnasked(peer, key)
      }
      this.#dropIfEmpty(peer, announcer)
    }
  }

  #dropAsked(announcer: Announcer, key: string): void {
    if (announcer.asked.delete(key) && !announcer.isNamed) this.#ofStrangers--
  }

  #dropUnasked(peer: string, key: string): void {
    const announcer = this.#announcers.get(peer)
    if (announcer === undefined) return
    if (announcer.unasked.delete(key) && !announcer.isNamed) this.#ofStrangers--
    this.#dropIfEmpty(peer, announcer)
  }

  #dropIfEmpty(peer: string, announcer: Announcer): void {
    if (placesOf(announcer) === 0 && this.#announcers.get(peer) === announcer) this.#announcers.delete(peer)
  }
}

function placesOf(announcer: Announcer): number {
  return announcer.unasked.size + announcer.asked.size
}

/** How many more to ask now; 0 while one that was asked is given time. */
function countOfStep(message: WantedMessage, isSending: boolean): number {
  if (!isSending) {
    const count = 2 ** message.silent
    message.silent = Math.min(message.silent + 1, MOST_SILENT)
    return count
  }
  message.paused++
  if (message.paused < message.pause) return 0
  message.paused = 0
  message.pause *= 2
  return 1
}

function begun(key: string, now: number): WantedMessage {
  return {
    key,
    since: now,
    unasked: new Set(),
    asked: new Set(),
    asking: NOBODY,
    steppedAt: now,
    silent: 0,
    pause: 1,
    paused: 0,
  }
}
