/** Where the metrics of a node come from: each part tells what happens, and is asked how it stands. */
import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChainService } from '../chain/chainService.ts'
import type { Consensus } from '../consensus/consensus.ts'
import { DATABASE_SIZE_LIFETIME } from '../metrics/limits.ts'
import type { NodeMetrics, Sample } from '../metrics/nodeMetrics.ts'
import type { Network } from '../network/network.ts'
import type { NetworkObserver } from '../network/networkOptions.ts'
import type { SyncStatus } from '../rpc/backend.ts'
import type { RpcObserver } from '../rpc/server/dispatcher.ts'
import type { RpcServer } from '../rpc/server/server.ts'
import type { Clock } from '../runtime/clock.ts'
import type { TxPool } from '../txpool/txPool.ts'
import type { ExecutionFaults } from './executionFaults.ts'

export interface MeasuredParts {
  readonly chain: ChainService
  readonly txpool: TxPool
  readonly consensus: Consensus
  readonly network: Network
  readonly faults: Pick<ExecutionFaults, 'count' | 'held'>
  readonly sync: () => SyncStatus
  readonly rpc: RpcServer
  readonly clock: Clock
  readonly dataDir: string
  readonly engine: string
}

const SECOND = 1_000
const DATABASES = ['chain', 'txpool', 'faults', 'signer']

export function networkObserver(metrics: NodeMetrics): NetworkObserver {
  return {
    judged: (topic, verdict) => metrics.count('touchstone_network_messages_total', { topic, verdict }),
    carried: (direction, bytes) => metrics.count('touchstone_network_bytes_total', { direction }, bytes),
    banned: () => metrics.count('touchstone_network_peer_events_total', { event: 'banned' }),
  }
}

export function rpcObserver(metrics: NodeMetrics): RpcObserver {
  return {
    answered(method, code, milliseconds) {
      metrics.observe('touchstone_rpc_request_seconds', milliseconds / SECOND, { method })
      if (code !== null) metrics.count('touchstone_rpc_errors_total', { code: String(code) })
    },
  }
}

/** From now on the metrics follow these parts. Returns the way to stop that. */
export function measureNode(metrics: NodeMetrics, parts: MeasuredParts): () => void {
  sampleConsensus(metrics, parts)
  sampleChain(metrics, parts)
  sampleRest(metrics, parts)
  const stops = [followCommits(metrics, parts), followBlocks(metrics, parts.chain), followPeers(metrics, parts.network)]
  stops.push(
    parts.txpool.onAccepted((_transaction, origin) => metrics.count('touchstone_txpool_accepted_total', { origin })),
  )
  return () => {
    for (const stop of stops) stop()
  }
}

function sampleConsensus(metrics: NodeMetrics, { consensus, sync }: MeasuredParts): void {
  const status = () => consensus.status()
  const counters = () => status().counters
  metrics.sample('touchstone_consensus_height', () => Number(status().height))
  metrics.sample('touchstone_consensus_round', () => status().round)
  metrics.sample('touchstone_consensus_step', () => {
    const now = status().step
    return (['waiting', 'propose', 'prevote', 'precommit', 'halted'] as const).map((step) => [
      { step },
      bit(step === now),
    ])
  })
  metrics.sample('touchstone_consensus_validator', () => bit(status().isValidator))
  metrics.sample('touchstone_consensus_abstaining', () => bit(status().abstaining))
  metrics.sample('touchstone_consensus_twin', () => bit(status().twin !== null))
  metrics.sample('touchstone_consensus_halted', () => bit(status().halted !== null))
  metrics.sample('touchstone_consensus_evidence', () => status().evidence.length)
  metrics.sample('touchstone_consensus_commits_total', () => counters().commits)
  metrics.sample('touchstone_consensus_rounds_total', () => counters().rounds)
  metrics.sample('touchstone_consensus_proposals_sent_total', () => counters().proposalsSent)
  metrics.sample('touchstone_consensus_votes_sent_total', () => counters().votesSent)
  metrics.sample('touchstone_consensus_repetitions_total', () => counters().rebroadcasts)
  metrics.sample('touchstone_consensus_signatures_verified_total', () => counters().signaturesVerified)
  metrics.sample('touchstone_consensus_messages_total', () => [
    [{ verdict: 'rejected' }, counters().messagesRejected],
    [{ verdict: 'ignored' }, counters().messagesIgnored],
  ])
  metrics.sample('touchstone_sync_syncing', () => bit(sync().syncing))
  metrics.sample('touchstone_sync_highest_block', () => Number(sync().highestBlock))
}

