/**
 * Values by name, of which those that were used last stay: bounded, in two generations. When the young one is full it
 * becomes the old one, and what was the old one goes. No list to keep in order.
 */
export class RecentMap<Value> {
  readonly #most: number
  readonly #weigh: ((value: Value) => number) | null
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  /** Of the young generation. */
  #weight = 0

  /**
   * @param generation how much of each generation is kept
   * @param weigh how much of it a value takes; null: one
   */
  constructor(generation: number, weigh: ((value: Value) => number) | null = null) {
    this.#most = generation
    this.#weigh = weigh
  }

  /** An entry that is read so counts as used. */
  get(name: string): Value | undefined {
    const young = this.#young.get(name)
    if (young !== undefined) return young
    const old = this.#old.get(name)
    if (old !== undefined) this.set(name, old)
    return old
  }

  /** As {@link get}, and the entry does not count as used. */
  peek(name: string): Value | undefined {
    const young = this.#young.get(name)
    return young === undefined ? this.#old.get(name) : young
  }

  set(name: string, value: Value): void {
    const weight = this.#weigh?.(value) ?? 1
    const before = this.#weightOf(name)
    if (before === 0 && this.#weight + weight > this.#most) {
      this.#old = this.#young
      this.#young = new Map()
      this.#weight = 0
    }
    this.#young.set(name, value)
    this.#weight += weight - before
  }

  delete(name: string): void {
    this.#weight -= this.#weightOf(name)
    this.#young.delete(name)
    this.#old.delete(name)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
    this.#weight = 0
  }

  /** 0: the young generation does not have it. */
  #weightOf(name: string): number {
    const value = this.#young.get(name)
    return value === undefined ? 0 : (this.#weigh?.(value) ?? 1)
  }
}
