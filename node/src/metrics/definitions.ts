/**
 * Every metric of a node that is its own, by name: docs/metrics.md is made of this table, and the dashboard is checked
 * against it. Names and units follow prometheus.io/docs/practices/naming: base units, `_total` for what only grows.
 *
 * A label has a closed list of values. A string that a stranger chooses (addresses, peers, method names that do not
 * exist) is never one: each value is a time series, kept by the node and by the scraper.
 */

import { ENGINE_NAMES } from '../execution/executionConfig.ts'

/** In a list: the names of the JSON-RPC methods that the node has. */
export const METHOD_NAMES = 'methods'
/** The stand-in for any value that is not in the label's list. */
export const OTHER = 'other'

export interface Definition {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** The values that each label may have. */
  readonly labels?: Readonly<Record<string, readonly string[] | typeof METHOD_NAMES>>
  /** Upper bounds, ascending, of a histogram. */
  readonly buckets?: readonly number[]
}

const EXECUTION_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const RPC_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 30]

/** As the answer has it; those of docs/protocol/rpc.md, "Errors". */
const RPC_CODES = [
  ...['-32700', '-32600', '-32601', '-32602', '-32603', '-32000', '-32002', '-32005', '-32015'],
  ...['3', '4', '5', '4100', '4444', '-38010', '-38011', '-38012', '-38013', '-38014', '-38015', '-38020', '-38021'],
  ...['-38022', '-38023', '-38024', '-38025', '-38026'],
]
/** txpool/txpoolView.ts, TxPoolErrorCode. */
const REFUSALS = [
  ...['malformed', 'unsupported-type', 'invalid-signature', 'wrong-chain-id', 'already-known', 'nonce-too-low'],
  ...['nonce-too-high', 'replacement-underpriced', 'insufficient-funds', 'intrinsic-gas-too-low'],
  ...['gas-over-block-limit', 'fee-below-base-fee', 'tip-above-fee-cap', 'too-large', 'init-code-too-large'],
  ...['sender-has-code', 'dev-unauthorized', 'dev-used', 'pool-full', 'sender-limit', 'set-aside'],
]

