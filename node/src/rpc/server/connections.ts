/**
 * Chooses the connection to close when there are too many. One that is being answered stays. Of the others, the server
 * takes the client that has most, and closes its connection that has been idle longest; subscribers come last.
 */

export interface Connection {
  /** Of the client. */
  readonly name: string
  /** WebSockets of pages of other sites have a bound of their own. */
  readonly kind: 'http' | 'socket' | 'pageSocket'
  /** Whether it is there to wait, and not forgotten: a WebSocket with subscriptions. */
  awaits(): boolean
  /** Ends it for others to have its place. */
  evict(): void
}

export class Connections {
  readonly #limits: Readonly<Record<Connection['kind'] | 'all', number>>
  /** Requests being answered. The connection that became idle last is last. */
  readonly #busy = new Map<Connection, number>()

  /** `socket`, `pageSocket`: WebSockets; `all`: they and HTTP together. */
  constructor(limits: { readonly all: number; readonly socket: number; readonly pageSocket: number }) {
    this.#limits = { ...limits, http: limits.all }
  }

  /** Whether one more could be opened. */
  hasRoom(kind: Connection['kind']): boolean {
    return this.count(kind) < this.#limits[kind] || this.#idlest(kind) !== undefined
  }

  /** False when there is no room and nobody is idle. */
  open(connection: Connection): boolean {
    if (!this.#makeRoom('all') || !this.#makeRoom(connection.kind)) return false
    this.#busy.set(connection, 0)
    return true
  }

  close(connection: Connection): void {
    this.#busy.delete(connection)
  }

  /** A request of its is being answered. */
  begin(connection: Connection): void {
    const busy = this.#busy.get(connection)
    if (busy !== undefined) this.#busy.set(connection, busy + 1)
  }

  end(connection: Connection): void {
    const busy = this.#busy.get(connection)
    if (busy === undefined) return
    this.#busy.delete(connection)
    this.#busy.set(connection, busy - 1)
  }

  count(kind: Connection['kind'] | 'all'): number {
    if (kind === 'all') return this.#busy.size
    let count = 0
    for (const connection of this.#busy.keys()) if (connection.kind === kind) count++
    return count
  }

  #makeRoom(kind: Connection['kind'] | 'all'): boolean {
    if (this.count(kind) < this.#limits[kind]) return true
    const victim = this.#idlest(kind)
    if (victim === undefined) return false
    this.#busy.delete(victim)
    victim.evict()
    return true
  }

  #idlest(kind: Connection['kind'] | 'all'): Connection | undefined {
    const clients = new Map<string, { count: number; idle: Connection | undefined; waiting: Connection | undefined }>()
    for (const [connection, busy] of this.#busy) {
      if (kind !== 'all' && connection.kind !== kind) continue
      const client = clients.get(connection.name) ?? { count: 0, idle: undefined, waiting: undefined }
      client.count++
      if (busy === 0) {
        if (connection.awaits()) client.waiting ??= connection
        else client.idle ??= connection
      }
      clients.set(connection.name, client)
    }
    const byCount = [...clients.values()].sort((a, b) => b.count - a.count)
    return byCount.find(({ idle }) => idle !== undefined)?.idle ?? byCount.find(({ waiting }) => waiting)?.waiting
  }
}
