/**
 * eth_subscribe: what happened, told to WebSocket clients as it happens, but after the answers that waited for it. Each
 * notification's JSON is made once, whoever gets it. A subscription starts when the answer with its id is on its way: a
 * client cannot know what an earlier notification belongs to.
 */

import { toHex, toQuantity } from '../../codec/hex.ts'
import { type LogPattern, matchesLog } from '../../types/logPattern.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import type { RpcBackend } from '../backend.ts'
import { LIMIT_EXCEEDED, RpcError } from '../errors.ts'
import { LONGEST_STRETCH, MAX_DUE_NOTIFICATIONS } from '../limits.ts'
import { logView } from '../views/log.ts'
import { transactionView } from '../views/transaction.ts'
import type { Blocks } from './blocks.ts'
import type { ExecutedBlock } from './executedBlock.ts'

export type SubscriptionTopic =
  | { readonly kind: 'newHeads' }
  | { readonly kind: 'logs'; readonly pattern: LogPattern }
  /** `full`: whole transactions instead of hashes. */
  | { readonly kind: 'newPendingTransactions'; readonly full: boolean }
  | { readonly kind: 'syncing' }

interface Subscription {
  readonly topic: SubscriptionTopic
  started: boolean
}

/** Texts for one subscription. */
interface Due {
  readonly socket: SocketSubscriptions
  /** Made one after the other, as there may be tens of thousands. */
  texts(): readonly (() => string)[]
  /** False when nobody is there any more to be told. */
  tell(text: string): boolean
}

/** Texts that are sent between two looks at the clock. */
const TOLD_BETWEEN_LOOKS = 64

/** Notifications that were told, and are still held. */
const TOLD_KEPT = 4_096

/** Milliseconds between two looks at whether the node is catching up, while somebody wants to know. */
const SYNC_LOOK_INTERVAL = 1_000

export class Subscriptions {
  readonly #backend: RpcBackend
  readonly #sockets = new Set<SocketSubscriptions>()
  readonly #newId: () => string
  readonly #limit: number
  readonly #stop: readonly (() => void)[]
  /** Of what has just happened, the oldest first; how many of them were told; and the one that is being told. */
  #due: Due[] = []
  #told = 0
  /** How many of the others are whose; those of clients that have left are not counted, and go when they are many. */
  readonly #waiting = new Map<SocketSubscriptions, number>()
  #waitingInAll = 0
  #telling: { readonly due: Due; readonly texts: readonly (() => string)[]; next: number } | null = null
  #isTelling = false
  /** The state that subscribers were told last. */
  #syncing = false
  #stopLooking: (() => void) | null = null

  constructor(backend: RpcBackend, blocks: Blocks, limit: number, newId: () => string) {
    this.#backend = backend
    this.#newId = newId
    this.#limit = limit
    this.#stop = [
      blocks.onBlock((block) => this.#onBlock(block)),
      backend.txpool.onPending((transaction) => this.#onPending(transaction)),
    ]
  }

  /** @param send takes one message's text. @param end disconnects a client that cannot be told as fast as things happen. */
  open(send: (text: string) => void, end: () => void): SocketSubscriptions {
    const socket = new SocketSubscriptions(send, this.#limit, this.#newId, {
      closed: () => this.#left(socket),
      soon: (due) => this.#soon(due),
      end,
      firstSync: () => this.#firstSync(),
    })
    this.#sockets.add(socket)
    return socket
  }

  close(): void {
    this.#stopLooking?.()
    for (const stop of this.#stop) stop()
    this.#sockets.clear()
  }

  /**
   * A client that has sent a transaction waits for the same block, and writing to another socket wakes another process
   * while it does: so those who only watch are told when what follows from the block is done.
   */
  #soon(due: Due): void {
    if (this.#waitingInAll >= MAX_DUE_NOTIFICATIONS) this.#giveUpMost()
    if (!this.#sockets.has(due.socket)) return
    if (this.#due.length - this.#told >= 2 * MAX_DUE_NOTIFICATIONS) {
      this.#due = this.#due.slice(this.#told).filter(({ socket }) => this.#waiting.has(socket))
      this.#told = 0
    }
    this.#due.push(due)
    this.#count(due.socket, 1)
    if (this.#isTelling) return
    this.#isTelling = true
    this.#backend.clock.after(0, () => this.#tellDue())
  }

  /** A block has tens of thousands of logs, and thousands may listen: others on the thread have their turns in between. */
  #tellDue(): void {
    const { clock } = this.#backend
    const end = clock.monotonic() + LONGEST_STRETCH
    for (let told = 1; ; told++) {
      const telling = this.#telling ?? this.#nextDue()
      if (telling === null) {
        this.#isTelling = false
        return
      }
      const text = telling.texts[telling.next++]
      const goesOn = text !== undefined && telling.due.tell(text())
      this.#telling = goesOn ? telling : null
      if ((!goesOn || told % TOLD_BETWEEN_LOOKS === 0) && clock.monotonic() >= end) break
    }
    clock.after(0, () => this.#tellDue())
  }

  #count(socket: SocketSubscriptions, more: number): void {
    this.#waiting.set(socket, (this.#waiting.get(socket) ?? 0) + more)
    this.#waitingInAll += more
  }

  /** Disconnects the client for whom most is due. One block may do so to hundreds, so it looks at clients only. */
  #giveUpMost(): void {
    const [most] = [...this.#waiting].reduce((a, b) => (b[1] > a[1] ? b : a))
    most.giveUp()
  }

  #left(socket: SocketSubscriptions): void {
    this.#sockets.delete(socket)
    this.#waitingInAll -= this.#waiting.get(socket) ?? 0
    this.#waiting.delete(socket)
  }

  #nextDue() {
    // To take the first each time would move all others.
    if (this.#told === TOLD_KEPT || this.#told === this.#due.length) {
      this.#due = this.#due.slice(this.#told)
      this.#told = 0
    }
    const due = this.#due[this.#told++]
    if (due !== undefined) {
      if (this.#waiting.has(due.socket)) this.#count(due.socket, -1)
      return { due, texts: due.texts(), next: 0 }
    }
    this.#told = 0
    return null
  }

  /** How it is now, for a subscription that starts; from now on changes are looked for. */
  #firstSync(): string {
    if (this.#stopLooking === null) {
      this.#syncing = this.#backend.sync().syncing
      this.#lookLater()
    }
    return this.#syncText()
  }

