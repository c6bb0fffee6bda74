/**
 * One node's place in a network: its process while there is one, and what was done to it. A node's orders are carried
 * out in the order in which they came, so two terminals cannot start it twice.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeConfigJson } from '@touchstone/node'
import { CliError } from '../output/errors.ts'
import { type Head, type NodeProcess, startNodeProcess } from './nodeProcess.ts'
import type { NodePaths } from './paths.ts'

/** `ended`: by itself, which no node should. */
export type NodeState = 'running' | 'paused' | 'stopped' | 'killed' | 'ended'

/** How long a move waits for what was asked of a node before, a start above all; the command waits longer for both. */
const TURN_TIMEOUT_MS = 60_000

export interface NodeExit {
  readonly index: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly logFile: string
}

/** The things `wipe` deletes besides the chain. */
export interface WipeOptions {
  /** The record of what the validator signed: without it, it abstains until a block made since is decided without it. */
  readonly signer: boolean
  /** Transactions that only this node may know. */
  readonly pool: boolean
}

export interface NodeSlotOptions {
  readonly index: number
  readonly isValidator: boolean
  readonly paths: NodePaths
  /** As it is at each start: who the others are may have changed. */
  readonly config: (isNew: boolean) => Promise<NodeConfigJson>
  readonly onExit: (exit: NodeExit) => void
}

