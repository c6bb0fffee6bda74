/** An execution that is debugged, in a thread of its own: what commands and the debug adapter talk to. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { bytesToHex, getAddress, type Hex } from 'viem'
import { readDeployments } from '../contracts/deployments.ts'
import { describeFailure } from '../contracts/failure.ts'
import { type Known, knownContracts } from '../contracts/knownContracts.ts'
import type { Connection } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import type { DebugTask } from './debugTask.ts'
import { DEBUG_HEAP_MB, DEBUG_STACK_MB } from './limits.ts'
import type { AnswerTo, Move, Outcome, Question, Stop } from './protocol.ts'
import { FLAGS, type FromThread, type ThreadTask, type ToThread } from './threadMessages.ts'

export interface DebugListener {
  /** It runs on, and is so far. */
  onProgress?(step: number): void
  /** Nobody waits for it any more. */
  readonly givenUp?: AbortSignal
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

export class DebugThread {
  readonly title: string
  readonly known: Known
  outcome: Outcome = { kind: 'success', gasUsed: 0n, message: null, revertData: null }
  /** Instructions of the whole. */
  steps = 0
  hasFault = false
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #flags = new Int32Array(new SharedArrayBuffer(8))
  readonly #listener: DebugListener
  /** Null of a creation. */
  readonly #receiver: Hex | null
  /** Those that wait, in the order of what was asked. */
  readonly #stops: Waiting[] = []
  readonly #answers: Waiting[] = []
  #failure: unknown = null

  private constructor({ task, title }: DebugTask, connection: Connection, known: Known, listener: DebugListener) {
    this.title = title
    this.known = known
    this.#listener = listener
    const { to } = task.subject.kind === 'call' ? task.subject.message : task.subject.transaction.transaction
    this.#receiver = to === null || to === undefined ? null : getAddress(bytesToHex(to))
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    const data: ThreadTask = {
      ...{ task, names: namesOf(connection, known), flags: this.#flags },
      deployments: readDeployments(connection.paths).map(({ abi: _abi, ...rest }) => rest),
    }
    this.#worker = new Worker(new URL('./debugWorker.ts', import.meta.url), {
      workerData: { ...data, port: port2 },
      transferList: [port2],
      resourceLimits: { stackSizeMb: DEBUG_STACK_MB, maxOldGenerationSizeMb: DEBUG_HEAP_MB },
    })
    this.#worker.on('message', (message: FromThread) => this.#hear(message))
    // Out of memory, or what a node told that no chain has: whoever only wanted to say more goes on without.
    this.#worker.on('error', (error) =>
      this.#fail(failed(error instanceof Error ? error.message : String(error), error)),
    )
    this.#worker.on('exit', (code) => this.#fail(failed(`its thread ended with exit code ${code}`)))
  }

  /**
   * Executes it once, and stops where it failed, or at its first line.
   * @throws CliError when it comes out otherwise than on the node.
   */
  static async start(
    debugTask: DebugTask,
    connection: Connection,
    listener: DebugListener = {},
  ): Promise<{ readonly thread: DebugThread; readonly stop: Stop }> {
    const thread = new DebugThread(debugTask, connection, knownContracts(connection), listener)
    const { givenUp } = listener
    givenUp?.addEventListener('abort', () => thread.#fail(givenUp.reason), { once: true })
    if (givenUp?.aborted === true) thread.#fail(givenUp.reason)
    try {
      const stop = await thread.#nextStop()
      thread.#compare(debugTask.expected)
      return { thread, stop }
    } catch (error) {
      await thread.end()
      throw error
    }
  }

  /** One move at a time. */
  move(move: Move): Promise<Stop> {
    Atomics.store(this.#flags, FLAGS.pause, 0)
    const stop = this.#nextStop()
    this.#send({ kind: 'move', move })
    return stop
  }

  /** A question about where it stands is answered once it stands. */
  ask<Q extends Question>(question: Q): Promise<AnswerTo<Q>> {
    const answer = this.#wait<AnswerTo<Q>>(this.#answers)
    this.#send({ kind: 'ask', question })
    return answer
  }

  /** Stops it where it is, within some thousand instructions. */
  pause(): void {
    Atomics.store(this.#flags, FLAGS.pause, 1)
  }

  async end(): Promise<void> {
    this.#port.close()
    await this.#worker.terminate()
  }

  #nextStop(): Promise<Stop> {
    return this.#wait<Stop>(this.#stops)
  }

  #wait<T>(queue: Waiting[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure)
      queue.push({ resolve: (value) => resolve(value as T), reject })
    })
  }

  #send(message: ToThread): void {
    this.#port.postMessage(message)
    Atomics.add(this.#flags, FLAGS.sent, 1)
    Atomics.notify(this.#flags, FLAGS.sent)
  }

  #hear(message: FromThread): void {
    switch (message.kind) {
      case 'prepared':
        this.outcome = message.outcome
        this.steps = message.steps
        this.hasFault = message.hasFault
        return
      case 'stop':
        this.#stops.shift()?.resolve(this.#named(message.stop))
        return
      case 'answer':
        this.#answers.shift()?.resolve(message.answer)
        return
      case 'progress':
        this.#listener.onProgress?.(message.step)
        return
      case 'refused':
        this.#fail(new CliError(message.message))
        return
    }
  }

  /** With the name and the arguments of a custom error, where an ABI has it. */
  #named(stop: Stop): Stop {
    const { kind, message, revertData } = this.outcome
    if (kind !== 'revert' || message === null || stop.words !== message) return stop
    const target = this.known.contracts.find(({ address }) => address === this.#receiver) ?? null
    const attempt = { what: this.title, known: this.known, target, item: null, value: 0n }
    return { ...stop, words: describeFailure(attempt, message, revertData) }
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    for (const queue of [this.#stops, this.#answers]) {
      for (const { reject } of queue.splice(0)) reject(this.#failure)
    }
  }

  #compare({ gasUsed, isSuccess }: DebugTask['expected']): void {
    const { outcome } = this
    if (outcome.gasUsed === gasUsed && (outcome.kind === 'success') === isSuccess) return
    const words = (success: boolean, gas: bigint) => `${success ? 'succeeds' : 'fails'} with ${groupDigits(gas)} gas`
    const here = words(outcome.kind === 'success', outcome.gasUsed)
    throw new CliError(`executed here, ${this.title} ${here}; on the node it ${words(isSuccess, gasUsed)}`, {
      hint: 'is the node of the same version as this command?',
    })
  }
}

function failed(why: string, cause?: unknown): CliError {
  return new CliError(`it cannot be executed here: ${why}`, cause === undefined ? {} : { cause })
}

function namesOf({ accounts, paths }: Connection, { nameOf, contracts }: Known): ReadonlyMap<string, string> {
  const addresses = [
    ...contracts.map(({ address }) => address),
    ...accounts.map(({ address }) => address),
    ...readDeployments(paths).map(({ address }) => address),
  ]
  return new Map(addresses.map((address) => [address.toLowerCase(), nameOf(address) ?? address]))
}
