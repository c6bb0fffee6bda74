/** The devnet command in tests of networks: its command line in this process, or as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runInProcess } from '../../src/testing/runInProcess.ts'

/** As it is installed: with compiled code that is kept, which halves what a command takes. */
export const cli = fileURLToPath(new URL('../../bin/devnet.js', import.meta.url))
export const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** One at a time, as what it prints is this process's. */
export async function devnet(...args: string[]): Promise<Result> {
  const { code, out, err } = await runInProcess(...args)
  return { code, stdout: out, stderr: err }
}

export function devnetProcess(...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Uint8Array) => {
      stdout += new TextDecoder().decode(chunk)
    })
    child.stderr.on('data', (chunk: Uint8Array) => {
      stderr += new TextDecoder().decode(chunk)
    })
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

export function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => (child.exitCode !== null ? resolve(child.exitCode) : child.on('exit', resolve)))
}
