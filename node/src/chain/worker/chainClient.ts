/**
 * {@link ChainService} on the main thread, over a port to the execution worker. Keeps the head, the order of calls and
 * their number in bounds; knows nothing of threads, so tests give it a port of their own.
 */
import { keyOf } from '../../codec/bytes.ts'
import type { Block } from '../../types/block.ts'
import { sealBlock } from '../../types/blockCodec.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { Genesis } from '../../types/genesis.ts'
import type { QueryAnswer, QueryArguments } from '../chainQueries.ts'
import {
  type BlockEvent,
  type BuildRequest,
  type BuiltBlock,
  type CallClient,
  ChainError,
  type ChainService,
  type Head,
  type LocatedLog,
  type LogFilter,
  type NextRules,
  type ValidationOutcome,
} from '../chainService.ts'
import type { Diverged } from '../diverged.ts'
import type { ExecutionFault, FaultConsequence } from '../executionFault.ts'
import type { KeptStates } from '../keptStates.ts'
import { LOG_SEARCH_STEP, MAX_CANDIDATES } from '../limits.ts'
import { searchedRange, tooLargeLogs, tooManyLogs } from '../logSearch.ts'
import { type CallName, callsBy, type QueryName, type ReadName, readsBy } from '../queryLanes.ts'
import { decodeReceiptRecords } from '../records.ts'
import { WithheldBlock } from '../withheldBlock.ts'
import { CallQueue } from './callQueue.ts'
import type { CallRunner } from './calls/callRunner.ts'
import { detachedTransactions } from './detachedTransactions.ts'
import {
  type Arguments,
  laneOf,
  type Result,
  type WorkerCall,
  type WorkerMessage,
  type WorkerMethod,
} from './protocol.ts'
import { errorFromWire } from './wireError.ts'

const CLOSED = 'the chain is closed'
const NOBODY: CallClient = { group: '', name: '' }

/** The way to the worker. */
export interface WorkerPort {
  post(message: WorkerCall): void
  onMessage(listener: (message: WorkerMessage) => void): void
  /** The worker crashed or ended. */
  onFailure(listener: (error: Error) => void): void
  terminate(): Promise<void>
}

export interface ConnectOptions {
  readonly genesis: Genesis
  /** At most once; not for an end that `close` asked for. */
  readonly onFatal: (error: Error) => void
  readonly onDebug: (text: string, contract: Uint8Array) => void
  /** The runner of calls; asked for once, when the chain is open. `base`: see {@link ChainService.base}. */
  readonly openCalls: (base: bigint) => CallRunner
  /** The workers have ended, calls' too: none of them has the database open. */
  readonly onClosed?: () => void | Promise<void>
  readonly onCounting?: () => void
  readonly onFault?: (fault: ExecutionFault, consequence: FaultConsequence) => void
  readonly onDivergence?: (diverged: Diverged) => void
}

/** Resolves when the worker has opened its database. @throws what the worker was refused with. */
export async function connectChain(port: WorkerPort, options: ConnectOptions): Promise<ChainService> {
  const client = new ChainClient(port, options)
  await client.ready
  const reads = readsBy((name, args) => client.read(name, args))
  const calls = callsBy((name, caller, args) => client.run(name, caller, args))
  return Object.assign(client, { ...reads, ...calls, logs: (filter: LogFilter) => client.searchLogs(filter) })
}

interface Pending {
  readonly method: WorkerMethod
  resolve(value: unknown): void
  reject(error: Error): void
}

class ChainClient implements Omit<ChainService, QueryName> {
  readonly genesis: Genesis
  readonly #port: WorkerPort
  readonly #options: ConnectOptions
  readonly #queue = new CallQueue()
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Set<(event: BlockEvent) => void>()
  /** Hashes of blocks on the head that the worker has executed. It may have dropped the oldest again. */
  readonly #executed = new Set<string>()
  readonly #withheld = new WithheldBlock()
  #nextId = 1
  #head: Head | null = null
  #genesisHash: Uint8Array | null = null
  #base = 0n
  #states: KeptStates = { oldest: 0n, kept: null, letGo: 0 }
  #calls: CallRunner | null = null
  #failure: Error | null = null
  #closing: Promise<void> | null = null
  readonly #ready = Promise.withResolvers<void>()