  /** Nobody tells of the beginning of a sync, so it is looked for. As in geth, only beginning and end are told. */
  #lookLater(): void {
    this.#stopLooking = this.#backend.clock.after(SYNC_LOOK_INTERVAL, () => {
      this.#stopLooking = null
      const interested = [...this.#sockets].filter((socket) => socket.wants('syncing'))
      if (interested.length === 0) return
      this.#lookLater()
      if (this.#backend.sync().syncing === this.#syncing) return
      this.#syncing = !this.#syncing
      for (const socket of interested) socket.notify('syncing', () => [() => this.#syncText()])
    })
  }

  #syncText(): string {
    const { syncing, startingBlock, currentBlock, highestBlock } = this.#backend.sync()
    if (!syncing) return 'false'
    const status = {
      startingBlock: toQuantity(startingBlock),
      currentBlock: toQuantity(currentBlock),
      highestBlock: toQuantity(highestBlock),
    }
    return JSON.stringify({ syncing, status })
  }

  #onBlock(block: ExecutedBlock): void {
    if (this.#sockets.size === 0) return
    const logs = once(() =>
      block.logs().map((located) => ({ located, text: once(() => JSON.stringify(logView(located))) })),
    )
    for (const socket of this.#sockets) {
      socket.notify('newHeads', () => [() => block.headerText().text])
      socket.notify('logs', ({ pattern }) =>
        logs()
          .filter(({ located }) => matchesLog(pattern, located.log))
          .map(({ text }) => text),
      )
    }
  }

  #onPending(transaction: SenderTransaction): void {
    if (this.#sockets.size === 0) return
    const hash = once(() => JSON.stringify(toHex(transaction.hash)))
    const view = once(() => JSON.stringify(transactionView(transaction, null)))
    for (const socket of this.#sockets) {
      socket.notify('newPendingTransactions', ({ full }) => [full ? view : hash])
    }
  }
}

interface SocketEvents {
  closed(): void
  /** Runs it after the answers that wait for what has just happened, in the order in which they come. */
  soon(due: Due): void
  end(): void
  /** The first notification of a subscription to `syncing`. */
  firstSync(): string
}

/** The subscriptions of one WebSocket. */
export class SocketSubscriptions {
  readonly #send: (text: string) => void
  readonly #limit: number
  readonly #newId: () => string
  readonly #events: SocketEvents
  readonly #subscriptions = new Map<string, Subscription>()

  constructor(send: (text: string) => void, limit: number, newId: () => string, events: SocketEvents) {
    this.#send = send
    this.#limit = limit
    this.#newId = newId
    this.#events = events
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
      if (subscription.started || !answer.includes(`"${id}"`)) continue
      subscription.started = true
      if (subscription.topic.kind === 'syncing') this.#tell(id, this.#events.firstSync())
    }
  }

  get size(): number {
    return this.#subscriptions.size
  }

  wants(kind: SubscriptionTopic['kind']): boolean {
    for (const { topic } of this.#subscriptions.values()) if (topic.kind === kind) return true
    return false
  }

  notify<K extends SubscriptionTopic['kind']>(
    kind: K,
    results: (topic: Extract<SubscriptionTopic, { kind: K }>) => readonly (() => string)[],
  ): void {
    for (const [id, { topic, started }] of this.#subscriptions) {
      if (!started || topic.kind !== kind) continue
      this.#events.soon({
        socket: this,
        texts: () => (this.#subscriptions.has(id) ? results(topic as Extract<SubscriptionTopic, { kind: K }>) : []),
        tell: (text) => this.#tell(id, text),
      })
    }
  }

  /** To one that has not ended meanwhile. */
  #tell(id: string, result: string): boolean {
    if (!this.#subscriptions.has(id)) return false
    this.#send(`{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"${id}","result":${result}}}`)
    return true
  }

  close(): void {
    this.#subscriptions.clear()
    this.#events.closed()
  }

  /** The client cannot be told as fast as things happen. */
  giveUp(): void {
    this.close()
    this.#events.end()
  }
}

function once<T extends object | string>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
