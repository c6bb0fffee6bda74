/** The servers that are compared, and how each is started. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Hex } from 'viem'
import { networkPaths } from '../../src/network/paths.ts'
import { type ReadyNode, readRunning } from '../../src/network/readyFile.ts'
import type { Rivals } from './rivals.ts'

const DEVNET = fileURLToPath(new URL('../../bin/devnet.js', import.meta.url))
const NULL_SERVER = fileURLToPath(new URL('nullServer.ts', import.meta.url))
const EXAMPLES = join(import.meta.dirname, '../../../contracts/examples')
const STOP_TIMEOUT_MS = 10_000
const READY_TIMEOUT_MS = 60_000
const READY_POLL_MS = 200

export interface Subject {
  readonly name: string
  /** The token's bytecode for this chain; null: it takes anything, as it does nothing. */
  readonly token: Hex | null
  readonly command: (port: number, folder: string) => readonly [program: string, ...args: string[]]
}

export interface Running {
  readonly pid: number
  /** Its data, deleted when it stops. */
  readonly folder: string
  stop(): Promise<void>
}

export interface OwnOptions {
  readonly engine: string
  readonly token: Hex
}

export function ownSubject(nodes: number, { engine, token }: OwnOptions): Subject {
  const words = [DEVNET, 'up', '--nodes', `${nodes}`, '--engine', engine]
  return {
    name: nodes === 1 ? 'one node' : `${nodes} nodes`,
    token,
    command: (port, folder) => [process.execPath, ...words, '--port', `${port}`, '--data', folder],
  }
}

export function rivalSubjects({ anvil, hardhat, token }: Rivals): Subject[] {
  const subjects: Subject[] = []
  if (anvil !== null) {
    subjects.push({ name: 'anvil', token, command: (port) => [anvil, '--port', `${port}`, '--silent'] })
  }
  if (hardhat !== null) {
    const command = (port: number): [string, ...string[]] => [process.execPath, hardhat, 'node', '--port', `${port}`]
    subjects.push({ name: 'hardhat', token, command })
  }
  return subjects
}

export const nullSubject: Subject = {
  name: 'null server',
  token: null,
  command: (port) => [process.execPath, NULL_SERVER, `${port}`],
}

/** @param home where programs that look for a project find theirs; `words` stand behind the command's own */
export function start(subject: Subject, port: number, home: string, words: readonly string[] = []): Running {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-rpc-'))
  const [program, ...args] = subject.command(port, folder)
  const child = spawn(program, [...args, ...words], { cwd: home, stdio: 'ignore' })
  if (child.pid === undefined) throw new Error(`${program} could not be started`)
  return {
    pid: child.pid,
    folder,
    async stop() {
      await end(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Of one of our networks: its own list, once all of them run. */
export async function nodesOf({ folder }: Running): Promise<readonly ReadyNode[]> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  for (;;) {
    const ready = readRunning(networkPaths(folder))
    if (ready !== null) return ready.nodes
    if (performance.now() > deadline) throw new Error('the network does not say where its nodes are')
    await sleep(READY_POLL_MS)
  }
}

/** Builds the examples where they are not built. @returns the bytecode of our token */
export function builtToken(): Hex {
  const build = spawnSync(process.execPath, [join(EXAMPLES, '../src/builder/cli.ts')])
  if (build.status !== 0) throw new Error('the example contracts do not build: npm run build says why')
  return (JSON.parse(readFileSync(join(EXAMPLES, 'token/build/Token.json'), 'utf8')) as { bytecode: Hex }).bytecode
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}