  constructor(port: WorkerPort, options: ConnectOptions) {
    this.genesis = options.genesis
    this.#port = port
    this.#options = options
    port.onMessage((message) => this.#receive(message))
    port.onFailure((error) => this.#fail(error))
  }

  /** Resolves when the worker takes calls. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get genesisHash(): Uint8Array {
    return started(this.#genesisHash)
  }

  get base(): bigint {
    return this.#base
  }

  states(): KeptStates {
    return this.#states
  }

  head(): Head {
    return started(this.#head)
  }

  onBlock(listener: (event: BlockEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async build(request: BuildRequest): Promise<BuiltBlock> {
    const sent = { ...request, transactions: detachedTransactions(request.transactions) }
    const { header, included, rejected } = await this.#call('build', [sent])
    const envelopes = included.map((index) => {
      const { transaction, raw, hash } = request.transactions[index]!
      return { transaction, raw, hash }
    })
    const block = sealBlock(header, envelopes)
    this.#rememberExecuted(block)
    return { block, rejected }
  }

  async validate(block: Block, senders: readonly Uint8Array[], hasItsRoot = false): Promise<ValidationOutcome> {
    if (this.#executed.has(keyOf(block.hash))) return { ok: true }
    const outcome = await this.#call('validate', [block, senders, hasItsRoot])
    if (outcome.ok) this.#rememberExecuted(block)
    return outcome
  }

  async finalize(
    block: Block,
    certificate: Certificate,
    senders: readonly Uint8Array[],
    signed?: Promise<void>,
  ): Promise<NextRules> {
    if (signed !== undefined) this.#withheld.begin(signed)
    let finalized: Result<'finalizeCandidate'> = 'unknown-candidate'
    if (this.#executed.has(keyOf(block.hash))) {
      finalized = await this.#call('finalizeCandidate', [block.hash, certificate])
    }
    if (finalized === 'unknown-candidate') finalized = await this.#call('finalize', [block, certificate, senders])
    await signed
    this.#withheld.end()
    const { receipts, rules } = finalized
    if (receipts === null) return rules
    this.#head = { header: block.header, hash: block.hash }
    this.#executed.clear()
    const event: BlockEvent = { block, receipts: decodeReceiptRecords(receipts), rules }
    for (const listener of this.#listeners) listener(event)
    return rules
  }

  read<Q extends ReadName>(name: Q, args: QueryArguments<Q>): Promise<QueryAnswer<Q>> {
    return this.#withheld.told(this.#call(name, args as unknown as Arguments<Q>) as Promise<QueryAnswer<Q>>)
  }

  /** In steps, so that consensus gets the worker in between. */
  async searchLogs(filter: LogFilter): Promise<readonly LocatedLog[]> {
    const { from, to } = searchedRange(filter, this.head().header.number)
    const found: LocatedLog[] = []
    let { maxBytes } = filter
    for (let fromBlock = from; fromBlock <= to; ) {
      const last = fromBlock + LOG_SEARCH_STEP - 1n
      const toBlock = last < to ? last : to
      const step = { ...filter, fromBlock, toBlock, limit: filter.limit - found.length, maxBytes }
      try {
        const { logs, next } = await this.read('logStep', [step])
        for (const located of logs) {
          maxBytes -= located.log.data.length
          found.push(located)
        }
        fromBlock = next ?? toBlock + 1n
      } catch (error) {
        if (!(error instanceof ChainError)) throw error
        if (error.code === 'too-many-logs') throw tooManyLogs(filter)
        throw error.code === 'answer-too-large' ? tooLargeLogs(filter) : error
      }
    }
    return found
  }

  /** Runs a call on the newest block of now, in a worker of its own kind. */
  run<Q extends CallName>(method: Q, client: CallClient | null, args: QueryArguments<Q>): Promise<QueryAnswer<Q>> {
    const failure = this.#closing === null ? this.#failure : new Error(CLOSED)
    if (failure !== null) return Promise.reject(failure)
    return started(this.#calls).run({ method, head: this.head(), args }, client ?? NOBODY)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const hadFailed = this.#failure !== null
    try {
      // First: they read the worker's database.
      await this.#calls?.close()
      if (!hadFailed) await this.#post('close', [])
    } finally {
      this.#end(new Error(CLOSED))
      await this.#port.terminate()
      await this.#options.onClosed?.()
    }
  }

  #call<M extends WorkerMethod>(method: M, args: Arguments<M>): Promise<Result<M>> {
    return this.#closing === null ? this.#post(method, args) : Promise.reject(new Error(CLOSED))
  }

  #post<M extends WorkerMethod>(method: M, args: Arguments<M>): Promise<Result<M>> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure)
      const id = this.#nextId++
      this.#pending.set(id, { method, resolve: resolve as (value: unknown) => void, reject })
      const accepted = this.#queue.enqueue(laneOf(method), () => this.#port.post({ kind: 'call', id, method, args }))
      if (accepted) return
      this.#pending.delete(id)
      reject(new ChainError('busy', 'too many requests wait for the execution worker; try again later'))
    })
  }

  #receive(message: WorkerMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#head = message.head
        this.#genesisHash = message.genesisHash
        this.#base = message.base
        this.#states = message.states
        this.#calls = this.#options.openCalls(message.base)
        this.#ready.resolve()
        break
      case 'refused':
        this.#end(errorFromWire(message.error))
        break
      case 'counting':
        this.#options.onCounting?.()
        break
      case 'pruned':
        this.#states = message.states
        break
      case 'debug':
        this.#options.onDebug(message.text, message.contract)
        break
      case 'divergence':
        this.#options.onDivergence?.(message.diverged)
        break
      case 'fault':
        this.#options.onFault?.(message.fault, message.consequence)
        break
      case 'result':
        this.#settle(message.id).resolve(message.value)
        break
      case 'error':
        this.#refuse(this.#settle(message.id), errorFromWire(message.error))
        break
    }
  }

  #refuse(pending: Pending, error: Error): void {
    pending.reject(error)
    // A read that fails is its caller's matter. Without consensus calls there is no node.
    if (laneOf(pending.method) === 'consensus' && !(error instanceof ChainError)) this.#fail(error)
  }

  #settle(id: number): Pending {
    const pending = this.#pending.get(id)
    if (pending === undefined) throw new Error(`the execution worker answered call ${id}, which is not open`)
    this.#pending.delete(id)
    this.#queue.settled(laneOf(pending.method))
    return pending
  }

  /** The worker is of no more use. News to the node, unless it was never ready or is being closed. */
  #fail(error: Error): void {
    if (this.#failure !== null) return
    const isNews = this.#head !== null && this.#closing === null
    this.#end(error)
    if (isNews) this.#options.onFatal(error)
  }

  #end(error: Error): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#ready.reject(error)
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
    void this.#calls?.close()
  }

  #rememberExecuted({ hash }: Block): void {
    this.#executed.add(keyOf(hash))
    // The worker keeps no more than this either.
    for (const oldest of this.#executed) {
      if (this.#executed.size <= MAX_CANDIDATES) break
      this.#executed.delete(oldest)
    }
  }
}

function started<T>(value: T | null): T {
  if (value === null) throw new Error('the execution worker is not ready')
  return value
}
