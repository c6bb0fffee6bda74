/** Asks every node where it stands and whether they all hold the same chain. */
import { type NodeDivergence, readDivergence } from './divergence.ts'
import { ask, RpcRefusal } from './nodeRpc.ts'
import type { ReadyFile, ReadyNode } from './readyFile.ts'
import { type Voter, votersOf } from './voters.ts'

/** JSON-RPC error: older than the snapshot the node began with (docs/protocol/rpc.md). */
const HISTORY_UNAVAILABLE = 4444
const ANSWER_TIMEOUT_MS = 5_000

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
  /** Seconds that dev controls put blocks ahead of the clock; null while they set times, and where it says nothing. */
  readonly timeAhead: bigint | null
  /** Transactions that could be in the next block; null of a node that says nothing. */
  readonly pending: number | null
  /** Whether a block is to be made for something; null of a node that says nothing of it. */
  readonly wantsBlock: boolean | null
  /** Whether a height is being decided, as opposed to waiting for work; null of a node that says nothing. */
  readonly deciding: boolean | null
  /** The double signing that the node has seen. */
  readonly evidence: readonly EvidenceCount[]
  /** A validator that does not vote: it lost its record of what it signed and waits until that is safe, or has a twin. */
  readonly abstaining: boolean
  /** Whether the node's key has a vote at this height; null of a node that says nothing. */
  readonly hasVote: boolean | null
  /**
   * Those who have to decide, as the node that is furthest says, where not all nodes that began as validators vote or
   * hear each other; null of every other node, and where all do.
   */
  readonly voters: readonly Voter[] | null
  /** A message that another node signed with this validator's key; null when there is none, or it says nothing of it. */
  readonly twin: { readonly height: number; readonly round: number; readonly step: string } | null
  /** Hashes of transactions that the node could not execute, and neither proposes nor takes until a person releases them. */
  readonly setAside: readonly string[]
  /** Consensus has stopped there: why; null when it has not. */
  readonly halted: string | null
  /** A block that came out otherwise there than its header says; null when there is none. */
  readonly divergence: NodeDivergence | null
  /** Why there are no figures: what was done to the node, or that it does not answer; null when it did. */
  readonly error: string | null
}

export interface Disagreement {
  readonly height: number
  /** By node. */
  readonly blocks: readonly { readonly index: number; readonly hash: string; readonly stateRoot: string }[]
}

export interface Agreement {
  /** True when every node answered, and all have the same block at `comparedAt`, which is above 0. */
  readonly agree: boolean
  /** Height of the furthest behind of the compared; 0 when there is no block but the genesis; null when none answered. */
  readonly comparedAt: number | null
  /** Nodes that have shown the same block there, unless there is a disagreement. */
  readonly compared: readonly number[]
  /**
   * Those that have answered and could not be compared: at height 0 while others have blocks, or they began with a later
   * snapshot.
   */
  readonly notCompared: readonly number[]
  readonly nodes: readonly NodeStanding[]
  /** The lowest that was found. */
  readonly disagreement: Disagreement | null
}

interface BlockFields {
  readonly hash: string
  readonly stateRoot: string
}

/** The answer of touchstone_status; numbers as 0x quantities or plain. */
interface StatusFields extends BlockFields {
  readonly height: string | number
  readonly peers: string | number
  readonly round: string | number
  readonly step: string
  readonly timestamp: string
  readonly clock: string
  readonly timeAhead: number | null
  readonly txpool: { readonly pending: number }
  /** Absent in answers of earlier versions. */
  readonly wantsBlock?: boolean
  readonly evidence: readonly EvidenceCount[]
  readonly abstaining: boolean
  readonly isValidator: boolean
  /** Absent in answers of earlier versions. */
  readonly twin?: { readonly height: string; readonly round: number; readonly step: string } | null
  readonly setAside: readonly { readonly hash: string }[]
  readonly halted: { readonly reason: string } | null
}

/** `partition`: as the ready file has it. */
export async function compareNodes(
  nodes: readonly ReadyNode[],
  partition: ReadyFile['partition'] = null,
): Promise<Agreement> {
  const standings = await standingsOf(nodes, partition)
  const all = nodes.flatMap((node, position) => {
    const { height } = standings[position]!
    return height === null ? [] : [{ node, height }]
  })
  // A node that stands at the genesis says nothing about blocks.
  const highest = Math.max(0, ...all.map(({ height }) => height))
  const answering = all.filter(({ height }) => height > 0 || highest === 0)
  const heights = [...new Set(answering.map(({ height }) => height))].sort((a, b) => a - b)
  const [comparedAt = null] = heights
  let atLowest: Disagreement['blocks'] = []
  let disagreement: Disagreement | null = null
  // Not only at the lowest: the others may part above one that is behind.
  for (const height of heights) {
    const those = answering.filter((one) => one.height >= height)
    const shown = await Promise.all(those.map(({ node }) => blockOf(node, height)))
    const blocks = shown.filter((block) => block !== null)
    if (height === comparedAt) atLowest = blocks
    const same = blocks.every(({ hash, stateRoot }) => hash === blocks[0]!.hash && stateRoot === blocks[0]!.stateRoot)
    if (same) continue
    disagreement = { height, blocks }
    break
  }
  const compared = atLowest.map(({ index }) => index)
  return {
    agree: disagreement === null && comparedAt !== null && comparedAt > 0 && compared.length === nodes.length,
    comparedAt,
    compared,
    notCompared: all.map(({ node }) => node.index).filter((index) => !compared.includes(index)),
    nodes: standings,
    disagreement,
  }
}

