/**
 * Which messages were judged, so that each is judged once however many paths it comes by. Two generations: when the
 * younger one is full the older one is forgotten, so memory is bounded and recent messages are always known.
 *
 * `ignore` is not remembered: a vote that comes too early is ignored, and must count when it is sent again.
 */
import type { GossipVerdict } from '../network.ts'

export type Judgement = GossipVerdict | Promise<GossipVerdict>

export class SeenMessages {
  readonly #generation: number
  #young = new Map<string, Judgement>()
  #old = new Map<string, Judgement>()

  /** @param limit ids remembered at most. */
  constructor(limit: number) {
    this.#generation = Math.ceil(limit / 2)
  }

  get(key: string): Judgement | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  set(key: string, judgement: Judgement): void {
    if (this.#young.size >= this.#generation && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, judgement)
  }

  forget(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}

/** The same shape for plain membership: which messages a peer is known to have. */
export class RecentSet {
  readonly #generation: number
  #young = new Set<string>()
  #old = new Set<string>()

  constructor(limit: number) {
    this.#generation = Math.ceil(limit / 2)
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key)
  }

  add(key: string): void {
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(key)
  }
}
