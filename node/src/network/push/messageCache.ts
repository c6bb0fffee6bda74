/** Accepted messages of the last seconds, for peers that ask for one they missed. Bounded by age, number and bytes. */
import type { Topic } from '../network.ts'

export interface CachedMessage {
  readonly topic: Topic
  readonly payload: Uint8Array
}

export interface CacheLimits {
  readonly cacheTime: number
  readonly cacheMessages: number
  readonly cacheBytes: number
}

export class MessageCache {
  readonly #limits: CacheLimits
  // A Map keeps insertion order, so the first entries are the oldest.
  readonly #messages = new Map<string, CachedMessage & { readonly expires: number }>()
  #bytes = 0

  constructor(limits: CacheLimits) {
    this.#limits = limits
  }

  get(key: string): CachedMessage | undefined {
    return this.#messages.get(key)
  }

  put(key: string, message: CachedMessage, now: number): void {
    this.#delete(key)
    if (message.payload.length > this.#limits.cacheBytes) return
    this.#messages.set(key, { ...message, expires: now + this.#limits.cacheTime })
    this.#bytes += message.payload.length
    this.prune(now)
  }

  /** Keys, oldest first. */
  keys(now: number): string[] {
    this.prune(now)
    return [...this.#messages.keys()]
  }

  prune(now: number): void {
    for (const [key, message] of this.#messages) {
      const over = this.#messages.size > this.#limits.cacheMessages || this.#bytes > this.#limits.cacheBytes
      if (!over && message.expires > now) return
      this.#delete(key)
    }
  }

  #delete(key: string): void {
    const message = this.#messages.get(key)
    if (message === undefined) return
    this.#messages.delete(key)
    this.#bytes -= message.payload.length
  }
}
