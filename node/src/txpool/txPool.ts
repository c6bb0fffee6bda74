/**
 * The transaction pool: what waits to get into a block.
 *
 * A transaction that was accepted stays until it is in a block, its nonce was used by another, a replacement or a
 * better-paying one takes its place, or it waited too long without being able to run; each of these is logged. One
 * that runs short of funds or gets a gap before it waits among the queued. Whether a transaction is acceptable is decided
 * by execution's checkTransaction, in execution's words; questions that only a pool can answer are decided here.
 */
import type { BlockEvent, ChainService } from '../chain/chainService.ts'
import { keyOf } from '../codec/bytes.ts'
import { maximumCost } from '../execution/checkTransaction.ts'
import { type NextHeader, nextHeader } from '../execution/dev/nextHeader.ts'
import { transactionErrors } from '../execution/transactionErrors.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { isDevTransaction, type SenderTransaction, type TransactionEnvelope } from '../types/transaction.ts'
import { SenderAccounts, spentIn } from './accounts.ts'
import { type AddKind, type Arrival, SOMEBODY } from './arrival.ts'
import { decodeChecked, type Refusal, refuse, refuseHopelessFee, refuseNow, refuseUnanswered } from './checks.ts'
import { tellOfDeparture } from './departure.ts'
import { DevLane, droppedBy, refuseDev } from './devTransactions.ts'
import { EvictionOrders } from './evictionOrders.ts'
import { TxPoolJournal } from './journal.ts'
import { DEFAULT_TXPOOL_LIMITS, EXPIRY_INTERVAL, type TxPoolLimits } from './limits.ts'
import { type PooledTransaction, pooled, replaces } from './pooledTransaction.ts'
import { PoolRoom } from './poolRoom.ts'
import { addProbed } from './probing.ts'
import { RoomMaker } from './roomMaker.ts'
import { selectTransactions, someCanRun } from './selection.ts'
import { SenderQueue } from './senderQueue.ts'
import { type PeerSource, SenderRecovery } from './senderRecovery.ts'
import { ShortSenders } from './shortSenders.ts'
import { takeUp } from './takeUp.ts'
import type { AddingFrom, TransactionOrigin, TxPool, TxPoolOptions } from './txPoolTypes.ts'
import type { AddOutcome, TxPoolContent } from './txpoolView.ts'
import { UnderWay } from './underWay.ts'
import { WaitingSenders } from './waitingSenders.ts'

export type { TransactionOrigin, TxPool, TxPoolOptions } from './txPoolTypes.ts'

export function openTxPool(options: TxPoolOptions): TxPool {
  return new Pool(options)
}

const STOPPING = refuse('pool-full', 'the node is stopping', 'unfit')

class Pool implements TxPool {
  readonly ready: Promise<void>
  readonly #chain: ChainService
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #limits: TxPoolLimits
  readonly #setAside: (hash: Uint8Array) => string | null
  readonly #onRefused: NonNullable<TxPoolOptions['onRefused']>
  readonly #recovery: SenderRecovery
  readonly #accounts: SenderAccounts
  readonly #journal: TxPoolJournal | null
  // In order of arrival, as a Map keeps it.
  readonly #byHash = new Map<string, PooledTransaction>()
  readonly #senders = new Map<string, SenderQueue>()
  readonly #dev: DevLane
  readonly #adding = new Map<string, { readonly outcome: Promise<AddOutcome>; readonly arrival: Arrival }>()
  readonly #pendingListeners = new Set<(transaction: SenderTransaction) => void>()
  readonly #acceptedListeners = new Set<(transaction: SenderTransaction, origin: TransactionOrigin) => void>()
  readonly #orders: EvictionOrders
  readonly #stopListening: () => void
  #cancelExpiry: () => void
  readonly #room: PoolRoom
  readonly #maker: RoomMaker
  #pending = 0
  readonly #waiting = new WaitingSenders()
  #sequence = 0
  readonly #short = new ShortSenders()
  #next: NextHeader
  #closed = false
  readonly #judgedAnew = new UnderWay()

