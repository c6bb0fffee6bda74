/** The ready file: what a running network looks like to scripts (`--config-out`) and to the other devnet commands. */
import { readJsonFile } from './jsonFile.ts'
import type { NodeState } from './nodeSlot.ts'
import type { NetworkPaths } from './paths.ts'

export interface ReadyNode {
  /** 1 for the first node. */
  readonly index: number
  /** http:// URL of JSON-RPC. */
  readonly rpc: string
  /** ws:// URL of the same server. */
  readonly ws: string
  /** http:// URL of the metrics; null where none are kept. */
  readonly metrics: string | null
  /** Multiaddr with peer id. */
  readonly p2p: string
  readonly engine: string
  /** False for a node that only follows. */
  readonly validator: boolean
  /** Public key that it votes with, 0x and 64 hex digits; null for a node that only follows. */
  readonly validatorKey: string | null
  readonly state: NodeState
  /** Null while it does not run. */
  readonly pid: number | null
  readonly dataDir: string
  readonly logFile: string
}

export interface ReadyFile {
  readonly chainId: number
  readonly genesisHash: string
  /** Whether its nodes take dev controls (docs/protocol/dev.md). */
  readonly dev: boolean
  /** Process that runs the network. */
  readonly runner: number
  readonly mnemonic: string
  readonly accounts: readonly { readonly address: string; readonly privateKey: string }[]
  /** Groups that hear nothing of each other, of node numbers; those not named are one more. Null: no partition. */
  readonly partition: readonly (readonly number[])[] | null
  readonly nodes: readonly ReadyNode[]
}

/** Null when no network runs in the directory, or the file is left over from one that was killed. */
export function readRunning(paths: NetworkPaths): ReadyFile | null {
  const ready = readJsonFile(paths.running) as ReadyFile | null
  if (ready === null || !Array.isArray(ready.nodes) || !ready.nodes.every(isReadyNode)) return null
  return [ready.runner, ...ready.nodes.map(({ pid }) => pid)].some(isAlive) ? ready : null
}

function isReadyNode(node: Partial<ReadyNode> | null): boolean {
  return node !== null && Number.isInteger(node.index) && typeof node.rpc === 'string'
}

/** Whether a process of that id runs, of any user. */
export function isAlive(pid: number | null | undefined): boolean {
  if (!Number.isInteger(pid) || pid! <= 0) return false
  try {
    process.kill(pid!, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