/** Null when the node began with a later snapshot, or has ended since it said where it stands. */
async function blockOf(node: ReadyNode, height: number): Promise<Disagreement['blocks'][number] | null> {
  try {
    const block = (await ask(node, 'eth_getBlockByNumber', [`0x${height.toString(16)}`, false])) as BlockFields | null
    return block === null ? null : { index: node.index, hash: block.hash, stateRoot: block.stateRoot }
  } catch (error) {
    if (error instanceof RpcRefusal && error.code !== HISTORY_UNAVAILABLE) throw error
    return null
  }
}

/** Why a node does not run (killed, stopped, ...), in one or two words; null when it should answer. */
export function absence({ state }: Pick<ReadyNode, 'state'>): string | null {
  return state === undefined || state === 'running' ? null : absences[state]
}

const absences: Readonly<Record<Exclude<ReadyNode['state'], 'running'>, string>> = {
  paused: 'paused',
  stopped: 'stopped',
  killed: 'killed',
  ended: 'ended by itself',
}

/** Where each node stands, and who has to decide where that is in question. Never rejects. */
export async function standingsOf(
  nodes: readonly ReadyNode[],
  partition: ReadyFile['partition'] = null,
): Promise<NodeStanding[]> {
  const standings = await Promise.all(nodes.map(standing))
  const [furthest] = standings
    .map(({ height }, position) => ({ height, position }))
    .filter(({ height }) => height !== null)
    .sort((a, b) => b.height! - a.height!)
  const isAsBegun = nodes.every((node, position) => votesAsBegun(node, standings[position]!, nodes.length))
  if (furthest === undefined || (isAsBegun && partition === null)) return standings
  const voters = await votersOf(nodes[furthest.position]!)
  return standings.map((one, position) => (position === furthest.position ? { ...one, voters } : one))
}

function votesAsBegun({ validator }: ReadyNode, standing: NodeStanding, nodes: number): boolean {
  const { hasVote, abstaining, halted, peers } = standing
  if (!validator) return hasVote !== true
  return hasVote === true && !abstaining && halted === null && (peers !== 0 || nodes === 1)
}

/** Never rejects. A node that does not run is not asked: a paused one would say nothing for as long as it is waited for. */
export async function standing(node: ReadyNode): Promise<NodeStanding> {
  const away = absence(node)
  if (away !== null) return silent(node, away)
  try {
    const status = (await ask(node, 'touchstone_status', [], ANSWER_TIMEOUT_MS)) as Partial<StatusFields> | null
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
      timeAhead: status.timeAhead === null ? null : BigInt(status.timeAhead),
      pending: status.txpool.pending,
      wantsBlock: typeof status.wantsBlock === 'boolean' ? status.wantsBlock : null,
      deciding: status.step !== 'waiting' && status.step !== 'halted',
      evidence: status.evidence,
      abstaining: status.abstaining,
      hasVote: status.isValidator,
      voters: null,
      twin: twinOf(status.twin),
      setAside: status.setAside.map(({ hash }) => hash),
      halted: status.halted?.reason ?? null,
      divergence: readDivergence(node),
      error: null,
    }
  } catch (error) {
    return silent(node, describeFailure(error))
  }
}

function silent(node: ReadyNode, error: string): NodeStanding {
  return {
    index: node.index,
    height: null,
    hash: null,
    stateRoot: null,
    peers: null,
    round: null,
    timestamp: null,
    clock: null,
    timeAhead: null,
    pending: null,
    wantsBlock: null,
    deciding: null,
    evidence: [],
    abstaining: false,
    hasVote: null,
    voters: null,
    twin: null,
    setAside: [],
    halted: null,
    divergence: readDivergence(node),
    error,
  }
}

/** A step other than these three is none that a node says. */
const SIGNED_STEPS: readonly unknown[] = ['proposal', 'prevote', 'precommit']

function twinOf(twin: StatusFields['twin']): NodeStanding['twin'] {
  if (twin == null || !Number.isSafeInteger(twin.round) || !SIGNED_STEPS.includes(twin.step)) return null
  return { height: Number(twin.height), round: twin.round, step: twin.step }
}

/** The port of a node that ended may be another program's by now. */
function isStatus(status: Partial<StatusFields> | null): status is StatusFields {
  if (status === null) return false
  const { height, hash, stateRoot, evidence, halted, timestamp, clock, timeAhead, txpool } = status
  const isQuantity = (typeof height === 'string' || typeof height === 'number') && Number.isSafeInteger(Number(height))
  const hasTimes = [timestamp, clock].every((time) => typeof time === 'string' && /^0x[0-9a-f]{1,16}$/.test(time))
  const isHalt = halted === null || typeof halted?.reason === 'string'
  if (timeAhead !== null && !Number.isSafeInteger(timeAhead)) return false
  if (!hasTimes || !Number.isSafeInteger(txpool?.pending)) return false
  return isQuantity && typeof hash === 'string' && typeof stateRoot === 'string' && Array.isArray(evidence) && isHalt
}

function describeFailure(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause?.code
  if (cause === 'ECONNREFUSED') return 'not running'
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${ANSWER_TIMEOUT_MS / 1_000} s`
  return error instanceof Error ? error.message : String(error)
}
