/**
 * How many requests run at the same time; the others wait. Each client has its turn, however many it
 * has waiting, and in it each of its connections: one that asks for little is not behind one that asks for much.
 *
 * Why it is so: docs/rationale/rpc.md.
 */
import type { Clock } from '../../runtime/clock.ts'
import { LIMIT_EXCEEDED, RpcError } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'

/** A request that wants to pass. */
export interface Visitor {
  readonly gate: Gate
  /** For methods that search (method.ts): few run at a time, and those that wait take no place from others. */
  readonly searches: Gate
  /** Of the client: an origin, or an address. */
  readonly name: string
  /** Of one of its connections, by identity. */
  readonly connection: object
}

export type Gates = Pick<Visitor, 'gate' | 'searches'>

type GateOption = 'maxInFlight' | 'maxInFlightOfPages' | 'maxSearches' | 'maxSearchesOfPages'

/** Those of clients: with `OfPages`, of the pages of other sites. */
export function createGates(limits: RpcLimits, clock: Clock, whose: '' | 'OfPages' = ''): Gates {
  const { maxWaitingRequests: waiting, requestTimeout: longestWait } = limits
  const gateFor = (option: GateOption) => new Gate({ running: limits[option], waiting, longestWait, option }, clock)
  return { gate: gateFor(`maxInFlight${whose}`), searches: gateFor(`maxSearches${whose}`) }
}

interface GateLimits {
  /** Requests that run; three quarters of them of one client. */
  readonly running: number
  /** Requests that wait; half of them of one client. */
  readonly waiting: number
  /** Milliseconds. */
  readonly longestWait: number
  /** The option that bounds `running`. */
  readonly option: string
}

interface Waiter {
  go(): void
}

export class Gate {
  readonly #limits: GateLimits
  readonly #clock: Clock
  #running = 0
  /** By client. */
  readonly #runningOf = new Map<string, number>()
  #waiting = 0
  /** In the order of turns: a client that was served goes to the end. */
  readonly #clients = new Map<string, Client>()

  constructor(limits: GateLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  get counts(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#waiting }
  }

  /**
   * Null when it may go at once; else it waits. A request that has passed must {@link leave}.
   * @throws RpcError -32005, also as a rejection: too many wait, or it waited too long.
   */
  pass({ name, connection }: Visitor): Promise<void> | null {
    if (this.#mayRun(name)) {
      this.#begin(name)
      return null
    }
    const { waiting: most, longestWait, option } = this.#limits
    const client = this.#clients.get(name) ?? { waiting: 0, connections: new Map<object, Waiter[]>() }
    if (this.#waiting >= most || client.waiting >= Math.ceil(most / 2)) {
      throw new RpcError(LIMIT_EXCEEDED, `too many requests wait: at most ${most} (maxWaitingRequests); try again`)
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const cancel = this.#clock.after(longestWait, () => {
      this.#remove(name, connection, waiter)
      const message = `busy: the request waited ${longestWait} ms for its turn (requestTimeout, ${option}); try again`
      reject(new RpcError(LIMIT_EXCEEDED, message))
    })
    const waiter: Waiter = {
      go: () => {
        cancel()
        resolve()
      },
    }
    const line = client.connections.get(connection) ?? []
    line.push(waiter)
    client.connections.set(connection, line)
    client.waiting++
    this.#clients.set(name, client)
    this.#waiting++
    return promise
  }

  /** A request that had passed is done: the next one goes. */
  leave({ name }: Pick<Visitor, 'name'>): void {
    const left = this.#runningOf.get(name)! - 1
    if (left === 0) this.#runningOf.delete(name)
    else this.#runningOf.set(name, left)
    this.#running--
    this.#next()?.go()
  }

  /** Some places are never one client's: nobody waits for the end of what takes long because all of it is somebody else's. */
  #mayRun(name: string): boolean {
    const { running } = this.#limits
    return this.#running < running && (this.#runningOf.get(name) ?? 0) < Math.ceil((running * 3) / 4)
  }

  #begin(name: string): void {
    this.#running++
    this.#runningOf.set(name, (this.#runningOf.get(name) ?? 0) + 1)
  }

  #next(): Waiter | undefined {
    for (const [name, client] of this.#clients) {
      if (this.#mayRun(name)) return this.#take(name, client)
    }
    return undefined
  }

  #take(name: string, client: Client): Waiter {
    this.#begin(name)
    const [connection, line] = client.connections.entries().next().value!
    this.#clients.delete(name)
    this.#clients.set(name, client)
    client.connections.delete(connection)
    client.connections.set(connection, line)
    const waiter = line[0]!
    this.#remove(name, connection, waiter)
    return waiter
  }

  /** Nothing is kept for who has nothing waiting. */
  #remove(name: string, connection: object, waiter: Waiter): void {
    const client = this.#clients.get(name)!
    const line = client.connections.get(connection)!
    line.splice(line.indexOf(waiter), 1)
    if (line.length === 0) client.connections.delete(connection)
    client.waiting--
    if (client.waiting === 0) this.#clients.delete(name)
    this.#waiting--
  }
}

interface Client {
  waiting: number
  readonly connections: Map<object, Waiter[]>
}