export const DEFINITIONS = {
  touchstone_consensus_height: { kind: 'gauge', help: 'Height being decided: that of the newest block, and one.' },
  touchstone_consensus_round: { kind: 'gauge', help: 'Round of the height being decided; above 0 a proposal failed.' },
  touchstone_consensus_step: {
    kind: 'gauge',
    help: 'Step of the round: 1 for the one it is in, 0 for the others.',
    labels: { step: ['waiting', 'propose', 'prevote', 'precommit', 'halted'] },
  },
  touchstone_consensus_validator: { kind: 'gauge', help: '1 if this node is a validator of the height, else 0.' },
  touchstone_consensus_abstaining: {
    kind: 'gauge',
    help: '1 while a validator that lost its record of votes, or has a twin, does not vote, else 0.',
  },
  touchstone_consensus_twin: {
    kind: 'gauge',
    help: "1 once a message was seen that this validator's key signed and this node did not, else 0.",
  },
  touchstone_consensus_halted: {
    kind: 'gauge',
    help: '1 when consensus has stopped for good (a fork, a fault), else 0.',
  },
  touchstone_consensus_evidence: { kind: 'gauge', help: 'Proofs kept that a validator signed two different things.' },
  touchstone_consensus_commits_total: { kind: 'counter', help: 'Heights decided since the start.' },
  touchstone_consensus_rounds_total: { kind: 'counter', help: 'Rounds begun since the start.' },
  touchstone_consensus_proposals_sent_total: { kind: 'counter', help: 'Own proposals sent.' },
  touchstone_consensus_votes_sent_total: { kind: 'counter', help: 'Own prevotes and precommits sent.' },
  touchstone_consensus_repetitions_total: { kind: 'counter', help: 'Messages sent again because a height took long.' },
  touchstone_consensus_signatures_verified_total: { kind: 'counter', help: 'Signatures of validators verified.' },
  touchstone_consensus_messages_total: {
    kind: 'counter',
    help: 'Messages of consensus that were not taken: rejected (their sender is to blame) or ignored.',
    labels: { verdict: ['rejected', 'ignored'] },
  },
  touchstone_consensus_commit_round: {
    kind: 'histogram',
    help: 'Round in which a height was decided.',
    buckets: [0, 1, 2, 3, 5, 10],
  },
  touchstone_consensus_commit_signers: { kind: 'gauge', help: 'Signatures in the newest commit certificate.' },
  touchstone_consensus_block_interval_seconds: {
    kind: 'histogram',
    help: 'Time from one commit to the next, at this node.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
  },

  touchstone_sync_syncing: { kind: 'gauge', help: '1 while blocks are fetched from peers, else 0.' },
  touchstone_sync_highest_block: { kind: 'gauge', help: 'Highest block that a peer has told of.' },

  touchstone_chain_height: { kind: 'gauge', help: 'Number of the newest block, which is final.' },
  touchstone_chain_timestamp_seconds: { kind: 'gauge', help: 'Time of the newest block, Unix seconds.' },
  touchstone_chain_gas_limit: { kind: 'gauge', help: 'Gas limit of the newest block.' },
  touchstone_chain_gas_used: { kind: 'gauge', help: 'Gas used by the newest block.' },
  touchstone_chain_base_fee_wei: { kind: 'gauge', help: 'Base fee of the newest block, wei per gas.' },
  touchstone_chain_gas_used_total: { kind: 'counter', help: 'Gas used by the blocks committed since the start.' },
  touchstone_chain_transactions_total: {
    kind: 'counter',
    help: 'Transactions of the blocks committed since the start, by what their receipts say.',
    labels: { status: ['success', 'failed'] },
  },
  touchstone_chain_block_transactions: {
    kind: 'histogram',
    help: 'Transactions of a block.',
    buckets: [0, 1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000],
  },

  touchstone_chain_oldest_state: {
    kind: 'gauge',
    help: 'Number of the oldest block whose state is kept; it is told some blocks late.',
  },
  touchstone_chain_nodes_pruned_total: {
    kind: 'counter',
    help: 'Trie nodes let go with the states of old blocks since the start.',
  },

  touchstone_execution_seconds: {
    kind: 'histogram',
    help: 'Time for building, validating and committing a block, with the recovery of its signatures and the wait for the worker.',
    labels: { work: ['propose', 'validate', 'finalize'] },
    buckets: EXECUTION_SECONDS,
  },
  touchstone_execution_faults_total: {
    kind: 'counter',
    help: 'Executions that failed for a reason of this machine since the start.',
  },
  touchstone_execution_set_aside: {
    kind: 'gauge',
    help: 'Transactions that this node could not execute and does not take.',
  },

  touchstone_txpool_transactions: {
    kind: 'gauge',
    help: 'Transactions in the pool: pending ones can run, queued ones wait for a nonce or for funds.',
    labels: { state: ['pending', 'queued'] },
  },
  touchstone_txpool_accepted_total: {
    kind: 'counter',
    help: 'Transactions that entered the pool, by where they came from.',
    labels: { origin: ['local', 'peer'] },
  },
  touchstone_txpool_refused_total: {
    kind: 'counter',
    help: 'Transactions that the pool did not take, by the reason.',
    labels: { origin: ['local', 'peer'], reason: REFUSALS },
  },

  touchstone_rpc_request_seconds: {
    kind: 'histogram',
    help: 'Time from a request to its answer, with the wait for its turn. Methods that do not exist are one: other.',
    labels: { method: METHOD_NAMES },
    buckets: RPC_SECONDS,
  },
  touchstone_rpc_errors_total: {
    kind: 'counter',
    help: 'Answers that were errors, by their code (docs/protocol/rpc.md).',
    labels: { code: RPC_CODES },
  },
  touchstone_rpc_connections: {
    kind: 'gauge',
    help: 'Open connections: HTTP, WebSockets, and WebSockets of web pages of other sites.',
    labels: { kind: ['http', 'socket', 'pageSocket'] },
  },
  touchstone_rpc_requests: {
    kind: 'gauge',
    help: 'Requests that run, and that wait for their turn.',
    labels: { state: ['running', 'waiting'] },
  },

  touchstone_database_bytes: {
    kind: 'gauge',
    help: 'Bytes of the files of a database of the node.',
    labels: { database: ['chain', 'txpool', 'faults', 'signer'] },
  },
  touchstone_database_free_bytes: { kind: 'gauge', help: 'Bytes that are free on the disk of the data directory.' },

  touchstone_network_peers: {
    kind: 'gauge',
    help: 'Connected peers: those named in the configuration, and strangers.',
    labels: { kind: ['named', 'stranger'] },
  },
  touchstone_network_peer_events_total: {
    kind: 'counter',
    help: 'Peers that came and went, and that were banned.',
    labels: { event: ['connected', 'disconnected', 'banned'] },
  },
  touchstone_network_messages_total: {
    kind: 'counter',
    help: 'New messages of peers by topic and by what they were judged to be.',
    labels: { topic: ['tx', 'block', 'consensus'], verdict: ['accept', 'ignore', 'reject', 'unheard'] },
  },
  touchstone_network_bytes_total: {
    kind: 'counter',
    help: 'Bytes of all streams of all peers, before encryption.',
    labels: { direction: ['received', 'sent'] },
  },

  touchstone_build_info: {
    kind: 'gauge',
    help: 'Always 1: the engine that this node runs contracts on.',
    labels: { engine: ENGINE_NAMES },
  },
} as const satisfies Readonly<Record<string, Definition>>

export type MetricName = keyof typeof DEFINITIONS
export type MetricOf<K extends Definition['kind']> = {
  [N in MetricName]: (typeof DEFINITIONS)[N]['kind'] extends K ? N : never
}[MetricName]

/** A metric's definition, of the common type. */
export function definitionOf(name: MetricName): Definition {
  return DEFINITIONS[name]
}
