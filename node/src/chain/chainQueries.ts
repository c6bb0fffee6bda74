/**
 * The queries of the chain: the function that answers each. The interface of the chain ({@link ChainQueries}), its client,
 * and what the workers answer all follow from this table and the lanes beside it (queryLanes.ts), so a query more is its
 * function, a line here, and a line there.
 */
import type { CallClient } from './chainService.ts'
import * as answers from './queries.ts'
import type { CallName, QueryName, ReadName } from './queryLanes.ts'
import { simulateAt } from './simulate.ts'
import { stateDumpAt } from './stateDump.ts'
import { storageRangeAt } from './storageRange.ts'
import { traceBlockAt, traceCallAt, traceTransactionAt } from './traces.ts'
import { executionWitnessAt } from './witness.ts'

/** A call worker has no more than {@link answers.CallView}. */
type Answers<Q extends QueryName> = Q extends CallName
  ? (view: answers.CallView, ...args: never[]) => unknown
  : (view: answers.ChainView, ...args: never[]) => unknown

export const chainQueries = {
  /** A block with its certificate; null when there is none. */
  block: answers.blockAt,
  /**
   * Up to `limit` blocks from `from` upwards that exist; raw, for sync. Stops before `maxBytes` are exceeded, but gives
   * at least one.
   */
  rawBlocks: answers.rawBlocks,
  /**
   * Trie nodes and codes by their keccak256, for peers that fetch a snapshot: one entry for each hash in order, empty for
   * what is not here. Stops before `maxBytes` are exceeded, but gives at least one.
   */
  stateItems: answers.stateItems,
  /** Encoded handovers (types/handoverCodec.ts) at blocks from `from` on, at most `limit`; older ones than `base` too. */
  handovers: answers.handovers,
  /**
   * The validators that decide the height after a block, and those of later heights as far as they are settled:
   * ascending, never empty.
   * @throws ChainError `unknown-block`.
   */
  validatorsAfter: answers.validatorsAfter,
  /** The rules that the state after a block settles for the blocks after it. @throws ChainError `unknown-block`. */
  rulesAfter: answers.rulesAfter,
  /** A final transaction by its hash; null when there is none. */
  transaction: answers.transactionByHash,
  /** The number of the newest block that has the transaction with this hash; null when there is none. */
  blockOfTransaction: answers.blockOfTransaction,
  /** The receipts of a block, in its order; null when there is no such block. */
  receipts: answers.receiptsAt,
  /** @throws ChainError `too-many-logs`, `range-too-wide`, `history-unavailable`. */
  logs: answers.logs,
  /** A part of such a search. @throws as `logs`. */
  logStep: answers.logStep,
  /** Null when the account does not exist. @throws ChainError `unknown-block`. */
  account: answers.accountAt,
  /** The same of several, in the order of the addresses. */
  accounts: answers.accountsAt,
  /** The stored code, empty when there is none. @throws ChainError `unknown-block`. */
  code: answers.codeAt,
  /** The code of any account at any height whose keccak256 this is; null when there is none. */
  codeByHash: answers.codeByHash,
  /** A storage slot: 32 bytes. @throws ChainError `unknown-block`. */
  storage: answers.storageAt,
  /** EIP-1186. An account or slot that is absent is proven absent. @throws ChainError `unknown-block`, `too-many-keys`. */
  proof: answers.proofAt,
  /** eth_call. @throws ChainError `unknown-block`, `call-aborted`, `busy`; CallError. */
  call: answers.callAt,
  /**
   * A gas limit with which the call succeeds, and at most a little above the least (execution/estimateGas.ts). Throws
   * as `call`.
   */
  estimateGas: answers.estimateGasAt,
  /** The accounts and slots that a call touches, as an access list (execution/accessList.ts). Throws as `call`. */
  createAccessList: answers.createAccessListAt,
  /** eth_simulateV1 (simulate.ts). Throws as `call`. */
  simulate: simulateAt,
  /** The trace of a final transaction; null when there is none. Throws as `call`, and `history-unavailable`. */
  traceTransaction: traceTransactionAt,
  /** The traces of all transactions of a block. Throws as `call`, and `history-unavailable`. */
  traceBlock: traceBlockAt,
  /** The trace of a call. Throws as `call`. */
  traceCall: traceCallAt,
  /** The part of the state before it that a block reads. Throws as `traceBlock`. */
  executionWitness: executionWitnessAt,
  /** Slots of an account in the middle of a block. Throws as `traceBlock`. */
  storageRange: storageRangeAt,
  /** The state by addresses and slots, on a chain in dev mode. Throws as `call`, and `history-unavailable`. */
  stateDump: stateDumpAt,
} as const satisfies { readonly [Q in QueryName]: Answers<Q> }

type Table = typeof chainQueries

/** The arguments of a query: the parameters of the query's function after its view. */
export type QueryArguments<Q extends QueryName> = Table[Q] extends (view: never, ...args: infer A) => unknown
  ? A
  : never
export type QueryAnswer<Q extends QueryName> = Awaited<ReturnType<Table[Q]>>

/** The table as methods. Calls say first whose they are; null for nobody in particular. */
export type ChainQueries = {
  [Q in QueryName]: Q extends CallName
    ? (client: CallClient | null, ...args: QueryArguments<Q>) => Promise<QueryAnswer<Q>>
    : (...args: QueryArguments<Q>) => Promise<QueryAnswer<Q>>
}
export type ChainReads = Pick<ChainQueries, ReadName>
export type ChainCalls = Pick<ChainQueries, CallName>

/** Answers a query on the calling thread. @throws as its function. */
export async function answerQuery<Q extends QueryName>(
  view: answers.ChainView,
  name: Q,
  args: QueryArguments<Q>,
): Promise<QueryAnswer<Q>> {
  return functionOf<Q, answers.ChainView>(name)(view, ...args)
}

/** The same of a call, at once. */
export function answerCall<Q extends CallName>(
  view: answers.CallView,
  name: Q,
  args: QueryArguments<Q>,
): QueryAnswer<Q> {
  return functionOf<Q, answers.CallView>(name)(view, ...args)
}

/** The compiler cannot follow that a name's arguments are its function's. */
function functionOf<Q extends QueryName, View>(name: Q): (view: View, ...args: QueryArguments<Q>) => QueryAnswer<Q> {
  return chainQueries[name] as unknown as (view: View, ...args: QueryArguments<Q>) => QueryAnswer<Q>
}