  constructor(options: TxPoolOptions) {
    const { chain, clock, logger, store } = options
    this.#chain = chain
    this.#clock = clock
    this.#logger = logger
    this.#limits = { ...DEFAULT_TXPOOL_LIMITS, ...options.limits }
    this.#setAside = options.setAside ?? (() => null)
    this.#onRefused = options.onRefused ?? (() => undefined)
    this.#next = nextHeader(chain.head().header, chain.genesis, options.devSettings ?? null)
    this.#recovery = new SenderRecovery(options.recoverer, this.#limits)
    this.#accounts = new SenderAccounts(options.chain)
    this.#journal = store === undefined ? null : new TxPoolJournal(store, clock, logger, options.onFatal)
    this.#dev = new DevLane(options.chain, this.#journal?.mark ?? null)
    this.#room = new PoolRoom(this.#limits, options.chain.genesis.gasLimit)
    const source = {
      all: () => [...this.#byHash.values()].filter(({ key }) => !this.#dev.has(key)),
      isHeld: (tx: PooledTransaction) => this.#byHash.get(tx.key) === tx,
      isExecutable: (tx: PooledTransaction) => this.#isExecutable(tx),
    }
    this.#orders = new EvictionOrders(source, this.#room)
    this.#maker = new RoomMaker({
      ...{ limits: this.#limits, room: this.#room, orders: this.#orders, waiting: this.#waiting },
      counts: () => ({ all: this.#byHash.size, queued: this.counts().queued }),
      baseFee: () => this.#next.baseFeePerGas,
      discard: (tx, reason) => this.#discard(tx, reason, 'late'),
    })
    this.#stopListening = options.chain.onBlock((event) => this.#onBlock(event))
    this.#cancelExpiry = this.#clock.after(EXPIRY_INTERVAL, () => this.#expire())
    const again = (raw: Uint8Array) => this.#begin(this.#decode(raw), { kind: 'reload', source: SOMEBODY })
    this.ready = takeUp({ journal: this.#journal, dev: this.#dev, limits: this.#limits, logger }, again)
  }

  async add(raw: Uint8Array, origin: TransactionOrigin | 'held'): Promise<AddOutcome> {
    return (await this.addMany([raw], origin))[0]!
  }

  async keep(hash: Uint8Array): Promise<AddOutcome> {
    return (await this.#journal?.keep(keyOf(hash))) ?? { ok: true, hash }
  }

  addMany(raws: readonly Uint8Array[], origin: TransactionOrigin | 'held'): Promise<readonly AddOutcome[]> {
    const arrival: Arrival = { kind: origin, source: origin === 'peer' ? SOMEBODY : null }
    return this.#tellRefused(origin, Promise.all(raws.map((raw) => this.#begin(this.#decode(raw), arrival))))
  }

  addFrom(
    source: PeerSource,
    raws: readonly Uint8Array[],
    { probed = false, seen }: AddingFrom = {},
  ): Promise<readonly AddOutcome[]> {
    const decoded: TransactionEnvelope[] = []
    for (const raw of raws) {
      const one = this.#decode(raw)
      if ('ok' in one) return this.#tellRefused('peer', Promise.resolve([one]))
      decoded.push(one)
    }
    const arrival: Arrival = { kind: 'peer', source, sentBefore: this.#dev.sentBefore(seen) }
    const begin = (envelope: TransactionEnvelope) => this.#begin(envelope, arrival)
    return this.#tellRefused('peer', probed ? addProbed(decoded, begin) : Promise.all(decoded.map(begin)))
  }

  async #tellRefused(
    kind: TransactionOrigin | 'held',
    adding: Promise<readonly AddOutcome[]>,
  ): Promise<readonly AddOutcome[]> {
    const outcomes = await adding
    const origin = kind === 'held' ? 'local' : kind
    for (const outcome of outcomes) if (!outcome.ok) this.#onRefused(origin, outcome.code)
    return outcomes
  }

  has(hash: Uint8Array): boolean {
    return this.#byHash.has(keyOf(hash)) || this.#setAside(hash) !== null
  }

  get(hash: Uint8Array): SenderTransaction | undefined {
    return this.#byHash.get(keyOf(hash))
  }

  readonly arrivedAt = (hash: Uint8Array): number | undefined => this.#byHash.get(keyOf(hash))?.arrived

  pendingNonce(sender: Uint8Array): bigint | undefined {
    const queue = this.#senders.get(keyOf(sender))
    if (queue === undefined || queue.executable === 0) return undefined
    return queue.account.nonce + BigInt(queue.executable)
  }

  select(gasLimit: bigint, baseFee: bigint): readonly SenderTransaction[] {
    return [...this.selectDev(gasLimit), ...selectTransactions(this.#senders.values(), gasLimit, baseFee)]
  }

  selectDev(gasLimit: bigint): readonly SenderTransaction[] {
    return this.#dev.select(gasLimit)
  }

  content(): TxPoolContent {
    const pending = new Map<string, readonly SenderTransaction[]>()
    const queued = new Map<string, readonly SenderTransaction[]>()
    for (const [key, queue] of this.#senders) {
      if (queue.executable > 0) pending.set(key, queue.pending())
      if (queue.executable < queue.size) queued.set(key, queue.queued())
    }
    return { pending, queued }
  }

  devMark(): Uint8Array | null {
    return this.#dev.mark
  }

  devSeen(): Uint8Array | null {
    return this.#dev.seen
  }

  waitingDev(): number {
    return this.#dev.size
  }

  counts(): { readonly pending: number; readonly queued: number } {
    return {
      pending: this.#pending + this.#dev.size,
      queued: this.#byHash.size - this.#pending - this.#dev.size,
    }
  }

  mayRun = (): boolean => this.#pending > 0 && someCanRun(this.#senders.values(), this.#next.baseFeePerGas)

  transactions(): Iterable<SenderTransaction> {
    return this.#byHash.values()
  }

  onPending(listener: (transaction: SenderTransaction) => void): () => void {
    this.#pendingListeners.add(listener)
    return () => this.#pendingListeners.delete(listener)
  }

  onAccepted(listener: (transaction: SenderTransaction, origin: TransactionOrigin) => void): () => void {
    this.#acceptedListeners.add(listener)
    return () => this.#acceptedListeners.delete(listener)
  }

  drop(rejected: readonly { readonly hash: Uint8Array; readonly message: string }[]): void {
    for (const { hash, message } of rejected) {
      const tx = this.#byHash.get(keyOf(hash))
      if (tx !== undefined) this.#discard(tx, `it cannot run: ${message}`)
    }
  }

  setAside(hash: Uint8Array): void {
    const tx = this.#byHash.get(keyOf(hash))
    if (tx === undefined) return
    this.#unqueue(tx)
    this.#forget(tx, 'this node cannot execute it', 'keep')
  }

  settled = (): Promise<void> => this.#judgedAnew.none()

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopListening()
    this.#cancelExpiry()
    await this.#journal?.flush()
  }

  #decode(raw: Uint8Array): TransactionEnvelope | Refusal {
    return decodeChecked(raw, this.#limits.transactionBytes, this.#chain.genesis, this.#next.gasLimit)
  }

  async #begin(envelope: TransactionEnvelope | Refusal, arrival: Arrival): Promise<AddOutcome> {
    if ('ok' in envelope) return envelope
    const key = keyOf(envelope.hash)
    if (this.#byHash.has(key)) return this.#known(key, arrival.kind)
    const setAside = this.#refuseSetAside(envelope.hash)
    if (setAside !== null) return setAside
    const running = this.#adding.get(key)
    if (running !== undefined) {
      this.#recovery.alsoFrom(key, arrival.source)
      const outcome = await running.outcome
      if (outcome.ok) return this.#known(key, arrival.kind)
      // It was from before a dev control; this one may have been sent anew.
      const isAnother = outcome.code === 'already-known' && arrival.sentBefore !== running.arrival.sentBefore
      return isAnother ? this.#begin(envelope, arrival) : outcome
    }
    const outcome = this.#finish(envelope, key, arrival).finally(() => this.#adding.delete(key))
    this.#adding.set(key, { outcome, arrival })
    return outcome
  }

  /** A user who is told so relies on it as on an acknowledgement. */
  async #known(key: string, kind: AddKind): Promise<AddOutcome> {
    const unkept = kind === 'peer' ? null : await this.#journal?.keep(key)
    return unkept ?? refuse('already-known', 'already known', 'known')
  }

  async #finish(
    envelope: TransactionEnvelope,
    key: string,
    { kind, source, before, sentBefore = null }: Arrival,
  ): Promise<AddOutcome> {
    const isDev = isDevTransaction(envelope.transaction)
    const { baseFeePerGas } = this.#next
    const hopeless = kind === 'peer' && !isDev ? refuseHopelessFee(envelope.transaction, baseFeePerGas) : null
    if (hopeless !== null) return hopeless
    let { mark } = this.#dev
    const early = sentBefore === null ? null : await sentBefore(envelope)
    if (early !== null) return early
    // Its signature was recovered when it came.
    const sender = before?.sender ?? (await this.#recovery.recover(envelope, source))
    if (sender === 'busy') {
      return refuse('pool-full', 'txpool is busy: too many transactions wait to be checked', 'unchecked')
    }
    if (sender === null) {
      return refuse('invalid-signature', 'invalid sender: no key could have made this signature', 'fault')
    }
    const origin = kind === 'peer' ? 'peer' : 'local'
    const fields = before ?? { key, sequence: this.#sequence++, arrived: this.#clock.monotonic(), origin }
    const senderKey = keyOf(sender)
    try {
      if (isDev) return await this.#addDev({ ...envelope, sender }, fields, kind)
      let queue = await this.#queueOf(senderKey, sender)
      while (sentBefore !== null && mark !== this.#dev.mark) {
        mark = this.#dev.mark
        const late = await sentBefore(envelope)
        if (late !== null) return late
        queue = await this.#queueOf(senderKey, sender)
      }
      const tx = { ...envelope, sender }
      let admitted = this.#admit(tx, fields, senderKey, queue, kind)
      // Somebody may have sent the funds since the account was read.
      const cannotPay = 'ok' in admitted && (admitted.standing === 'hopeless' || admitted.code === 'insufficient-funds')
      if (cannotPay && queue.head !== this.#chain.head().header.number) {
        await this.#reload(senderKey)
        queue = await this.#queueOf(senderKey, sender)
        admitted = this.#admit(tx, fields, senderKey, queue, kind)
      }
      if ('ok' in admitted) return admitted
      return await this.#accepted(admitted, queue, kind)
    } catch (error) {
      return refuseUnanswered(error, 'check the sender')
    }
  }

  /** Only one account may make them, and it pays nothing: no queue, no fees, only room. */
  async #addDev(tx: SenderTransaction, fields: Parameters<typeof pooled>[1], kind: AddKind): Promise<AddOutcome> {
    const refusal = (await refuseDev(tx, this.#chain)) ?? this.#refuseSetAside(tx.hash)
    if (refusal !== null) return refusal
    if (this.#closed) return STOPPING
    if (this.#dev.isFull) return this.#dev.refusal
    const added = pooled(tx, fields)
    this.#byHash.set(added.key, added)
    this.#dev.add(added)
    this.#room.add(added)
    return this.#accepted(added, null, kind)
  }

  /** `queue`: null for a dev transaction, which can always run. */
  async #accepted(tx: PooledTransaction, queue: SenderQueue | null, kind: AddKind): Promise<AddOutcome> {
    // The journal has what was in the pool until now.
    if (kind !== 'again') this.#journal?.add(tx.key, tx.hash, tx.raw)
    // Only what is local is sent on.
    const origin = kind === 'again' ? 'peer' : tx.origin
    for (const listener of this.#acceptedListeners) listener(tx, origin)
    if (queue === null) for (const listener of this.#pendingListeners) listener(tx)
    else this.#announce(queue, tx)
    // A client that got the hash may rely on it after a crash, so the journal comes first.
    return kind === 'local' || kind === 'reload' ? this.keep(tx.hash) : { ok: true, hash: tx.hash }
  }

  async #queueOf(key: string, sender: Uint8Array): Promise<SenderQueue> {
    const known = this.#senders.get(key)
    if (known !== undefined) return known
    const head = this.#chain.head().header.number
    const account = await this.#accounts.load(key, sender)
    const meanwhile = this.#senders.get(key)
    if (meanwhile !== undefined) return meanwhile
    const queue = new SenderQueue(Uint8Array.from(sender), account, head)
    this.#senders.set(key, queue)
    if (this.#senders.size > this.#limits.idleAccounts + this.#byHash.size) this.#forgetIdle()
    return queue
  }

  #refuseSetAside(hash: Uint8Array): Refusal | null {
    const reason = this.#setAside(hash)
    if (reason === null) return null
    return refuse(
      'set-aside',
      `this node has set the transaction aside until its operator releases it: ${reason}`,
      'known',
    )
  }

  /** The transaction as it is in the pool now, or why it is not. */
  #admit(
    envelope: SenderTransaction,
    fields: Parameters<typeof pooled>[1],
    senderKey: string,
    queue: SenderQueue,
    kind: AddKind,
  ): PooledTransaction | Refusal {
    if (this.#closed) return STOPPING
    // It may have been set aside while its signature was recovered.
    const setAside = this.#refuseSetAside(envelope.hash)
    if (setAside !== null) return setAside
    const { nonce } = envelope.transaction
    const { account } = queue
    const unfit = refuseNow(envelope.transaction, account, this.#next, kind === 'reload' || kind === 'again')
    if (unfit !== null) return unfit
    if (nonce > account.nonce + this.#limits.nonceGap) {
      return refuse('nonce-too-high', transactionErrors.nonceTooHigh(account.nonce, nonce).message, 'unfit')
    }
    const old = queue.get(nonce)
    if (old !== undefined && !replaces(envelope, old, this.#limits.priceBump)) {
      return refuse(
        'replacement-underpriced',
        `replacement transaction underpriced: both fee caps must rise by ${this.#limits.priceBump} %`,
        'unfit',
      )
    }
    const cost = maximumCost(envelope.transaction)
    const others = queue.totalCost - (old?.cost ?? 0n)
    if (others + cost > account.balance && kind !== 'reload' && kind !== 'again') {
      const { message } = transactionErrors.insufficientFunds(account.balance, others + cost)
      return refuse(
        'insufficient-funds',
        `${message} (${cost} for this transaction, ${others} for others that wait)`,
        // Other nodes may hold others of this sender.
        'unfit',
      )
    }
    const refusal = this.#maker.makeRoom(envelope, queue, old)
    if (refusal !== null) return refusal
    const tx = pooled(envelope, fields)
    // Nobody else may have needed the queue so far.
    this.#senders.set(senderKey, queue)
    const before = queue.executable
    queue.insert(tx)
    if (old !== undefined) this.#forget(old, `replaced by 0x${tx.key}`, 'late')
    this.#byHash.set(tx.key, tx)
    this.#room.add(tx)
    this.#counted(queue, before)
    this.#orders.added(tx)
    return tx
  }

  /** Takes a transaction out, from its sender's queue too, and says so. `late`: another takes its place. */
  #discard(tx: PooledTransaction, reason: string, onDisk: 'now' | 'late' = 'now'): void {
    this.#unqueue(tx)
    this.#forget(tx, reason, onDisk)
  }

  #unqueue(tx: PooledTransaction): void {
    if (this.#dev.delete(tx.key)) return
    const queue = this.#senders.get(keyOf(tx.sender))
    if (queue === undefined) return
    const before = queue.executable
    queue.remove(tx)
    this.#counted(queue, before)
  }

  /** Takes a transaction out that is in no queue any more. `reason` null: it is in a block. */
  #forget(tx: PooledTransaction, reason: string | null, onDisk: 'keep' | 'now' | 'late' = 'now'): void {
    if (!this.#byHash.delete(tx.key)) return
    this.#room.remove(tx)
    if (onDisk !== 'keep') this.#journal?.delete(tx.key, tx.hash, onDisk)
    if (reason !== null) tellOfDeparture(this.#logger, tx, reason)
  }

  /** The queue's executable transactions were `before`. */
  #counted(queue: SenderQueue, before: number): void {
    this.#pending += queue.executable - before
    this.#waiting.changed(queue)
    if (queue.executable < before) this.#orders.resetQueued()
  }

  /** Tells of what can run now: `first` and what followed it in wait, or whatever was not told of yet. */
  #announce(queue: SenderQueue, first?: PooledTransaction): void {
    if (first !== undefined && !queue.isExecutable(first)) return
    const start = first === undefined ? 0 : Number(first.transaction.nonce - queue.account.nonce)
    const fresh: PooledTransaction[] = []
    for (let index = start; index < queue.executable; index++) {
      const tx = queue.at(index)!
      // Transactions behind an announced one may be new: that one may have waited behind a gap in between.
      if (!tx.announced) fresh.push(tx)
    }
    for (const tx of fresh) {
      tx.announced = true
      for (const listener of this.#pendingListeners) listener(tx)
    }
  }

  #isExecutable(tx: PooledTransaction): boolean {
    return this.#dev.has(tx.key) || (this.#senders.get(keyOf(tx.sender))?.isExecutable(tx) ?? false)
  }

  #onBlock(event: BlockEvent): void {
    const { block, rules } = event
    const included = new Set(block.transactions.map(({ hash }) => keyOf(hash)))
    this.#next = nextHeader(block.header, this.#chain.genesis, rules.dev)
    this.#orders.reset()
    if (this.#afterDevTransactions(event)) return
    const changed = new Set<string>()
    const spent = spentIn(event)
    for (const [key, { nextNonce: nonce, wei }] of spent) {
      this.#accounts.outdate(key)
      const queue = this.#senders.get(key)
      if (queue === undefined) continue
      // At once, so that nothing is selected again, nor what cannot be paid any more; the sender's income follows.
      if (nonce > queue.account.nonce) {
        const balance = queue.account.balance > wei ? queue.account.balance - wei : 0n
        this.#update(queue, { ...queue.account, nonce, balance }, included)
      }
      // Where nothing waits, what is left is enough to judge the next one by (#finish).
      if (queue.size > 0) changed.add(key)
    }
    this.#forgetIdle(spent)
    // A balance that was too small may have grown by somebody else's transaction.
    for (const key of this.#short.inTurn(this.#senders)) changed.add(key)
    for (const key of changed) {
      this.#reload(key).catch((error: unknown) => {
        if (!this.#closed) this.#logger.warn({ sender: `0x${key}`, error: String(error) }, 'cannot read a sender anew')
      })
    }
  }

  /** Whether there were any. They change any account in any way, so all that waits is judged anew. */
  #afterDevTransactions({ block, receipts }: BlockEvent): boolean {
    if (!this.#dev.sees(block)) return false
    if (this.#dev.mark !== null) this.#journal?.keepMark(this.#dev.mark)
    for (const hash of droppedBy(receipts)) {
      const tx = this.#byHash.get(keyOf(hash))
      if (tx !== undefined && !this.#dev.has(tx.key)) this.#discard(tx, 'a dev control has dropped it')
    }
    for (const { hash } of block.transactions) {
      const tx = this.#byHash.get(keyOf(hash))
      if (tx === undefined) continue
      this.#unqueue(tx)
      this.#forget(tx, null)
    }
    const waiting = [...this.#byHash.values()].filter(({ key }) => !this.#dev.has(key))
    for (const tx of waiting) {
      this.#byHash.delete(tx.key)
      this.#room.remove(tx)
    }
    this.#senders.clear()
    this.#waiting.clear()
    this.#pending = 0
    this.#orders.reset()
    this.#accounts.outdateAll()
    for (const tx of waiting) void this.#judgedAnew.run(() => this.#addAgain(tx))
    return true
  }

  async #addAgain(tx: PooledTransaction): Promise<void> {
    const outcome = await this.#begin(tx, { kind: 'again', source: null, before: tx })
    if (outcome.ok || outcome.code === 'already-known') return
    this.#journal?.delete(tx.key, tx.hash)
    this.#logger.info(
      { hash: `0x${tx.key}`, reason: outcome.message },
      'a transaction left the pool when the state was changed',
    )
  }

  #update(queue: SenderQueue, account: SenderQueue['account'], included: ReadonlySet<string>): void {
    const before = queue.executable
    const stale = queue.update(account)
    this.#counted(queue, before)
    for (const tx of stale) {
      this.#forget(tx, included.has(tx.key) ? null : `nonce ${tx.transaction.nonce} of its sender was used by another`)
    }
  }

  /** @throws when the chain cannot answer now. */
  async #reload(key: string): Promise<void> {
    const queue = this.#senders.get(key)
    if (queue === undefined) return
    const head = this.#chain.head().header.number
    const account = await this.#accounts.load(key, queue.address)
    if (this.#closed || this.#senders.get(key) !== queue) return
    // A block that came meanwhile has moved the nonce on already.
    const nonce = account.nonce > queue.account.nonce ? account.nonce : queue.account.nonce
    this.#update(queue, { ...account, nonce }, NONE)
    queue.head = head
    this.#announce(queue)
    this.#trimQueued()
  }

  /** Demotions do not ask for room; those over the bound afterwards go. */
  #trimQueued(): void {
    while (this.counts().queued > this.#limits.queued) {
      const last = this.#waiting.most()?.last
      if (last === undefined) return
      this.#discard(last, 'too many transactions wait without being able to run')
    }
  }

  /** `recent`: they most likely send another, and what they have at least is known. */
  #forgetIdle(recent: Pick<ReadonlySet<string>, 'has'> = NONE): void {
    for (const [key, queue] of this.#senders) if (queue.size === 0 && !recent.has(key)) this.#senders.delete(key)
  }

  #expire(): void {
    const oldest = this.#clock.monotonic() - this.#limits.queuedLifetime
    for (const tx of [...this.#byHash.values()]) {
      if (tx.arrived >= oldest || this.#isExecutable(tx)) continue
      this.#discard(tx, 'it waited too long without being able to run')
    }
    this.#cancelExpiry = this.#clock.after(EXPIRY_INTERVAL, () => this.#expire())
  }
}

const NONE: ReadonlySet<string> = new Set()
