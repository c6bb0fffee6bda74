/**
 * The chain as the rest of the node sees it: asynchronous, because chain, state, database and VM live in the execution
 * worker. Implemented by chain/worker/client.ts (over a worker thread); tests may run it in process.
 *
 * JSON-RPC, consensus, sync and txpool use this interface and nothing below it.
 */
import type { CallMessage, CallOutcome, StateOverride } from '../execution/call.ts'
import type { DevSettings } from '../execution/dev/devStorage.ts'
import type { TransactionTrace } from '../execution/trace/blockTracer.ts'
import type { TransactionErrorCode } from '../execution/transactionErrors.ts'
import type { Account } from '../types/account.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import type { Genesis, GenesisValidator } from '../types/genesis.ts'
import type { Header } from '../types/header.ts'
import type { Log } from '../types/log.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import type { ChainQueries } from './chainQueries.ts'
import type { KeptStates } from './keptStates.ts'

export interface Head {
  readonly header: Header
  readonly hash: Uint8Array
}

/** `latest`, `safe` and `finalized` are one block here: finality is immediate. */
export type BlockReference = 'latest' | 'earliest' | { readonly number: bigint } | { readonly hash: Uint8Array }

/**
 * The state and the block of a call: the state after a block, in that block itself; or the state after the newest block, in
 * the block that comes next, made at `next` (Unix seconds; raised to the newest block's time when it is below).
 */
export type CallReference = BlockReference | { readonly next: bigint; readonly fields?: NextFields }

/** Of the next block, where the rules of headers say otherwise than dev controls (docs/protocol/dev.md). */
export interface NextFields {
  readonly gasLimit: bigint
  /** Wei per gas. */
  readonly baseFee: bigint
}

/** An account of a {@link StateDump}. */
export interface DumpedAccount {
  readonly address: Uint8Array
  readonly nonce: bigint
  readonly balance: bigint
  readonly code: Uint8Array
  /** Of 32 bytes; no value is zero. */
  readonly storage: readonly (readonly [slot: Uint8Array, value: bigint])[]
}

/** The state of a block by addresses and slots, on a chain in dev mode. */
export interface StateDump {
  readonly number: bigint
  /** In the order of the hashes of their addresses; without those that no control changes. */
  readonly accounts: readonly DumpedAccount[]
}

export interface StoredBlock {
  readonly block: Block
  /** Null for the genesis block only. */
  readonly certificate: Certificate | null
}

export interface TransactionLocation {
  readonly transaction: SenderTransaction
  readonly blockHash: Uint8Array
  readonly blockNumber: bigint
  readonly index: number
  readonly baseFeePerGas: bigint
}

export interface BlockReceipts {
  readonly header: Header
  readonly hash: Uint8Array
  readonly receipts: readonly ReceiptRecord[]
}

export interface LogFilter {
  readonly fromBlock: bigint
  readonly toBlock: bigint
  /** Empty: any. */
  readonly addresses: readonly Uint8Array[]
  /** Position i: null for any, else one of the alternatives. */
  readonly topics: readonly (readonly Uint8Array[] | null)[]
  /** More matches than this is an error `too-many-logs`. */
  readonly limit: number
  /** More bytes of data than this in all of them is an error `answer-too-large`. */
  readonly maxBytes: number
}

/** A part of a search. */
export interface LogStep {
  readonly logs: readonly LocatedLog[]
  /** The block at which the search goes on; null when it came to its end. */
  readonly next: bigint | null
}

export interface LocatedLog {
  readonly log: Log
  readonly blockNumber: bigint
  readonly blockHash: Uint8Array
  readonly transactionHash: Uint8Array
  readonly transactionIndex: number
  /** Position among all logs of the block. */
  readonly logIndex: number
}

/** Fields of its block that a call sees changed (the fourth parameter of eth_call). */
export interface BlockOverrides {
  readonly number?: bigint
  /** Unix seconds. */
  readonly timestamp?: bigint
  readonly coinbase?: Uint8Array
  readonly gasLimit?: bigint
  /** Wei per gas. */
  readonly baseFee?: bigint
  readonly prevRandao?: Uint8Array
}

/** The traces of a block's transactions. */
export interface BlockTraces extends Head {
  readonly traces: readonly TransactionTrace[]
}

/** The client that a call is made for. Groups take turns, and in a group the names do. */
export interface CallClient {
  readonly group: string
  readonly name: string
}

/** A transaction of eth_simulateV1, which nobody signed. */
export interface SimulatedCall extends CallMessage {
  readonly nonce?: bigint
}

export interface SimulationRequest {
  readonly blocks: readonly {
    /** A number further on than the next leaves blocks without transactions between. */
    readonly overrides: BlockOverrides
    /** Of the state before the block's calls; they stay for the blocks after it. */
    readonly stateOverrides: readonly StateOverride[]
    readonly calls: readonly SimulatedCall[]
  }[]
  /** Whether nonces and fees are judged as those of transactions. Otherwise a call that names no price pays none. */
  readonly validation: boolean
  /** Whether transfers of value are logged, as if by an ERC-20 contract at 0xeeee... */
  readonly traceTransfers: boolean
  /** Most blocks, those in between included. */
  readonly maxBlocks: number
  /** Most bytes that all calls return and log. */
  readonly maxBytes: number
}

