/**
 * Real node processes of one network for tests: each with a directory that outlives it, asked over JSON-RPC, and stopped.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '../../src/codec/hex.ts'
import type { NodeConfigJson } from '../../src/config.ts'
import type { Genesis } from '../../src/types/genesis.ts'
import { parseGenesis } from '../../src/types/genesisCodec.ts'
import { type NodeProcess, rpc, startedNode, writeNodeFiles } from './nodeProcess.ts'

export interface NetworkNode {
  readonly genesisHash: string
  readonly p2p: string
  readonly dataDir: string
  log(): string
  /** The result. @throws Error with the message of a JSON-RPC error. */
  ask<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>
}

/** The genesis, as JSON, of the chain of a test: 30 million gas a block, 1 gwei, with these validators and accounts. */
export function processGenesis(validators: readonly object[], alloc: Readonly<Record<string, object>> = {}): object {
  return {
    chainId: '0x7a69',
    timestamp: '0x6553f100',
    gasLimit: '0x1c9c380',
    baseFeePerGas: '0x3b9aca00',
    schedule: 'touchstone/1',
    validators,
    alloc,
  }
}

export class NodeProcesses {
  readonly #folder = mkdtempSync(join(tmpdir(), 'touchstone-nodes-'))
  readonly #genesis: Genesis
  readonly #running = new Set<NodeProcess>()

  /** `genesis`: as JSON. */
  constructor(genesis: object) {
    this.#genesis = parseGenesis(genesis)
  }

  /** `name` is its directory too: a node of the same name goes on where the last one stopped. */
  async start(
    name: string,
    fill: number,
    more: Partial<NodeConfigJson>,
    bootstrap: readonly string[] = [],
  ): Promise<NetworkNode> {
    const dataDir = join(this.#folder, name)
    const p2p = { host: '127.0.0.1', port: 0, seed: toHex(new Uint8Array(32).fill(fill)), bootstrap }
    const feeRecipient = toHex(new Uint8Array(20).fill(fill))
    const config = { name, p2p, validatorSeed: null, feeRecipient, ...more }
    const node = await startedNode(writeNodeFiles({ directory: dataDir, dataDir, genesis: this.#genesis, config }))
    this.#running.add(node)
    return {
      genesisHash: node.genesisHash,
      p2p: node.p2p,
      dataDir,
      log: node.output,
      ask: (method, ...params) => rpc(node.url, method, params),
      stop: () => {
        node.child.kill('SIGTERM')
        this.#running.delete(node)
        return node.exited
      },
    }
  }

  dispose(): void {
    for (const { child } of this.#running) child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Waits until `done`, looking ten times a second. */
export async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 100))
}
