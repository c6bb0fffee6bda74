/**
 * The way to an execution worker that may end: by its heap being full, say. The next one is started in its place and is
 * given the calls that were not answered, so that the node goes on; the block it was executing has a strike then
 * (quarantine.ts), so the same transaction does not end it for ever. Each call can be given again, since a block is
 * committed whole or not at all.
 */
import type { Worker } from 'node:worker_threads'
import { equalBytes } from '../../codec/bytes.ts'
import type { Block } from '../../types/block.ts'
import { MAX_WORKER_RESTARTS } from '../limits.ts'
import type { WorkerPort } from './chainClient.ts'
import { laneOf, type Result, type WorkerCall, type WorkerMessage } from './protocol.ts'
import { errorFromWire, errorToWire } from './wireError.ts'

const COMMITTED_UNSAID = 'the execution worker ended between committing a block and saying so; start the node again'

export interface RestartingPortOptions {
  /** Starts a worker on the same directory; the one before has ended. */
  readonly start: () => Worker
  /** A worker has ended and another is being started. */
  readonly onRestart: (cause: Error) => void
  /** The worker that was started again answers. */
  readonly onRestarted: () => void
}

export function restartingPort(options: RestartingPortOptions): WorkerPort {
  return new RestartingPort(options)
}

class RestartingPort implements WorkerPort {
  readonly #options: RestartingPortOptions
  readonly #listeners: ((message: WorkerMessage) => void)[] = []
  readonly #failureListeners: ((error: Error) => void)[] = []
  /** Calls without an answer, in the order they came. */
  readonly #open = new Map<number, WorkerCall>()
  #worker: Worker
  /** Hash of the newest block that the worker said it has committed; null before a worker was ready. */
  #head: Uint8Array | null = null
  #isUp = false
  #isClosing = false
  /** Since a block was last committed. */
  #restarts = 0
  #cause: Error | null = null

  constructor(options: RestartingPortOptions) {
    this.#options = options
    this.#worker = this.#started()
  }

  post(message: WorkerCall): void {
    this.#open.set(message.id, message)
    if (message.method === 'close') this.#isClosing = true
    if (this.#isUp) this.#worker.postMessage(message)
  }

  onMessage(listener: (message: WorkerMessage) => void): void {
    this.#listeners.push(listener)
  }

  onFailure(listener: (error: Error) => void): void {
    this.#failureListeners.push(listener)
  }

  async terminate(): Promise<void> {
    this.#isClosing = true
    await this.#worker.terminate()
  }

  #started(): Worker {
    const worker = this.#options.start()
    worker.on('message', (message: WorkerMessage) => this.#receive(message))
    worker.on('error', (error) => {
      this.#cause = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('messageerror', (error) => this.#fail(error))
    worker.on('exit', (code) => this.#exited(code))
    return worker
  }

  #receive(message: WorkerMessage): void {
    if (message.kind === 'ready') this.#isUp = true
    if (this.#head !== null && message.kind === 'ready') this.#goOn(message.head.hash)
    else if (this.#head !== null && message.kind === 'refused') this.#fail(errorFromWire(message.error))
    else {
      if (message.kind === 'ready') this.#head = message.head.hash
      if (message.kind === 'result') this.#noteCommit(this.#open.get(message.id), message.value)
      if (message.kind === 'result' || message.kind === 'error') this.#open.delete(message.id)
      this.#deliver(message)
    }
  }

  #goOn(head: Uint8Array): void {
    if (equalBytes(head, this.#head!)) {
      this.#options.onRestarted()
      for (const message of this.#open.values()) this.#worker.postMessage(message)
    } else this.#fail(new Error(COMMITTED_UNSAID))
  }

  #noteCommit(call: WorkerCall | undefined, value: unknown): void {
    if (call?.method !== 'finalize' && call?.method !== 'finalizeCandidate') return
    const finalized = value as Result<'finalizeCandidate'>
    if (finalized === 'unknown-candidate' || finalized.receipts === null) return
    this.#restarts = 0
    this.#head = call.method === 'finalize' ? (call.args[0] as Block).hash : (call.args[0] as Uint8Array)
  }

  #exited(code: number): void {
    this.#isUp = false
    const cause = this.#cause ?? new Error(`the execution worker ended with exit code ${code}`)
    this.#cause = null
    const isOver = this.#isClosing || this.#head === null || this.#restarts === MAX_WORKER_RESTARTS
    if (isOver) this.#fail(cause)
    else this.#startAgain(cause)
  }

  #startAgain(cause: Error): void {
    this.#restarts += 1
    this.#options.onRestart(cause)
    // Perhaps what ended the worker was one of these, of which no mark is kept.
    for (const { id, method } of [...this.#open.values()]) {
      if (laneOf(method) !== 'slow') continue
      this.#open.delete(id)
      this.#deliver({ kind: 'error', id, error: errorToWire(cause) })
    }
    this.#worker = this.#started()
  }

  #deliver(message: WorkerMessage): void {
    for (const listener of this.#listeners) listener(message)
  }

  #fail(error: Error): void {
    this.#isClosing = true
    for (const listener of this.#failureListeners) listener(error)
  }
}
