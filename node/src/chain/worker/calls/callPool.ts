/**
 * {@link CallRunner} over worker threads. Each runs one call at a time; one that is not done at the deadline is answered
 * with an error and its thread ended, and the next call starts another. A thread that fails (its memory, its stack) takes
 * the call it ran along and nothing else. Knows nothing of threads itself, so tests give it ports of their own.
 */
import type { Clock } from '../../../runtime/clock.ts'
import type { Logger } from '../../../runtime/logging/logger.ts'
import type { QueryAnswer } from '../../chainQueries.ts'
import { type CallClient, ChainError, type Head } from '../../chainService.ts'
import {
  callWait,
  MAX_CALL_OUTPUT,
  MAX_CALL_PRINTS,
  MAX_WAITING_CALLS,
  MAX_WAITING_CALLS_PER_CLIENT,
} from '../../limits.ts'
import type { CallName } from '../../queryLanes.ts'
import { errorFromWire } from '../wireError.ts'
import type { CallRequest } from './callRequest.ts'
import type { CallRunner } from './callRunner.ts'
import { FairQueue } from './fairQueue.ts'
import { PrintAllowance } from './printAllowance.ts'
import type { CallWorkerMessage, CallWorkerPort } from './protocol.ts'

const CLOSED = 'the chain is closed'

export interface CallPoolOptions {
  /** Most threads at once; none before the first call. */
  readonly workers: number
  /** Milliseconds a call may run. */
  readonly timeout: number
  readonly startWorker: () => CallWorkerPort
  readonly clock: Clock
  readonly logger: Logger
  readonly onDebug: (text: string, contract: Uint8Array) => void
}

interface Job {
  readonly request: CallRequest
  readonly client: CallClient
  /** For a worker. */
  waits: boolean
  cancelWait(): void
  resolve(value: unknown): void
  reject(error: Error): void
}

interface Member {
  readonly port: CallWorkerPort
  /** `ending`: told to; its place is free when it is gone. */
  state: 'starting' | 'idle' | 'busy' | 'ending'
  job: Job | null
  /** Of the last request that it was given: it has that one. */
  head: Head | null
  cancelDeadline(): void
}

const nothing = (): void => {}

export class CallPool implements CallRunner {
  readonly #options: CallPoolOptions
  readonly #waiting = new FairQueue<Job>(MAX_WAITING_CALLS, MAX_WAITING_CALLS_PER_CLIENT)
  readonly #members = new Set<Member>()
  readonly #prints: PrintAllowance
  #closed: PromiseWithResolvers<void> | null = null

  constructor(options: CallPoolOptions) {
    this.#options = options
    this.#prints = new PrintAllowance(options.clock)
  }

