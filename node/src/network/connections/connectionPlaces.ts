/** Which strangers stay connected when there are more connections than places, see eviction.ts. */
import type { Clock } from '../../runtime/clock.ts'
import type { NetworkLimits } from '../limits.ts'
import { chooseToEvict, type Evictable } from './eviction.ts'

export interface ConnectionPlacesOptions {
  readonly clock: Clock
  readonly limits: NetworkLimits
  isNamed(peer: string): boolean
  /** Equal for peers that may be one: those of one address. */
  groupOf(peer: string): string
  /** A whole number from 0 to `limit` - 1, which peers cannot foresee. */
  random(limit: number): number
}

/** The times by which eviction judges a connection, as they change. */
type Use = { -readonly [key in 'connectedAt' | 'broughtAt' | 'readAt']: Evictable[key] }

export class ConnectionPlaces {
  readonly #options: ConnectionPlacesOptions
  /** Of peers that are connected and not named. */
  readonly #strangers = new Map<string, Use>()
  /** When a newcomer last took somebody's place, or found none to take. */
  #decidedAt = Number.NEGATIVE_INFINITY

  constructor(options: ConnectionPlacesOptions) {
    this.#options = options
  }

  /** Whether a stranger that knocks while there are so many connections may get in: asked before any work for it. */
  mayKnock(connections: number): boolean {
    const { clock, limits } = this.#options
    return connections < limits.connections || clock.monotonic() - this.#decidedAt >= limits.evictionInterval
  }

  /**
   * A connection is open, the last of `connections` in all. Names the peer that has to go for it: another one, or the
   * newcomer itself, or null for nobody.
   */
  opened(peer: string, connections: number): string | null {
    const { clock, limits, isNamed } = this.#options
    const now = clock.monotonic()
    const isStranger = !isNamed(peer)
    if (isStranger && !this.#strangers.has(peer)) {
      this.#strangers.set(peer, { connectedAt: now, broughtAt: null, readAt: null })
    }
    if (connections <= limits.connections) return null
    if (!isStranger) return this.#choose(now, peer)
    const evicted = this.mayKnock(connections) ? this.#choose(now, peer) : null
    this.#decidedAt = now
    return evicted ?? peer
  }

  closed(peer: string): void {
    this.#strangers.delete(peer)
  }

  /** The peer brought a message that was accepted and new. */
  brought(peer: string): void {
    const use = this.#strangers.get(peer)
    if (use !== undefined) use.broughtAt = this.#options.clock.monotonic()
  }

  /** The peer has read a long answer whole. */
  read(peer: string): void {
    const use = this.#strangers.get(peer)
    if (use !== undefined) use.readAt = this.#options.clock.monotonic()
  }

  #choose(now: number, newcomer: string): string | null {
    const { limits, groupOf, random } = this.#options
    const peers = [...this.#strangers]
      .filter(([peer]) => peer !== newcomer)
      .map(([peer, use]) => ({ peer, group: groupOf(peer), ...use }))
    return chooseToEvict(peers, now, limits, random)
  }
}
