/** Asks every node where it stands and whether they all hold the same chain. */
import { numberToHex } from 'viem'
import { ask, RpcRefusal } from './nodeRpc.ts'
import type { ReadyNode } from './readyFile.ts'

/** JSON-RPC error: older than the snapshot the node began with (docs/protocol/rpc.md). */
const historyUnavailable = 4444

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
  /** Of the newest block, Unix seconds. */
  readonly timestamp: bigint | null
  /** The node's own time, Unix seconds. */
  readonly clock: bigint | null
  /** Transactions that could be in the next block. */
  readonly pending: number
  /** Whether a height is being decided, as opposed to waiting for work. */
  readonly deciding: boolean
  /** What the node has seen validators sign twice. */
  readonly evidence: readonly EvidenceCount[]
  /** A validator that does not vote: it has lost its record of what it signed, and waits until that is safe. */
  readonly abstaining: boolean
  /** Hashes of transactions that the node could not execute, and neither proposes nor takes until a person releases them. */
  readonly setAside: readonly string[]
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
  /** True when every node answered, and all hold the same block at the height of the one furthest behind. */
  readonly agree: boolean
  /** Those that have no block so old, as they began with a later snapshot: compared once the others have caught up. */
  readonly notCompared: readonly number[]
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
  readonly step: string
  readonly timestamp: string
  readonly clock: string
  readonly txpool: { readonly pending: number }
  readonly evidence: readonly EvidenceCount[]
  readonly abstaining: boolean
  readonly setAside: readonly { readonly hash: string }[]
  readonly halted: { readonly reason: string } | null
}

export async function compareNodes(nodes: readonly ReadyNode[]): Promise<Agreement> {
  const standings = await Promise.all(nodes.map(standing))
  const answering = nodes.filter((_, position) => standings[position]!.error === null)
  const heights = standings.flatMap(({ height }) => (height === null ? [] : [height]))
  if (answering.length === 0) return { agree: false, notCompared: [], nodes: standings, disagreement: null }
  const shared = Math.min(...heights)
  const shown = await Promise.all(answering.map((node) => blockOf(node, shared)))
  const blocks = shown.filter((block) => block !== null)
  const notCompared = answering.filter((_, position) => shown[position] === null).map(({ index }) => index)
  const same = blocks.every(({ hash, stateRoot }) => hash === blocks[0]!.hash && stateRoot === blocks[0]!.stateRoot)
  return {
    agree: same && blocks.length === nodes.length,
    notCompared,
    nodes: standings,
    disagreement: same ? null : { height: shared, blocks },
  }
}

/** Null when the node began with a later snapshot. */
async function blockOf(node: ReadyNode, height: number): Promise<Disagreement['blocks'][number] | null> {
  try {
    const { hash, stateRoot } = (await ask(node, 'eth_getBlockByNumber', [numberToHex(height), false])) as BlockFields
    return { index: node.index, hash, stateRoot }
  } catch (error) {
    if (error instanceof RpcRefusal && error.code === historyUnavailable) return null
    throw error
  }
}

/** Never rejects. */
export async function standing(node: ReadyNode): Promise<NodeStanding> {
  try {
    const status = (await ask(node, 'touchstone_status', [])) as Partial<StatusFields> | null
    if (!isStatus(status)) throw new Error('it answered touchstone_status with something else')
    return {
      index: node.index,
      height: Number(status.height),
      hash: status.hash,
      stateRoot: status.stateRoot,
      peers: Number(status.peers),
      round: Number(status.round),
      timestamp: BigInt(status.timestamp),
      clock: BigInt(status.clock),
      pending: status.txpool.pending,
      deciding: status.step !== 'waiting' && status.step !== 'halted',
      evidence: status.evidence,
      abstaining: status.abstaining,
      setAside: status.setAside.map(({ hash }) => hash),
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
      timestamp: null,
      clock: null,
      pending: 0,
      deciding: false,
      evidence: [],
      abstaining: false,
      setAside: [],
      halted: null,
      error: describeFailure(error),
    }
  }
}

/** The port of a node that ended may be another program's by now. */
function isStatus(status: Partial<StatusFields> | null): status is StatusFields {
  if (status === null) return false
  const { height, hash, stateRoot, evidence, halted, timestamp, clock, txpool } = status
  const isQuantity = (typeof height === 'string' || typeof height === 'number') && Number.isSafeInteger(Number(height))
  const hasTimes = [timestamp, clock].every((time) => typeof time === 'string' && /^0x[0-9a-f]{1,16}$/.test(time))
  const isHalt = halted === null || typeof halted?.reason === 'string'
  if (!hasTimes || !Number.isSafeInteger(txpool?.pending)) return false
  return isQuantity && typeof hash === 'string' && typeof stateRoot === 'string' && Array.isArray(evidence) && isHalt
}

function describeFailure(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause?.code
  if (cause === 'ECONNREFUSED') return 'not running'
  return error instanceof Error ? error.message : String(error)
}
