/**
 * The process of a network's first node, begun before the command has loaded what it needs to tell that node what it is: a
 * node loads for longer than the command. It opens, writes and listens to nothing until it is told (processMessages.ts of
 * the node), and is ended where the command comes to nothing.
 *
 * Why it is so: docs/rationale/devnet.md.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  compiledCodeFolder,
  NODE_PROCESS_ENVIRONMENT,
  NODE_PROCESS_OPTIONS,
  nodeProcessEntry,
} from '@touchstone/node/process-program'
import { nodeBinariesVariable } from './nodeProgram.ts'

/** Begun, and not yet taken. */
let early: ChildProcess | null = null

/** For a command line, before anything of the command is loaded. */
export function beginEarlyNode([command, ...words]: readonly string[]): void {
  if (command !== 'up' || words.includes('--help') || words.includes('-h')) return
  // The first node may be another one's.
  if (process.env[nodeBinariesVariable] !== undefined) return
  const child = spawnNode(process.execPath, [], ['ignore', 'pipe', 'pipe', 'ipc'])
  // Where it cannot be started, or ends, the node is started as any other, and that says why.
  child.on('error', dropEarlyNode)
  child.on('exit', dropEarlyNode)
  process.on('exit', endEarlyNode)
  early = child
}

/** Once: it waits for a message that says which configuration is its own. Null where there is none. */
export function takeEarlyNode(): ChildProcess | null {
  const taken = early
  dropEarlyNode()
  return taken
}

/** Where nobody took it. */
export function endEarlyNode(): void {
  early?.kill('SIGKILL')
  dropEarlyNode()
}

function dropEarlyNode(): void {
  early?.off('error', dropEarlyNode)
  early?.off('exit', dropEarlyNode)
  process.off('exit', endEarlyNode)
  early = null
}

/** A node's process; `words` are those of its program. */
export function spawnNode(binary: string, words: readonly string[], stdio: StdioOptions): ChildProcess {
  return spawn(binary, [...NODE_PROCESS_OPTIONS, fileURLToPath(nodeProcessEntry), ...words], {
    stdio,
    windowsHide: true,
    env: { ...NODE_PROCESS_ENVIRONMENT, ...withCompiledCode(process.env) },
  })
}

/** The nodes of a network load the same modules: one compiles them for all. */
function withCompiledCode(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folder = compiledCodeFolder()
  return folder === null ? environment : { NODE_COMPILE_CACHE: folder, ...environment }
}
