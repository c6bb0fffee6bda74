/** The servers that are compared, and how each is started. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Hex } from 'viem'
import type { Rivals } from './rivals.ts'

const DEVNET = fileURLToPath(new URL('../../bin/devnet.js', import.meta.url))
const NULL_SERVER = fileURLToPath(new URL('nullServer.ts', import.meta.url))
const STOP_TIMEOUT_MS = 10_000

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

/** @param home where programs that look for a project find theirs */
export function start(subject: Subject, port: number, home: string): Running {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-rpc-'))
  const [program, ...args] = subject.command(port, folder)
  const child = spawn(program, args, { cwd: home, stdio: 'ignore' })
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}
