/** Asks every node where it stands and whether they all hold the same chain. */
import { numberToHex } from 'viem'
import type { ReadyNode } from './readyFile.ts'

const answerTimeoutMs = 5_000

export interface EvidenceCount {
  /** Index in the validator set. */
  readonly validator: number
  readonly publicKey: string
  readonly count: number
}

export interface NodeStanding {
  readonly index: number
  readonly height: number | null
  readonly hash: string | null
  readonly stateRoot: string | null
  readonly peers: number | null
  readonly round: number | null
  /** What the node has seen validators sign twice. */
  readonly evidence: readonly EvidenceCount[]
  /** Consensus has stopped there: why; null when it has not. */
  readonly halted: string | null
  /** Why there are no figures; null when the node answered. */
  readonly error: string | null
}

export interface Disagreement {
  readonly height: number
  /** By node. */
  readonly blocks: readonly { readonly index: number; readonly hash: string; readonly stateRoot: string }[]
}

export interface Agreement {
  /** True when every node answered, and all hold the same block at the greatest height they share. */
  readonly agree: boolean
  readonly nodes: readonly NodeStanding[]
  readonly disagreement: Disagreement | null
}

interface BlockFields {
  readonly hash: string
  readonly stateRoot: string
}

/** What touchstone_status answers; numbers as 0x quantities or plain. */
interface StatusFields extends BlockFields {
  readonly height: string | number
  readonly peers: string | number
  readonly round: string | number
  readonly evidence: readonly EvidenceCount[]
  readonly halted: { readonly reason: string } | null
}

export async function compareNodes(nodes: readonly ReadyNode[]): Promise<Agreement> {
  const standings = await Promise.all(nodes.map(standing))
  const answering = nodes.filter((_, position) => standings[position]!.error === null)
  const heights = standings.flatMap(({ height }) => (height === null ? [] : [height]))
  if (answering.length === 0) return { agree: false, nodes: standings, disagreement: null }
  const shared = Math.min(...heights)
  const blocks = await Promise.all(
    answering.map(async (node) => {
      const { hash, stateRoot } = (await request(node.rpc, 'eth_getBlockByNumber', [
        numberToHex(shared),
        false,
      ])) as BlockFields
      return { index: node.index, hash, stateRoot }
    }),
  )
  const same = blocks.every(({ hash, stateRoot }) => hash === blocks[0]!.hash && stateRoot === blocks[0]!.stateRoot)
  return {
    agree: same && answering.length === nodes.length,
    nodes: standings,
    disagreement: same ? null : { height: shared, blocks },
  }
}

async function standing(node: ReadyNode): Promise<NodeStanding> {
  try {
    const status = (await request(node.rpc, 'touchstone_status', [])) as StatusFields
    return {
      index: node.index,
      height: Number(status.height),
      hash: status.hash,
      stateRoot: status.stateRoot,
      peers: Number(status.peers),
      round: Number(status.round),
      evidence: status.evidence,
      halted: status.halted?.reason ?? null,
      error: null,
    }
  } catch (error) {
    return {
      index: node.index,
      height: null,
      hash: null,
      stateRoot: null,
      peers: null,
      round: null,
      evidence: [],
      halted: null,
      error: describeFailure(error),
    }
  }
}

async function request(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(answerTimeoutMs),
  })
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } }
  if (error !== undefined) throw new Error(error.message)
  return result
}

function describeFailure(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause?.code
  if (cause === 'ECONNREFUSED') return 'not running'
  return error instanceof Error ? error.message : String(error)
}