  run<Q extends CallName>(request: CallRequest<Q>, client: CallClient): Promise<QueryAnswer<Q>> {
    if (this.#closed !== null) return Promise.reject(new Error(CLOSED))
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const job: Job = { request, client, waits: true, cancelWait: nothing, resolve, reject }
    if (!this.#waiting.add(client, job)) return Promise.reject(tooManyWait())
    this.#assign()
    if (job.waits) {
      job.cancelWait = this.#options.clock.after(callWait(this.#options.timeout), () => {
        if (this.#waiting.remove(client, job)) reject(this.#waitedTooLong())
      })
    }
    return promise as Promise<QueryAnswer<Q>>
  }

  close(): Promise<void> {
    if (this.#closed !== null) return this.#closed.promise
    this.#closed = Promise.withResolvers()
    this.#refuseWaiting(new Error(CLOSED))
    for (const member of this.#members) {
      member.job?.reject(new Error(CLOSED))
      member.job = null
      // One that starts is opening the database, which must not be interrupted; it is ended once it is ready.
      if (member.state !== 'starting') this.#end(member)
    }
    this.#resolveWhenGone()
    return this.#closed.promise
  }

  #assign(): void {
    for (const member of this.#members) {
      if (member.state !== 'idle') continue
      const job = this.#waiting.take()
      if (job === undefined) return
      this.#give(member, job)
    }
    let starting = 0
    for (const { state } of this.#members) if (state === 'starting') starting++
    for (; starting < this.#waiting.size && this.#members.size < this.#options.workers; starting++) {
      if (!this.#start()) return
    }
  }

  #give(member: Member, job: Job): void {
    const { clock, timeout } = this.#options
    job.waits = false
    job.cancelWait()
    member.state = 'busy'
    member.job = job
    member.cancelDeadline = clock.after(timeout, () => {
      member.job = null
      job.reject(ranTooLong(timeout))
      this.#end(member)
    })
    const { request } = job
    member.port.post(request.head === member.head ? { ...request, head: null } : request)
    member.head = request.head
  }

  /** False when the system gives no thread. Those that run go on; without any, nobody is to wait. */
  #start(): boolean {
    let port: CallWorkerPort
    try {
      port = this.#options.startWorker()
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error))
      this.#options.logger.error({ error: reason.message }, 'a call worker could not be started')
      if (this.#members.size === 0) this.#refuseWaiting(workerFailed(reason))
      return false
    }
    const member: Member = { port, state: 'starting', job: null, head: null, cancelDeadline: nothing }
    this.#members.add(member)
    port.onMessage((message) => this.#receive(member, message))
    port.onExit((reason) => this.#lose(member, reason))
    return true
  }

  #receive(member: Member, message: CallWorkerMessage): void {
    if (message.kind === 'debug') {
      this.#print(message.text, message.contract)
      return
    }
    // A message on its way while the thread is being ended comes too late.
    if (member.state === 'ending') return
    if (this.#closed !== null) {
      this.#end(member)
      return
    }
    member.cancelDeadline()
    if (message.kind === 'result') member.job?.resolve(message.value)
    if (message.kind === 'error') member.job?.reject(errorFromWire(message.error))
    member.job = null
    member.state = 'idle'
    this.#assign()
  }

  #print(text: string, contract: Uint8Array): void {
    const allowed = this.#prints.take(text)
    if (allowed === 'dropped') return
    this.#options.onDebug(text, contract)
    if (allowed === 'logged') return
    const bounds = { characters: MAX_CALL_OUTPUT, prints: MAX_CALL_PRINTS }
    this.#options.logger.warn(bounds, 'contracts print too much in calls: further prints of this minute are not logged')
  }

  #end(member: Member): void {
    member.cancelDeadline()
    member.state = 'ending'
    member.port.terminate()
  }

  #lose(member: Member, reason: Error): void {
    this.#members.delete(member)
    member.cancelDeadline()
    if (this.#closed !== null) {
      this.#resolveWhenGone()
      return
    }
    if (member.state !== 'ending') {
      this.#options.logger.error({ error: reason.message, stack: reason.stack }, 'a call worker failed')
    }
    member.job?.reject(workerFailed(reason))
    // One that cannot even start: the next would not either, and nobody is to wait for it.
    if (member.state === 'starting') this.#refuseWaiting(workerFailed(reason))
    this.#assign()
  }

  #refuseWaiting(error: Error): void {
    for (const job of this.#waiting.drain()) {
      job.waits = false
      job.cancelWait()
      job.reject(error)
    }
  }

  #resolveWhenGone(): void {
    if (this.#members.size === 0) this.#closed?.resolve()
  }

  #waitedTooLong(): ChainError {
    const { timeout, workers } = this.#options
    return new ChainError(
      'busy',
      `busy: the call waited ${callWait(timeout)} ms for a worker (callWorkers is ${workers}, callTimeout ${timeout} ms); try again`,
    )
  }
}

function tooManyWait(): ChainError {
  const bounds = `of all web pages or of all others ${MAX_WAITING_CALLS}, of one client ${MAX_WAITING_CALLS_PER_CLIENT}`
  return new ChainError(
    'busy',
    `busy: too many calls wait for a worker (${bounds}; MAX_WAITING_CALLS); try again later`,
  )
}

/** The words are geth's. */
function ranTooLong(timeout: number): ChainError {
  return new ChainError(
    'call-aborted',
    `execution aborted (timeout = ${timeout} ms): the call ran for as long as this node lets one (callTimeout); ask for less, or start the node with more`,
  )
}

function workerFailed({ message }: Error): ChainError {
  return new ChainError(
    'call-aborted',
    `execution aborted: the worker that runs calls failed (${message}); the node's log says more`,
  )
}
