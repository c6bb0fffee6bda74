/** One node as a child process: its config file, its log, and the few messages it exchanges with its parent. */
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import type { BlockNotice, NodeConfigJson, NodeMessage, ParentMessage } from '@touchstone/node'
import { makePrivateDirectory, PRIVATE_FILE_MODE } from '@touchstone/node/private-files'
import { CliError, systemError } from '../output/errors.ts'
import { spawnNode, takeEarlyNode } from './earlyNode.ts'
import { writeJsonFile } from './jsonFile.ts'
import { SNAPSHOT_TIMEOUT_MS } from './limits.ts'
import { lastErrors } from './logTail.ts'
import { movePeers } from './movePeers.ts'
import { nodeProgram } from './nodeProgram.ts'
import type { NodePaths } from './paths.ts'

/** How long a node may take to finish a block and close its database. */
const STOP_TIMEOUT_MS = 15_000
const LOG_LINES_SHOWN = 12
const FIRST = 1

export type NodeReady = Extract<NodeMessage, { kind: 'ready' }>

/** A block as one node has executed it. */
export interface Head {
  readonly number: bigint
  readonly hash: string
  readonly stateRoot: string
  readonly gasUsed: bigint
}

export interface NodeProcess {
  readonly index: number
  readonly pid: number
  readonly ready: NodeReady
  /** Settles when the process is gone, whyever. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** True once `stop` or `kill` was called. */
  readonly stopping: boolean
  /** Hears each block that the node executes from now on. */
  onHead(listener: (head: Head) => void): void
  /**
   * The others are dialled at these multiaddrs from now on. Resolves when the node has no connection left that it made
   * elsewhere and has met the others again, or is gone. @throws CliError when it does not say so in time.
   */
  movePeers(addresses: readonly string[]): Promise<void>
  /** Asks it to stop and waits; kills it when it does not. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  signal(name: NodeJS.Signals): void
}

export interface NodeStart {
  readonly index: number
  readonly paths: NodePaths
  readonly config: NodeConfigJson
  /** Ends the wait, and the process. */
  readonly kill: AbortSignal
  /** JSON-RPC answers; others cannot connect yet. */
  readonly onAnswers?: (() => void) | undefined
}

/** Starts the process, and waits until it answers and others can connect. @throws CliError with the end of its log. */
export async function startNodeProcess(start: NodeStart): Promise<NodeProcess> {
  const { index, paths, config } = start
  makePrivateDirectory(paths.root)
  writeJsonFile(paths.config, config)
  const program = nodeProgram(index)
  const log = openSync(paths.log, 'a', PRIVATE_FILE_MODE)
  const early = index === FIRST ? takeEarlyNode() : null
  const child = early === null ? spawnNode(program.path, [paths.config], ['ignore', log, log, 'ipc']) : early
  if (early === null) closeSync(log)
  else tellEarly(early, paths, log)
  let stopping = false
  // Once all that it printed is in the log, which those who wait for its end read.
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  const startTimeoutMs = Math.max(program.startTimeoutMs, config.sync === 'snapshot' ? SNAPSHOT_TIMEOUT_MS : 0)
  const ready = await untilReady(child, start, startTimeoutMs).catch(async (error: unknown) => {
    // Only then is its database free for the next start.
    await exited
    throw error
  })
  return {
    index,
    pid: child.pid!,
    ready,
    exited,
    get stopping() {
      return stopping
    },
    onHead(listener) {
      child.on('message', (message: NodeMessage) => {
        if (message.kind === 'block') listener(headOf(message))
      })
      // It may have just ended, which is told by its end.
      if (child.connected) child.send({ kind: 'blocks' } satisfies ParentMessage, () => {})
    },
    movePeers: (addresses) => movePeers(child, exited, index, addresses),
    async stop() {
      stopping = true
      if (child.connected) child.send({ kind: 'stop' } satisfies ParentMessage)
      else child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await exited
      clearTimeout(late)
    },
    async kill() {
      stopping = true
      child.kill('SIGKILL')
      await exited
    },
    signal: (name) => void child.kill(name),
  }
}

/** Its process has the log from the start where it is known by then; of this one we have its words, and put them there. */
function tellEarly(child: ChildProcess, paths: NodePaths, log: number): void {
  const write = (text: Uint8Array) => {
    try {
      writeSync(log, text)
    } catch (error) {
      // A full disk: its own log says so, as far as it can.
      if (systemError(error) === null) throw error
    }
  }
  for (const output of [child.stdout, child.stderr]) output?.on('data', write)
  child.once('close', () => closeSync(log))
  child.send({ kind: 'start', configPath: paths.config } satisfies ParentMessage, (error) => {
    // It has just ended, which is told by its end.
    if (error !== null && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
}

function untilReady(
  child: ChildProcess,
  { index, paths, kill, onAnswers }: NodeStart,
  startTimeoutMs: number,
): Promise<NodeReady> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      child.off('error', onError)
      child.off('close', onExit)
      child.off('message', onMessage)
      kill.removeEventListener('abort', onKill)
    }
    const fail = (message: string, more: { readonly hint?: string; readonly lines?: readonly string[] } = {}) => {
      settle()
      child.kill('SIGKILL')
      reject(new CliError(`node ${index} did not start: ${message}`, more))
    }
    const logEnd = () => ({ lines: [`its log (${paths.log}) says:`, ...lastErrors(paths.log, LOG_LINES_SHOWN)] })
    const onKill = () => fail('it was killed before it answered')
    const onError = (error: Error) => fail(error.message)
    const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
      fail(`its process ended (${signal ?? `exit code ${code}`})`, logEnd())
    const onMessage = (message: NodeMessage) => {
      if (message.kind === 'answers') return onAnswers?.()
      if (message.kind === 'failed') return fail(message.message, message.hint === null ? {} : { hint: message.hint })
      if (message.kind !== 'ready') return
      settle()
      resolve(message)
    }
    const timer = setTimeout(() => fail(`no answer within ${startTimeoutMs / 1000} s`, logEnd()), startTimeoutMs)
    kill.addEventListener('abort', onKill)
    child.on('error', onError)
    child.on('close', onExit)
    child.on('message', onMessage)
    if (kill.aborted) onKill()
  })
}

function headOf({ number, hash, stateRoot, gasUsed }: BlockNotice): Head {
  return { number: BigInt(number), hash, stateRoot, gasUsed: BigInt(gasUsed) }
}
