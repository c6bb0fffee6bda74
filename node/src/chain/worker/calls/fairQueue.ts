/** What waits, by client: each client has its turn, whoever else has how much waiting. Bounded, altogether and for each. */
export class FairQueue<T> {
  readonly #most: number
  readonly #mostOfOne: number
  /** In the order of turns: who was served goes to the end. */
  readonly #clients = new Map<string, T[]>()
  #size = 0

  constructor(most: number, mostOfOne: number) {
    this.#most = most
    this.#mostOfOne = mostOfOne
  }

  get size(): number {
    return this.#size
  }

  /** False when there is no room. */
  add(client: string, item: T): boolean {
    const waiting = this.#clients.get(client)
    if (this.#size >= this.#most || (waiting?.length ?? 0) >= this.#mostOfOne) return false
    if (waiting === undefined) this.#clients.set(client, [item])
    else waiting.push(item)
    this.#size++
    return true
  }

  /** The next one of the client whose turn it is; undefined when nothing waits. */
  take(): T | undefined {
    for (const [client, waiting] of this.#clients) {
      this.#clients.delete(client)
      const item = waiting.shift()
      if (waiting.length > 0) this.#clients.set(client, waiting)
      this.#size--
      return item
    }
    return undefined
  }

  /** No more than there was: whether the item waited. */
  remove(client: string, item: T): boolean {
    const waiting = this.#clients.get(client)
    const index = waiting?.indexOf(item) ?? -1
    if (waiting === undefined || index < 0) return false
    waiting.splice(index, 1)
    if (waiting.length === 0) this.#clients.delete(client)
    this.#size--
    return true
  }

  /** Everything, which then waits no more. */
  drain(): T[] {
    const all = [...this.#clients.values()].flat()
    this.#clients.clear()
    this.#size = 0
    return all
  }
}
