/** One node as a child process: its config file, its log, and the few messages it exchanges with its parent. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  compiledCodeFolder,
  NODE_PROCESS_OPTIONS,
  type NodeConfigJson,
  type NodeMessage,
  nodeProcessEntry,
} from '@touchstone/node'
import { makePrivateDirectory, PRIVATE_FILE_MODE } from '@touchstone/node/private-files'
import { CliError } from '../output/errors.ts'
import { writeJsonFile } from './jsonFile.ts'
import { SNAPSHOT_TIMEOUT_MS } from './limits.ts'
import { lastErrors } from './logTail.ts'
import { nodeProgram } from './nodeProgram.ts'
import type { NodePaths } from './paths.ts'

/** How long a node may take to finish a block and close its database. */
const STOP_TIMEOUT_MS = 15_000
const LOG_LINES_SHOWN = 12

export type NodeReady = Extract<NodeMessage, { kind: 'ready' }>

export interface NodeProcess {
  readonly index: number
  readonly pid: number
  readonly ready: NodeReady
  /** Settles when the process is gone, whyever. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** True once `stop` or `kill` was called. */
  readonly stopping: boolean
  /** Asks it to stop and waits; kills it when it does not. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  signal(name: NodeJS.Signals): void
}

/** The nodes of a network load the same modules: one compiles them for all. */
function withCompiledCode(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folder = compiledCodeFolder()
  return folder === null ? environment : { NODE_COMPILE_CACHE: folder, ...environment }
}

/** Starts the process and waits until it answers; `kill` ends the wait and it. @throws CliError with the end of its log. */
export async function startNodeProcess(
  index: number,
  paths: NodePaths,
  config: NodeConfigJson,
  kill: AbortSignal,
): Promise<NodeProcess> {
  makePrivateDirectory(paths.root)
  writeJsonFile(paths.config, config)
  const program = nodeProgram(index)
  const log = openSync(paths.log, 'a', PRIVATE_FILE_MODE)
  const child = spawn(program.path, [...NODE_PROCESS_OPTIONS, fileURLToPath(nodeProcessEntry), paths.config], {
    stdio: ['ignore', log, log, 'ipc'],
    windowsHide: true,
    env: withCompiledCode(process.env),
  })
  closeSync(log)
  let stopping = false
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  const startTimeoutMs = Math.max(program.startTimeoutMs, config.sync === 'snapshot' ? SNAPSHOT_TIMEOUT_MS : 0)
  const ready = await untilReady(child, index, paths, startTimeoutMs, kill).catch(async (error: unknown) => {
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
    async stop() {
      stopping = true
      if (child.connected) child.send({ kind: 'stop' })
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

function untilReady(
  child: ChildProcess,
  index: number,
  paths: NodePaths,
  startTimeoutMs: number,
  kill: AbortSignal,
): Promise<NodeReady> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      child.off('error', onError)
      child.off('exit', onExit)
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
      if (message.kind === 'failed') return fail(message.message, message.hint === null ? {} : { hint: message.hint })
      settle()
      resolve(message)
    }
    const timer = setTimeout(() => fail(`no answer within ${startTimeoutMs / 1000} s`, logEnd()), startTimeoutMs)
    kill.addEventListener('abort', onKill)
    child.on('error', onError)
    child.on('exit', onExit)
    child.on('message', onMessage)
    if (kill.aborted) onKill()
  })
}
