/**
 * Which messages were judged, so that each is judged once however many paths it comes by. Memory is bounded, and recent
 * messages are always known.
 *
 * `ignore` is not remembered: a vote that comes too early is ignored, and must count when it is sent again.
 */
import { RecentMap } from '../../bounds/recentMap.ts'
import type { GossipVerdict } from '../network.ts'

export type Judgement = GossipVerdict | Promise<GossipVerdict>

export class SeenMessages {
  readonly #judged: RecentMap<Judgement>

  /** @param limit ids remembered at most. */
  constructor(limit: number) {
    this.#judged = new RecentMap(Math.ceil(limit / 2))
  }

  get(key: string): Judgement | undefined {
    return this.#judged.peek(key)
  }

  set(key: string, judgement: Judgement): void {
    this.#judged.set(key, judgement)
  }

  forget(key: string): void {
    this.#judged.delete(key)
  }
}

/** The same shape for plain membership: which messages a peer is known to have. */
export class RecentSet {
  readonly #keys: RecentMap<true>

  constructor(limit: number) {
    this.#keys = new RecentMap(Math.ceil(limit / 2))
  }

  has(key: string): boolean {
    return this.#keys.peek(key) !== undefined
  }

  add(key: string): void {
    this.#keys.set(key, true)
  }
}
