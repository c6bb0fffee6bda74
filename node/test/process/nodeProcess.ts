/** A real node process (src/main.ts) on a directory of its own: a validator alone, unless its settings say otherwise. */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toHex } from '../../src/codec/hex.ts'
import type { NodeMessage } from '../../src/processMessages.ts'
import { NODE_PROCESS_OPTIONS } from '../../src/runtime/hostHeap.ts'
import type { Genesis } from '../../src/types/genesis.ts'
import { genesisToJson } from '../../src/types/genesisCodec.ts'
import { FEE_RECIPIENT, genesis, VALIDATOR_SEED } from '../faults/support/killGenesis.ts'

const ENTRY = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Nodes that run for hours write more than a string can hold. Characters. */
const KEPT_OUTPUT = 32 * 1024 * 1024

export interface NodeSettings {
  /** Where config, genesis and data go, unless said otherwise. */
  readonly directory: string
  readonly dataDir?: string
  readonly genesis?: Genesis
  readonly isNew?: boolean
  /** Replaces fields of the configuration file. */
  readonly config?: object
}

export interface NodeProcess {
  readonly child: ChildProcess
  readonly url: string
  /** The node's own listening address with its peer id. */
  readonly p2p: string
  readonly genesisHash: string
  readonly exited: Promise<number | null>
  /** Its output to stdout and stderr; the newest {@link KEPT_OUTPUT} characters at least. */
  output(): string
  stop(): Promise<number | null>
}

/** It ended before it was ready. */
export interface FailedStart {
  readonly exitCode: number | null
  readonly message: string
  readonly output: string
}

/** Writes the files; gives the path of the configuration. */
export function writeNodeFiles(settings: NodeSettings): string {
  const { directory } = settings
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const genesisFile = join(directory, 'genesis.json')
  writeFileSync(genesisFile, JSON.stringify(genesisToJson(settings.genesis ?? genesis)))
  const path = join(directory, 'config.json')
  const config = {
    name: 'node',
    genesisFile,
    dataDir: settings.dataDir ?? join(directory, 'data'),
    engine: 'reference',
    rpc: { host: '127.0.0.1', port: 0 },
    p2p: { host: '127.0.0.1', port: 0, seed: toHex(new Uint8Array(32).fill(5)), bootstrap: [] },
    validatorSeed: toHex(VALIDATOR_SEED),
    validatorIsNew: settings.isNew ?? true,
    feeRecipient: toHex(FEE_RECIPIENT),
    blockTimeMs: null,
    logLevel: 'info',
    ...settings.config,
  }
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
  return path
}

/** @param execArgv options of Node besides those of every test. */
export function startNodeProcess(
  configPath: string,
  execArgv: readonly string[] = [],
): Promise<NodeProcess | FailedStart> {
  const child = fork(ENTRY, [configPath], {
    execArgv: [...NODE_PROCESS_OPTIONS, ...execArgv],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...process.env },
  })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
      if (output.length > 2 * KEPT_OUTPUT) output = output.slice(-KEPT_OUTPUT)
    })
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return new Promise((resolve) => {
    let message = ''
    child.on('message', (said: NodeMessage) => {
      if (said.kind === 'failed') message = said.message
      if (said.kind !== 'ready') return
      resolve({
        child,
        url: `http://127.0.0.1:${said.rpcPort}`,
        p2p: said.p2p[0]!,
        genesisHash: said.genesisHash,
        exited,
        output: () => output,
        stop() {
          if (child.connected) child.send({ kind: 'stop' })
          return exited
        },
      })
    })
    void exited.then((exitCode) => resolve({ exitCode, message, output }))
  })
}

/** @throws Error with what the node said when it did not start. */
export async function startedNode(configPath: string, execArgv: readonly string[] = []): Promise<NodeProcess> {
  const started = await startNodeProcess(configPath, execArgv)
  if ('url' in started) return started
  throw new Error(`the node ended with code ${started.exitCode}: ${started.message}\n${started.output}`)
}

/** @throws Error when it did start. */
export async function refusedStart(configPath: string): Promise<FailedStart> {
  const started = await startNodeProcess(configPath)
  if (!('url' in started)) return started
  await started.stop()
  throw new Error('the node started')
}

/** The result of one JSON-RPC call. @throws Error with the message of an error answer. */
export async function rpc<T>(url: string, method: string, params: readonly unknown[] = []): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const answer = (await response.json()) as { result?: T; error?: { message: string } }
  if (answer.error !== undefined) throw new Error(answer.error.message)
  return answer.result as T
}
