/**
 * How many requests run at the same time; the others wait. Each client has its turn, however many it
 * has waiting, and in it each of its connections: one that asks for little is not behind one that asks for much.
 *
 * Why it is so: docs/rationale/rpc.md.
 */
import type { Clock } from '../../runtime/clock.ts'
import { LIMIT_EXCEEDED, RpcError } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import type { Pace } from '../method.ts'

/** One for each pace of methods (method.ts): what is quick does not wait for places that slow requests hold. */
export type Gates = Readonly<Record<Pace, Gate>>

/** The sender of a request, with the gates that its requests pass. */
export interface Visitor extends Client {
  readonly gates: Gates
}

interface Client {
  /** An origin, or an address. */
  readonly name: string
  /** One of its connections, by identity. */
  readonly connection: object
}

const OPTIONS = { quick: 'maxInFlight', slow: 'maxSlowRequests', search: 'maxSearches' } as const

/** Those of clients: with `OfPages`, of the pages of other sites. */
export function createGates(limits: RpcLimits, clock: Clock, whose: '' | 'OfPages' = ''): Gates {
  const { maxWaitingRequests: waiting, requestTimeout: longestWait } = limits
  const gateFor = (pace: Pace) => {
    const option = `${OPTIONS[pace]}${whose}` as const
    return new Gate({ running: limits[option], waiting, longestWait, option }, clock)
  }
  return { quick: gateFor('quick'), slow: gateFor('slow'), search: gateFor('search') }
}

/** Of gates together. */
export function countsOf(gates: readonly Gates[]): GateCounts {
  const all = gates.flatMap((one) => Object.values<Gate>(one)).map(({ counts }) => counts)
  return {
    running: all.reduce((sum, { running }) => sum + running, 0),
    waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
  }
}

export interface GateCounts {
  readonly running: number
  readonly waiting: number
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
  readonly #clients = new Map<string, Line>()

  constructor(limits: GateLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  get counts(): GateCounts {
    return { running: this.#running, waiting: this.#waiting }
  }

  /**
   * Null when it may go at once; else it waits. A request that has passed must {@link leave}.
   * @throws RpcError -32005, also as a rejection: too many wait, or it waited too long.
   */
  pass({ name, connection }: Client): Promise<void> | null {
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
  leave({ name }: Pick<Client, 'name'>): void {
    const left = this.#runningOf.get(name)! - 1
    if (left === 0) this.#runningOf.delete(name)
    else this.#runningOf.set(name, left)
    this.#running--
    this.#next()?.go()
  }

  /**
   * Some places are never one client's: nobody waits for the end of what takes long because all of it is somebody else's.
   */
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

  #take(name: string, client: Line): Waiter {
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

/** The requests of one client that wait. */
interface Line {
  waiting: number
  readonly connections: Map<object, Waiter[]>
}