export interface SimulatedCallResult {
  readonly kind: CallOutcome['kind']
  readonly output: Uint8Array
  readonly gasUsed: bigint
  /** Before refunds. */
  readonly gasSpent: bigint
  readonly logs: readonly Log[]
  /** Why it failed; null when it did not. */
  readonly message: string | null
  /** As it stands in the block; its signature is zero. */
  readonly transaction: SenderTransaction
}

export interface SimulatedBlock {
  readonly block: Block
  readonly calls: readonly SimulatedCallResult[]
}

/** Why a simulation cannot be: its blocks, or a call that could be in no block. */
export type SimulationRefusal =
  | 'block-number'
  | 'block-time'
  | 'too-many-blocks'
  | 'moved-to-itself'
  | 'moved-together'
  | TransactionErrorCode

export type SimulationOutcome =
  | { readonly kind: 'simulated'; readonly blocks: readonly SimulatedBlock[] }
  | { readonly kind: 'refused'; readonly code: SimulationRefusal; readonly message: string }

export interface StorageProof {
  readonly key: Uint8Array
  readonly value: bigint
  /** RLP of the nodes from the root down. */
  readonly proof: readonly Uint8Array[]
}

export interface AccountProof {
  readonly address: Uint8Array
  readonly account: Account
  readonly accountProof: readonly Uint8Array[]
  readonly storageProof: readonly StorageProof[]
}

export type ChainErrorCode =
  /** This node began with a snapshot, and what is asked for is older. */
  | 'history-unavailable'
  /** The block's state is not kept any more. */
  | 'state-pruned'
  /** No block with that number or hash. */
  | 'unknown-block'
  /** More storage keys than one proof may have. */
  | 'too-many-keys'
  | 'too-many-logs'
  | 'range-too-wide'
  | 'answer-too-large'
  /** Too many requests wait for the execution worker, or calls for a call worker; ask again later. */
  | 'busy'
  /** A call that met its deadline, or whose worker failed: again would be no better. */
  | 'call-aborted'

/** Expected bad input from the caller. Crosses the worker boundary as itself. */
export class ChainError extends Error {
  override readonly name = 'ChainError'
  readonly code: ChainErrorCode
  constructor(code: ChainErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export interface BuildRequest {
  /** Must be the head. */
  readonly parentHash: Uint8Array
  /** Seconds; raised to the parent's when it is below. */
  readonly timestamp: bigint
  readonly miner: Uint8Array
  /** In the order they should run; those that cannot run are left out and reported. */
  readonly transactions: readonly SenderTransaction[]
}

export interface BuiltBlock {
  readonly block: Block
  /** Transactions that can never run on this state (nonce too low, funds gone), by hash; the pool drops them. */
  readonly rejected: readonly { readonly hash: Uint8Array; readonly message: string }[]
}

export type ValidationOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** A validator set, in force from a height on until the next one is. */
export interface ValidatorActivation {
  readonly from: bigint
  readonly validators: readonly GenesisValidator[]
}

/** The rules that the state after a block settles for the blocks after it. */
export interface NextRules {
  /** The validators of the next height, and those of later ones as far as they are settled: ascending, never empty. */
  readonly validators: readonly ValidatorActivation[]
  /** Null on a chain that is not in dev mode. */
  readonly dev: DevSettings | null
}

/** Besides the members below, every query of the table in chainQueries.ts is a method. */
export interface ChainService extends ChainQueries {
  readonly genesis: Genesis
  readonly genesisHash: Uint8Array
  /**
   * Height of the snapshot this node began with, 0 when it began with the genesis. The blocks between block 0 and it are not
   * here; of the block itself there are contents, certificate and state, but no receipts.
   */
  readonly base: bigint
  /** The states of blocks that are here; kept current on this thread, so it costs nothing. */
  states(): KeptStates
  /** The newest finalised block; kept current on this thread, so it costs nothing. */
  head(): Head
  /** Called after each commit, in order. Returns the way to stop listening. */
  onBlock(listener: (event: BlockEvent) => void): () => void

  /** Executes and seals a block on the head. */
  build(request: BuildRequest): Promise<BuiltBlock>
  /**
   * Checks everything but signatures of votes: the header against its parent, every transaction, the roots after
   * execution. The result of executing is kept, so that the commit of the same block does not execute it again.
   * `senders` are in block order. `hasItsRoot`: the caller has held the transactions against the header's transactions root,
   * which is not done again then.
   */
  validate(block: Block, senders: readonly Uint8Array[], hasItsRoot?: boolean): Promise<ValidationOutcome>
  /**
   * Commits in one synced batch. Idempotent; executes the block if it was not validated before. The caller has checked the
   * certificate. Resolves to the rules after the newest block, which the caller would have to ask for otherwise. Until
   * `signed` has resolved the block is no head, listeners are not told of it, and no query is answered.
   */
  finalize(
    block: Block,
    certificate: Certificate,
    senders: readonly Uint8Array[],
    signed?: Promise<void>,
  ): Promise<NextRules>

  /** Waits for work in progress, then closes the database. */
  close(): Promise<void>
}

export interface BlockEvent {
  readonly block: Block
  readonly receipts: readonly ReceiptRecord[]
  /** After the block. */
  readonly rules: NextRules
}