export class NodeSlot {
  readonly index: number
  readonly isValidator: boolean
  readonly paths: NodePaths
  readonly #options: NodeSlotOptions
  #state: NodeState = 'stopped'
  #process: NodeProcess | null = null
  #onHead: ((head: Head) => void) | null = null
  /** While a start is under way. */
  #starting: AbortController | null = null
  #closed = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: NodeSlotOptions) {
    this.index = options.index
    this.isValidator = options.isValidator
    this.paths = options.paths
    this.#options = options
  }

  get state(): NodeState {
    return this.#state
  }

  /** Null when it is not running. */
  get process(): NodeProcess | null {
    return this.#process
  }

  get hasChain(): boolean {
    return existsSync(this.#directory('chain'))
  }

  /** Hears each block that the node executes from now on, also after it was started again. */
  followHeads(onHead: (head: Head) => void): void {
    this.#onHead = onHead
    this.#process?.onHead(onHead)
  }

  /**
   * Resolves when it answers and others can connect. `isNew` at the first start of all: the validator's key has never
   * signed. `onAnswers`: JSON-RPC answers already.
   */
  start(isNew = false, onAnswers?: () => void): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed) throw new CliError('the network is being stopped')
      if (this.#state === 'running') throw this.#already('running', `devnet node stop ${this.index} stops it`)
      if (this.#state === 'paused') throw this.#already('paused', `devnet node resume ${this.index} lets it go on`)
      const starting = new AbortController()
      this.#starting = starting
      const config = await this.#options.config(isNew)
      const { index, paths } = this
      const started = await startNodeProcess({ index, paths, config, kill: starting.signal, onAnswers }).finally(() => {
        this.#starting = null
      })
      this.#process = started
      this.#state = 'running'
      if (this.#onHead !== null) started.onHead(this.#onHead)
      void started.exited.then(({ code, signal }) => {
        if (this.#process !== started) return
        this.#process = null
        if (started.stopping) return
        this.#state = 'ended'
        this.#options.onExit({ index: this.index, code, signal, logFile: this.paths.log })
      })
    })
  }

  /** Asks it to stop and waits: it finishes what it does and closes its databases. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      const running = this.#requireProcess()
      // A paused process cannot hear.
      if (this.#state === 'paused') running.signal('SIGCONT')
      this.#state = 'stopped'
      await running.stop()
      this.#process = null
    })
  }

  /** Ends a start that is under way, and lets none begin. */
  abortStart(): void {
    this.#closed = true
    this.#starting?.abort()
  }

  /** kill -9 and nothing waited for: this process is about to end. */
  abandon(): void {
    this.abortStart()
    this.#process?.signal('SIGKILL')
  }

  /** As `stop`, when the network ends: whatever its state is, and after what was asked of it before. Ends a start. */
  close(): Promise<void> {
    this.abortStart()
    return this.#inTurn(async () => {
      if (this.#state === 'paused') this.#process?.signal('SIGCONT')
      await this.#process?.stop()
    })
  }

  /** kill -9, of a node that is starting too. */
  kill(): Promise<void> {
    const starting = this.#starting
    starting?.abort()
    return this.#inTurn(async () => {
      if (starting !== null && this.#process === null) {
        this.#state = 'killed'
        return
      }
      const running = this.#requireProcess()
      this.#state = 'killed'
      await running.kill()
      this.#process = null
    })
  }

  /** All that was asked of it so far is done, well or not. */
  settled(): Promise<void> {
    return this.#inTurn(async () => {})
  }

  /**
   * As NodeProcess.movePeers, after a start that is under way; nothing is done where it does not run. Nobody waits for the
   * answer but the caller: a node that says nothing can be killed meanwhile.
   * @throws CliError also when a start takes too long; nothing is sent then.
   */
  async movePeers(addresses: () => Promise<readonly string[]>, timeoutMs = TURN_TIMEOUT_MS): Promise<void> {
    let isLate = false
    const { promise: tooLate, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      isLate = true
      const message = `node ${this.index} did not connect through proxies within ${timeoutMs / 1000} s: it is still starting`
      const hint = `nothing was done to a link; repeat it when the node has started, or after devnet node kill ${this.index}`
      reject(new CliError(message, { hint }))
    }, timeoutMs)
    // In an object, as the turn would wait for a promise itself.
    const sent = this.#inTurn(async () => {
      const there = await addresses()
      return { answer: isLate ? undefined : this.#process?.movePeers(there) }
    })
    const { answer } = await Promise.race([sent, tooLate]).finally(() => clearTimeout(timer))
    await answer
  }

  /** SIGSTOP: it hears and says nothing, but its connections stay open. */
  pause(): Promise<void> {
    return this.#inTurn(async () => {
      requirePausing()
      const running = this.#requireProcess()
      if (this.#state === 'paused') throw this.#already('paused', `devnet node resume ${this.index} lets it go on`)
      running.signal('SIGSTOP')
      this.#state = 'paused'
    })
  }

  resume(): Promise<void> {
    return this.#inTurn(async () => {
      requirePausing()
      const running = this.#requireProcess()
      if (this.#state !== 'paused') {
        throw new CliError(`node ${this.index} is not paused`, { hint: 'devnet links shows the state of every node' })
      }
      running.signal('SIGCONT')
      this.#state = 'running'
    })
  }

  /** Stops it, if it runs, and deletes its chain. It stays stopped. */
  async wipe({ signer, pool }: WipeOptions): Promise<void> {
    if (this.#process !== null) await this.stop()
    await this.#inTurn(async () => {
      if (this.#process !== null) throw new CliError(`node ${this.index} was started again meanwhile`)
      for (const name of ['chain', ...(pool ? ['txpool'] : []), ...(signer ? ['signer'] : [])]) {
        rmSync(this.#directory(name), { recursive: true, force: true })
      }
    })
  }

  #requireProcess(): NodeProcess {
    if (this.#process !== null) return this.#process
    const why = this.#state === 'ended' ? 'has ended by itself' : `is ${this.#state}`
    throw new CliError(`node ${this.index} ${why}`, { hint: `devnet node start ${this.index} starts it` })
  }

  #already(state: string, hint: string): CliError {
    return new CliError(`node ${this.index} is ${state} already`, { hint })
  }

  #directory(name: string): string {
    return join(this.paths.root, name)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

/** @throws CliError where the system has no way to pause a process. */
export function requirePausing(): void {
  if (process.platform !== 'win32') return
  throw new CliError('this system cannot pause a process', {
    hint: 'kill or stop the node instead, or cut its links with devnet partition',
  })
}
