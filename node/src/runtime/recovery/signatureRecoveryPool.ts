/**
 * Signature recovery in worker threads, so that the main thread, which votes and answers, does it for a lone transaction at
 * most. Workers start with the first that needs them: a node that only follows or serves old blocks may not need any.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { nobleProvider } from '../../crypto/nobleProvider.ts'
import { slots } from '../../crypto/provider.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'
import { type Clock, systemClock } from '../clock.ts'
import { environmentOfThread } from '../compiledCode.ts'
import { WORKER_YOUNG_MB } from '../hostHeap.ts'
import { cachedRecovery, type SignatureRecoverer, senderOf } from './signatureRecovery.ts'
import type { RecoveryJob, RecoveryResult } from './signatureRecoveryMessages.ts'
import { SENDER_RECORD_LENGTH } from './signatureRecoveryMessages.ts'

/** More than this does not help a node: its other threads need processors too. */
const MAX_WORKERS = 8
/**
 * Milliseconds without any after which a transaction alone is recovered by the calling thread: its client waits, and waking
 * another thread and being woken by it takes longer. Under load the time never comes.
 */
const QUIET_MS = 3
/** And so many after a worker had one: under load there are quiet moments too, and the calling thread has other work. */
const CALM_MS = 100
/** Transactions of one message to a worker: enough to make the way there and back cheap, few enough to share the work. */
const MAX_BATCH = 32

export interface RecoveryPoolOptions {
  /** Default: one less than the processors, for the main thread; at least 1, at most 8. */
  readonly workers?: number
  /** Default: the system's. */
  readonly clock?: Clock
}

/** Transactions that were asked for together, with the senders found so far. */
interface Request {
  readonly senders: (Uint8Array | null)[]
  left: number
  resolve(senders: (Uint8Array | null)[]): void
  reject(error: Error): void
}

/** Whether recovering one takes this thread no longer than a wake-up of another: with noble it is ten times that. */
function isFast(): boolean {
  return slots.recoverPublicKey !== nobleProvider.recoverPublicKey
}

interface Job {
  readonly transaction: TransactionEnvelope
  readonly request: Request
  readonly index: number
}

export function createSignatureRecoveryPool(options: RecoveryPoolOptions = {}): SignatureRecoverer {
  const size = options.workers ?? Math.min(MAX_WORKERS, Math.max(1, availableParallelism() - 1))
  const pool = new RecoveryPool(size, options.clock ?? systemClock)
  return {
    ...cachedRecovery((transactions) => pool.recover(transactions)),
    close: () => pool.close(),
  }
}

class RecoveryPool {
  readonly #size: number
  readonly #workers = new Map<Worker, Job[]>()
  readonly #idle: Worker[] = []
  readonly #waiting: Job[] = []
  #isDue = false
  #closed = false
  readonly #clock: Clock
  /** When transactions were last asked for, monotonic milliseconds. */
  #newest = Number.NEGATIVE_INFINITY
  /** The same of those that a worker was given. */
  #given = Number.NEGATIVE_INFINITY

  constructor(size: number, clock: Clock) {
    this.#size = size
    this.#clock = clock
  }

  recover(transactions: readonly TransactionEnvelope[]): Promise<(Uint8Array | null)[]> {
    if (this.#closed) return Promise.reject(new Error('signature recovery is closed'))
    if (transactions.length === 0) return Promise.resolve([])
    const now = this.#clock.monotonic()
    const isQuiet = now - this.#newest >= QUIET_MS && now - this.#given >= CALM_MS && this.#isIdle && isFast()
    this.#newest = now
    if (isQuiet && transactions.length === 1) {
      this.#prepare()
      return Promise.resolve([senderOf(transactions[0]!)])
    }
    this.#given = now
    this.#assignSoon()
    return new Promise((resolve, reject) => {
      const senders = new Array<Uint8Array | null>(transactions.length).fill(null)
      const request: Request = { senders, left: transactions.length, resolve, reject }
      for (const [index, transaction] of transactions.entries()) this.#waiting.push({ transaction, request, index })
    })
  }

  /** The first worker, so that it is there when more than one comes: starting takes some 60 ms of processor. */
  #prepare(): void {
    if (this.#workers.size > 0) return
    const worker = this.#start()
    if (worker === null) return
    worker.unref()
    this.#idle.push(worker)
  }

  /** Nothing waits, and no worker is at work. */
  get #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#workers.size === this.#idle.length
  }

  async close(): Promise<void> {
    this.#closed = true
    const error = new Error('signature recovery is closed')
    for (const { request } of this.#waiting.splice(0)) request.reject(error)
    const workers = [...this.#workers]
    this.#workers.clear()
    for (const [, jobs] of workers) for (const { request } of jobs) request.reject(error)
    await Promise.all(workers.map(([worker]) => worker.terminate()))
  }

  /** Transactions that came to this process at one time go to a worker in one message, as waking it costs something. */
  #assignSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      if (!this.#closed) this.#assign()
    })
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#idle.pop() ?? this.#start()
      if (worker === null) return
      // An equal share for each worker, so that a block's transactions are done at about the same time.
      const share = Math.min(MAX_BATCH, Math.ceil(this.#waiting.length / this.#size))
      this.#give(worker, this.#waiting.splice(0, share))
    }
  }

  #give(worker: Worker, jobs: Job[]): void {
    this.#workers.set(worker, jobs)
    const raws = jobs.map(({ transaction }) => transaction.raw)
    const lengths = raws.map(({ length }) => length)
    const raw = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
    let offset = 0
    for (const bytes of raws) {
      raw.set(bytes, offset)
      offset += bytes.length
    }
    // Only a worker with work keeps the process alive.
    worker.ref()
    const message: RecoveryJob = { raw, lengths }
    worker.postMessage(message, [raw.buffer])
  }

  /** Null when there are as many as there may be. */
  #start(): Worker | null {
    if (this.#workers.size >= this.#size) return null
    const worker = new Worker(new URL('./signatureRecoveryWorker.ts', import.meta.url), {
      name: 'signature recovery',
      env: environmentOfThread('recovery'),
      resourceLimits: { maxYoungGenerationSizeMb: WORKER_YOUNG_MB },
    })
    this.#workers.set(worker, [])
    worker.on('message', (result: RecoveryResult) => this.#finish(worker, result))
    worker.on('error', (error) => this.#lose(worker, error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', (code) => this.#lose(worker, new Error(`a signature recovery worker ended with code ${code}`)))
    return worker
  }

  #finish(worker: Worker, { senders }: RecoveryResult): void {
    const jobs = this.#workers.get(worker) ?? []
    for (const [place, { request, index }] of jobs.entries()) {
      const at = place * SENDER_RECORD_LENGTH
      if (senders[at] === 1) request.senders[index] = senders.slice(at + 1, at + SENDER_RECORD_LENGTH)
      request.left -= 1
      if (request.left === 0) request.resolve(request.senders)
    }
    this.#workers.set(worker, [])
    this.#idle.push(worker)
    worker.unref()
    this.#assign()
  }

  /** Its jobs fail; another worker takes its place when there is work. */
  #lose(worker: Worker, error: Error): void {
    const jobs = this.#workers.get(worker)
    if (jobs === undefined) return
    this.#workers.delete(worker)
    const idle = this.#idle.indexOf(worker)
    if (idle >= 0) this.#idle.splice(idle, 1)
    for (const { request } of jobs) request.reject(error)
    if (!this.#closed) this.#assign()
  }
}
