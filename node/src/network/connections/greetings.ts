/** How often peers greet: each handshake with a new session looks like a restart, which every part of the node follows. */
import type { Connection } from '@libp2p/interface'
import { Quota } from '../../bounds/quota.ts'
import { dropOldest, MAX_TRACKED } from '../conduct/scoring.ts'
import type { NetworkLimits } from '../limits.ts'

export type GreetingLimits = Pick<NetworkLimits, 'sessionsPerMinute' | 'sessionsBurst'>

export class Greetings {
  readonly #limits: GreetingLimits
  readonly #ofConnection = new WeakMap<Connection, number>()
  readonly #sessions = new Map<string, { session: string; before: string | null; readonly quota: Quota }>()

  constructor(limits: GreetingLimits) {
    this.#limits = limits
  }

  /** @returns the number of handshakes on this connection, with this one. */
  count(connection: Connection): number {
    const count = (this.#ofConnection.get(connection) ?? 0) + 1
    this.#ofConnection.set(connection, count)
    return count
  }

  /** Whether the peer comes back with the session before its last: no restart does that, so two nodes have its id. */
  isTwo(peer: string, session: string): boolean {
    return this.#sessions.get(peer)?.before === session
  }

  /** Whether a peer may be there with this session: always with the one it had, and now and then with another. */
  admits(peer: string, session: string, now: number): boolean {
    const { sessionsPerMinute, sessionsBurst } = this.#limits
    const known = this.#sessions.get(peer)
    if (known?.session === session) return true
    const entry = known ?? { session, before: null, quota: new Quota(sessionsPerMinute / 60, sessionsBurst, now) }
    if (!entry.quota.take(now)) return false
    if (known !== undefined) entry.before = entry.session
    entry.session = session
    this.#sessions.delete(peer)
    this.#sessions.set(peer, entry)
    dropOldest(this.#sessions, MAX_TRACKED)
    return true
  }
}
