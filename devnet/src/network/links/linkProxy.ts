/**
 * The one address at which a node reaches one other node: a TCP proxy on loopback. A cut line is a cable that was pulled:
 * connections stay, no byte passes, new connections wait; bytes sent before come when the line is whole again, unless its
 * sender has given up by then.
 *
 * Why it is so: docs/rationale/devnet.md.
 */
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import type { Line } from './line.ts'
import { Pump } from './pump.ts'

export interface Target {
  readonly host: string
  readonly port: number
}

/** Connections of one node to one other, those that wait included. libp2p keeps one or two. */
const MAX_CONNECTIONS = 16
/** Where proxies listen. */
export const LOOPBACK = '127.0.0.1'

export class LinkProxy {
  readonly #target: Target
  /** From the node that dials to the one that is dialled. */
  readonly #forward: Line
  readonly #back: Line
  readonly #server: Server
  readonly #open = new Set<() => void>()

  constructor(target: Target, forward: Line, back: Line) {
    this.#target = target
    this.#forward = forward
    this.#back = back
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
  }

  get connections(): number {
    return this.#open.size
  }

  /** Once it listens: the system chose it. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host: LOOPBACK, port: 0, exclusive: true }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  async close(): Promise<void> {
    for (const dispose of [...this.#open]) dispose()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    if (this.#open.size >= MAX_CONNECTIONS) {
      client.on('error', () => undefined)
      client.resetAndDestroy()
      return
    }
    const upstream = new Socket({ allowHalfOpen: true })
    const there = new Pump(client, upstream, this.#forward)
    const backAgain = new Pump(upstream, client, this.#back)
    let dialled = false
    let connected = false
    const dial = () => {
      // TCP's handshake needs both directions.
      if (dialled || this.#forward.cut || this.#back.cut) return
      dialled = true
      upstream.setNoDelay(true)
      upstream.connect(this.#target.port, this.#target.host)
    }
    const stopListening = [this.#forward.onChange(dial), this.#back.onChange(dial)]
    const dispose = () => {
      if (!this.#open.delete(dispose)) return
      for (const stop of stopListening) stop()
      there.stop()
      backAgain.stop()
      client.resetAndDestroy()
      upstream.destroy()
    }
    this.#open.add(dispose)
    upstream.on('connect', () => {
      connected = true
      there.connected()
      backAgain.connected()
    })
    // Nobody listens there: refused, as without the proxy. Later errors are a close too, which the pumps hand on.
    upstream.on('error', () => {
      if (!connected) dispose()
    })
    client.on('error', () => undefined)
    // The dialler gave up before the line was whole.
    client.on('end', () => {
      if (!dialled) dispose()
    })
    for (const [own, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      own.on('close', () => {
        if (!dialled || other.destroyed) dispose()
      })
    }
    dial()
  }
}
