/** Real node processes for tests: configured, started, asked over JSON-RPC, and stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { toHex } from '../../src/codec/hex.ts'
import type { NodeConfigJson } from '../../src/config.ts'
import type { NodeMessage } from '../../src/processMessages.ts'

export interface NodeProcess {
  readonly genesisHash: string
  readonly p2p: readonly string[]
  readonly dataDir: string
  log(): string
  /** The result. @throws Error with the message of a JSON-RPC error. */
  ask<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>
}

export class NodeProcesses {
  readonly #folder = mkdtempSync(join(tmpdir(), 'touchstone-nodes-'))
  readonly #genesisFile = join(this.#folder, 'genesis.json')
  readonly #running = new Set<ChildProcess>()

  constructor(genesis: object) {
    writeFileSync(this.#genesisFile, JSON.stringify(genesis))
  }

  /** `name` is its directory too: a node of the same name goes on where the last one stopped. */
  async start(name: string, fill: number, more: Partial<NodeConfigJson>, bootstrap: readonly string[] = []) {
    const dataDir = join(this.#folder, name)
    mkdirSync(dataDir, { recursive: true })
    const p2p = { host: '127.0.0.1', port: 0, seed: toHex(new Uint8Array(32).fill(fill)), bootstrap: [...bootstrap] }
    const config = {
      name,
      genesisFile: this.#genesisFile,
      dataDir,
      engine: 'reference',
      rpc: { host: '127.0.0.1', port: 0 },
      p2p,
      validatorSeed: null,
      validatorIsNew: true,
      feeRecipient: toHex(new Uint8Array(20).fill(fill)),
      blockTimeMs: null,
      logLevel: 'info',
      ...more,
    } satisfies Partial<NodeConfigJson>
    const path = join(dataDir, 'config.json')
    writeFileSync(path, JSON.stringify(config))
    const main = join(import.meta.dirname, '../../src/main.ts')
    const child = spawn(process.execPath, [main, path], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    this.#running.add(child)
    let log = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
    const [message] = (await once(child, 'message')) as [NodeMessage]
    if (message.kind !== 'ready')
      throw new Error(`${name} did not start: ${message.kind === 'failed' ? message.message : ''}`)
    const { rpcPort, genesisHash } = message
    return {
      genesisHash,
      p2p: message.p2p,
      dataDir,
      log: () => log,
      ask: (method, ...params) => ask(rpcPort, method, params),
      stop: async () => {
        const exit = once(child, 'exit')
        child.kill('SIGTERM')
        const [code] = (await exit) as [number | null]
        this.#running.delete(child)
        return code
      },
    } as NodeProcess
  }

  dispose(): void {
    for (const child of this.#running) child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function ask<T>(port: number, method: string, params: readonly unknown[]): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body })
  const answer = (await response.json()) as { result: T; error?: { message: string } }
  if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
  return answer.result
}

/** Waits until `done`, looking ten times a second. */
export async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 100))
}
