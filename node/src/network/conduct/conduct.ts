/** How peers behave towards this node: what it costs them, and what follows (scoring.ts, throttle.ts). */

import { Quota } from '../../bounds/quota.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/logging/logger.ts'
import type { NetworkLimits } from '../limits.ts'
import { dropOldest, MAX_TRACKED, NEVER_GRAYLISTED, type Offence, type Penalties } from './scoring.ts'
import { Throttle, type ThrottledKind } from './throttle.ts'

export interface ConductOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  readonly logger: Logger
  readonly penalties: Penalties
  isNamed(peer: string): boolean
  /** Whether the peer keeps a stream to this node. */
  hears(peer: string): boolean
  /** The peer is refused from now on; its connections are to end. */
  onBanned(peer: string, reason: string): void
}

export class Conduct {
  readonly #options: ConductOptions
  readonly #throttle: Throttle
  readonly #useless = new Map<string, Quota>()

  constructor(options: ConductOptions) {
    const { clock, limits } = options
    this.#options = options
    this.#throttle = new Throttle({ clock, limits, isThrottled: (peer) => this.isThrottled(peer) })
  }

  isThrottled(peer: string): boolean {
    return this.#options.penalties.isThrottled(peer, this.#options.clock.monotonic())
  }

  /** When a frame of the peer may be judged; null when at once. */
  turn(peer: string, kind: ThrottledKind, bytes: number): Promise<void> | null {
    return this.#throttle.turn(peer, kind, bytes)
  }

  blame(peer: string, points: number, reason: string, offence: Offence = 'content'): void {
    const { clock, limits, logger, penalties, onBanned } = this.#options
    const now = clock.monotonic()
    if (penalties.isBanned(peer, now)) return
    const wasThrottled = penalties.isThrottled(peer, now)
    logger.debug({ peer, points, reason }, 'a peer misbehaved')
    const consequence = penalties.add(peer, points, now, offence)
    if (consequence === 'banned') {
      logger.warn({ peer, reason, refusedFor: limits.banTime }, 'disconnected a peer that misbehaved')
      onBanned(peer, reason)
    } else if (consequence === 'throttled' && !wasThrottled) {
      const fields = { peer, reason, throttledFor: limits.banTime }
      logger.warn(fields, 'throttled a peer that misbehaved, as it was named at start')
    }
  }

  /** For a while, any peer: it is not of this chain. */
  refuse(peer: string): void {
    this.#options.penalties.ban(peer, this.#options.clock.monotonic())
  }

  /** No single message that brings nothing is anybody's fault; thousands a second are. */
  countUseless(peer: string): void {
    const { clock, limits } = this.#options
    const now = clock.monotonic()
    const { uselessPerSecond, uselessBurst, penaltyLimit } = limits
    let quota = this.#useless.get(peer)
    if (quota === undefined) {
      quota = new Quota(uselessPerSecond, uselessBurst, now)
      this.#useless.set(peer, quota)
      // A message that is judged after its peer left counts too.
      dropOldest(this.#useless, MAX_TRACKED)
    }
    if (!quota.take(now)) this.blame(peer, penaltyLimit, `a flood: over ${uselessPerSecond} useless messages a second`)
  }

  /**
   * In gossipsub's score. Below its thresholds a peer is not heard there at all: that is for those who are heard otherwise.
   */
  scoreOf(peer: string): number {
    const { clock, limits, penalties, isNamed, hears } = this.#options
    if (isNamed(peer) && !hears(peer)) return NEVER_GRAYLISTED
    const now = clock.monotonic()
    return -penalties.points(peer, now) - (penalties.isThrottled(peer, now) ? limits.penaltyLimit : 0)
  }

  /** The peer is gone. Its points stay. */
  forget(peer: string): void {
    this.#useless.delete(peer)
  }

  stop(): void {
    this.#throttle.stop()
  }
}