function sampleChain(metrics: NodeMetrics, { chain, faults, engine }: MeasuredParts): void {
  const header = () => chain.head().header
  metrics.sample('touchstone_chain_height', () => Number(header().number))
  metrics.sample('touchstone_chain_timestamp_seconds', () => Number(header().timestamp))
  metrics.sample('touchstone_chain_gas_limit', () => Number(header().gasLimit))
  metrics.sample('touchstone_chain_gas_used', () => Number(header().gasUsed))
  metrics.sample('touchstone_chain_base_fee_wei', () => Number(header().baseFeePerGas))
  metrics.sample('touchstone_chain_oldest_state', () => Number(chain.states().oldest))
  metrics.sample('touchstone_chain_nodes_pruned_total', () => chain.states().letGo)
  metrics.sample('touchstone_execution_faults_total', () => faults.count)
  metrics.sample('touchstone_execution_set_aside', () => faults.held().length)
  metrics.set('touchstone_build_info', 1, { engine })
}

function sampleRest(metrics: NodeMetrics, { txpool, network, rpc, clock, dataDir }: MeasuredParts): void {
  metrics.sample('touchstone_txpool_transactions', () => byLabel('state', txpool.counts()))
  metrics.sample('touchstone_network_peers', () => {
    const peers = network.peers()
    const named = peers.filter((peer) => peer.named).length
    return byLabel('kind', { named, stranger: peers.length - named })
  })
  metrics.sample('touchstone_rpc_connections', () => byLabel('kind', rpc.counts().connections))
  metrics.sample('touchstone_rpc_requests', () => byLabel('state', { ...rpc.counts().requests }))
  metrics.sample(
    'touchstone_database_bytes',
    keptFor(clock, () => leftOutWhenRefused(() => databaseSizes(dataDir))),
  )
  metrics.sample('touchstone_database_free_bytes', () =>
    leftOutWhenRefused(async () => {
      const { bavail, bsize } = await statfs(dataDir)
      return bavail * bsize
    }),
  )
}

function followCommits(metrics: NodeMetrics, { consensus, clock }: MeasuredParts): () => void {
  let last: number | null = null
  return consensus.onCommit(({ certificate }) => {
    const now = clock.monotonic()
    if (last !== null) metrics.observe('touchstone_consensus_block_interval_seconds', (now - last) / SECOND)
    last = now
    metrics.observe('touchstone_consensus_commit_round', certificate.round)
    metrics.set('touchstone_consensus_commit_signers', certificate.signatures.length)
  })
}

function followBlocks(metrics: NodeMetrics, chain: ChainService): () => void {
  return chain.onBlock(({ block, receipts }) => {
    metrics.count('touchstone_chain_gas_used_total', {}, Number(block.header.gasUsed))
    metrics.observe('touchstone_chain_block_transactions', receipts.length)
    const succeeded = receipts.filter(({ receipt }) => receipt.status === 1).length
    metrics.count('touchstone_chain_transactions_total', { status: 'success' }, succeeded)
    metrics.count('touchstone_chain_transactions_total', { status: 'failed' }, receipts.length - succeeded)
  })
}

function followPeers(metrics: NodeMetrics, network: Network): () => void {
  return network.onPeer(({ kind }) => metrics.count('touchstone_network_peer_events_total', { event: kind }))
}

function bit(value: boolean): number {
  return value ? 1 : 0
}

function byLabel(label: string, values: Readonly<Record<string, number>>): Sample {
  return Object.entries(values).map(([value, count]) => [{ [label]: value }, count] as const)
}

function keptFor<T>(clock: Clock, read: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | null = null
  let until = 0
  return () => {
    if (kept === null || clock.monotonic() >= until) {
      kept = read()
      until = clock.monotonic() + DATABASE_SIZE_LIFETIME
    }
    return kept
  }
}

async function databaseSizes(dataDir: string): Promise<Sample> {
  return Promise.all(DATABASES.map(async (database) => [{ database }, await sizeOf(join(dataDir, database))] as const))
}

/** Of a database without folders in it; 0 where there is none. Files come and go while it looks. */
async function sizeOf(directory: string): Promise<number> {
  try {
    const names = await readdir(directory)
    const sizes = await Promise.all(names.map((name) => stat(join(directory, name)).then(({ size }) => size, gone)))
    return sizes.reduce((sum, size) => sum + size, 0)
  } catch (error) {
    return gone(error)
  }
}

/** No series rather than no metrics, where the system does not tell. */
async function leftOutWhenRefused(read: () => Promise<Sample>): Promise<Sample> {
  try {
    return await read()
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return []
    throw error
  }
}

function gone(error: unknown): number {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
  throw error
}
