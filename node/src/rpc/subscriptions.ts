/**
 * eth_subscribe: what happened, told to WebSocket clients as it happens. Each notification's JSON is made once,
 * whoever gets it. A subscription starts when the answer with its id is on its way: a client cannot know what an
 * earlier notification belongs to.
 */

import { toHex } from '../codec/hex.ts'
import { type LogPattern, matchesLog } from '../types/logPattern.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import type { RpcBackend } from './backend.ts'
import type { Blocks } from './blocks.ts'
import { LIMIT_EXCEEDED, RpcError } from './errors.ts'
import type { ExecutedBlock } from './executedBlock.ts'
import { logView } from './views/log.ts'
import { transactionView } from './views/transaction.ts'

export type SubscriptionTopic =
  | { readonly kind: 'newHeads' }
  | { readonly kind: 'logs'; readonly pattern: LogPattern }
  /** `full`: whole transactions instead of hashes. */
  | { readonly kind: 'newPendingTransactions'; readonly full: boolean }

interface Subscription {
  readonly topic: SubscriptionTopic
  started: boolean
}

export class Subscriptions {
  readonly #sockets = new Set<SocketSubscriptions>()
  readonly #newId: () => string
  readonly #limit: number
  readonly #stop: readonly (() => void)[]

  constructor(backend: RpcBackend, blocks: Blocks, limit: number, newId: () => string) {
    this.#newId = newId
    this.#limit = limit
    this.#stop = [
      blocks.onBlock((block) => this.#onBlock(block)),
      backend.txpool.onPending((transaction) => this.#onPending(transaction)),
    ]
  }

  /** @param send takes one message's text. */
  open(send: (text: string) => void): SocketSubscriptions {
    const socket = new SocketSubscriptions(send, this.#limit, this.#newId, () => this.#sockets.delete(socket))
    this.#sockets.add(socket)
    return socket
  }

  close(): void {
    for (const stop of this.#stop) stop()
    this.#sockets.clear()
  }

  #onBlock(block: ExecutedBlock): void {
    if (this.#sockets.size === 0) return
    const logs = block.logs().map((located) => ({ located, text: once(() => JSON.stringify(logView(located))) }))
    for (const socket of this.#sockets) {
      socket.notify('newHeads', () => [block.headerText().text])
      if (logs.length === 0) continue
      socket.notify('logs', ({ pattern }) =>
        logs.filter(({ located }) => matchesLog(pattern, located.log)).map(({ text }) => text()),
      )
    }
  }

  #onPending(transaction: SenderTransaction): void {
    if (this.#sockets.size === 0) return
    const hash = once(() => JSON.stringify(toHex(transaction.hash)))
    const view = once(() => JSON.stringify(transactionView(transaction, null)))
    for (const socket of this.#sockets) {
      socket.notify('newPendingTransactions', ({ full }) => [full ? view() : hash()])
    }
  }
}

/** The subscriptions of one WebSocket. */
export class SocketSubscriptions {
  readonly #send: (text: string) => void
  readonly #limit: number
  readonly #newId: () => string
  readonly #onClose: () => void
  readonly #subscriptions = new Map<string, Subscription>()

  constructor(send: (text: string) => void, limit: number, newId: () => string, onClose: () => void) {
    this.#send = send
    this.#limit = limit
    this.#newId = newId
    this.#onClose = onClose
  }

  /** The id. Nothing is sent before `start`. @throws RpcError when there are too many. */
  add(topic: SubscriptionTopic): string {
    if (this.#subscriptions.size >= this.#limit) {
      throw new RpcError(
        LIMIT_EXCEEDED,
        `too many subscriptions: at most ${this.#limit} on one WebSocket (maxSubscriptionsPerSocket)`,
      )
    }
    const id = this.#newId()
    this.#subscriptions.set(id, { topic, started: false })
    return id
  }

  /** False when there was none. */
  remove(id: string): boolean {
    return this.#subscriptions.delete(id)
  }

  /** To be called after an answer was sent: the ids in it are now known to the client. */
  start(answer: string): void {
    for (const [id, subscription] of this.#subscriptions) {
      if (!subscription.started && answer.includes(`"${id}"`)) subscription.started = true
    }
  }

  notify<K extends SubscriptionTopic['kind']>(
    kind: K,
    results: (topic: Extract<SubscriptionTopic, { kind: K }>) => readonly string[],
  ): void {
    for (const [id, { topic, started }] of this.#subscriptions) {
      if (!started || topic.kind !== kind) continue
      for (const result of results(topic as Extract<SubscriptionTopic, { kind: K }>)) {
        this.#send(`{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"${id}","result":${result}}}`)
      }
    }
  }

  close(): void {
    this.#subscriptions.clear()
    this.#onClose()
  }
}

function once<T extends object | string>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
