/**
 * Waiting items by client: each client has its turn, however much others have waiting. Clients come in groups, which have
 * their turns first, so that many of one group together take no more than its share. Bounded for a client and for a group.
 */
import type { CallClient } from '../../chainService.ts'

export class FairQueue<T> {
  readonly #most: number
  readonly #mostOfOne: number
  readonly #groups = new Map<string, Group<T>>()
  /** A client that had nothing waiting does not come behind it: one that asks one thing at a time has its turns too. */
  #lastServed: string | null = null
  #size = 0

  /** `most` of a group, `mostOfOne` of a client. */
  constructor(most: number, mostOfOne: number) {
    this.#most = most
    this.#mostOfOne = mostOfOne
  }

  get size(): number {
    return this.#size
  }

  /** False when there is no room. */
  add({ group: name, name: client }: CallClient, item: T): boolean {
    const group = this.#groups.get(name) ?? { size: 0, clients: new Map() }
    const waiting = group.clients.get(client) ?? []
    if (group.size >= this.#most || waiting.length >= this.#mostOfOne) return false
    waiting.push(item)
    group.size++
    this.#size++
    group.clients.set(client, waiting)
    this.#groups.set(name, group)
    return true
  }

  /** The next one of the client whose turn it is; undefined when nothing waits. */
  take(): T | undefined {
    const names = [...this.#groups.keys()]
    const group = names.find((name) => name !== this.#lastServed) ?? names[0]
    if (group === undefined) return undefined
    this.#lastServed = group
    const { clients } = this.#groups.get(group)!
    const [name, waiting] = clients.entries().next().value!
    clients.delete(name)
    clients.set(name, waiting)
    const item = waiting.shift()
    this.#taken({ group, name })
    return item
  }

  /** Whether the item waited. */
  remove(client: CallClient, item: T): boolean {
    const waiting = this.#groups.get(client.group)?.clients.get(client.name)
    const index = waiting?.indexOf(item) ?? -1
    if (waiting === undefined || index < 0) return false
    waiting.splice(index, 1)
    this.#taken(client)
    return true
  }

  /** Everything, which then waits no more. */
  drain(): T[] {
    const all = [...this.#groups.values()].flatMap(({ clients }) => [...clients.values()].flat())
    this.#groups.clear()
    this.#size = 0
    return all
  }

  /** One of the client's is gone; nothing is kept for who has nothing waiting. */
  #taken({ group: name, name: client }: CallClient): void {
    const group = this.#groups.get(name)!
    this.#size--
    if (--group.size === 0) this.#groups.delete(name)
    else if (group.clients.get(client)!.length === 0) group.clients.delete(client)
  }
}

interface Group<T> {
  size: number
  /** In the order of turns: a client that was served goes to the end. */
  readonly clients: Map<string, T[]>
}
