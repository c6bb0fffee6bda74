/**
 * The queries of the chain: one line for each question, with where it runs and the function that answers it. The
 * interface of the chain ({@link ChainQueries}), its client, the lanes to the execution worker, and what the workers answer
 * all follow from this table, so a query more is its function and a line here.
 */
import type { CallClient } from './chainService.ts'
import * as answers from './queries.ts'
import { simulateAt } from './simulate.ts'
import { stateDumpAt } from './stateDump.ts'
import { storageRangeAt } from './storageRange.ts'
import { traceBlockAt, traceCallAt, traceTransactionAt } from './traces.ts'
import { executionWitnessAt } from './witness.ts'

/**
 * Where a query runs. In the execution worker: `read` is quick, several are on their way at once; `slow` searches, so only
 * few may stand between consensus and the worker. In a call worker (worker/calls/): `call` runs a contract, at the cost of
 * nobody, and can be ended at any moment.
 */
type Query =
  | { readonly lane: 'read' | 'slow'; readonly answer: (view: answers.ChainView, ...args: never[]) => unknown }
  | { readonly lane: 'call'; readonly answer: (view: answers.CallView, ...args: never[]) => unknown }

export const chainQueries = {
  /** A block with its certificate; null when there is none. */
  block: { lane: 'read', answer: answers.blockAt },
  /**
   * Up to `limit` blocks from `from` upwards that exist; raw, for sync. Stops before `maxBytes` are exceeded, but gives
   * at least one.
   */
  rawBlocks: { lane: 'slow', answer: answers.rawBlocks },
  /**
   * Trie nodes and codes by their keccak256, for peers that fetch a snapshot: one entry for each hash in order, empty for
   * what is not here. Stops before `maxBytes` are exceeded, but gives at least one.
   */
  stateItems: { lane: 'slow', answer: answers.stateItems },
  /** Encoded handovers (types/handoverCodec.ts) at blocks from `from` on, at most `limit`; older ones than `base` too. */
  handovers: { lane: 'read', answer: answers.handovers },
  /**
   * The validators that decide the height after a block, and those of later heights as far as they are settled:
   * ascending, never empty.
   * @throws ChainError `unknown-block`.
   */
  validatorsAfter: { lane: 'read', answer: answers.validatorsAfter },
  /** The rules that the state after a block settles for the blocks after it. @throws ChainError `unknown-block`. */
  rulesAfter: { lane: 'read', answer: answers.rulesAfter },
  /** A final transaction by its hash; null when there is none. */
  transaction: { lane: 'read', answer: answers.transactionByHash },
  /** The receipts of a block, in its order; null when there is no such block. */
  receipts: { lane: 'read', answer: answers.receiptsAt },
  /** @throws ChainError `too-many-logs`, `range-too-wide`, `history-unavailable`. */
  logs: { lane: 'slow', answer: answers.logs },
  /** Null when the account does not exist. @throws ChainError `unknown-block`. */
  account: { lane: 'read', answer: answers.accountAt },
  /** The stored code, empty when there is none. @throws ChainError `unknown-block`. */
  code: { lane: 'read', answer: answers.codeAt },
  /** The code of any account at any height whose keccak256 this is; null when there is none. */
  codeByHash: { lane: 'read', answer: answers.codeByHash },
  /** A storage slot: 32 bytes. @throws ChainError `unknown-block`. */
  storage: { lane: 'read', answer: answers.storageAt },
  /** EIP-1186. An account or slot that is absent is proven absent. @throws ChainError `unknown-block`, `too-many-keys`. */
  proof: { lane: 'slow', answer: answers.proofAt },
  /** eth_call. @throws ChainError `unknown-block`, `call-aborted`, `busy`; CallError. */
  call: { lane: 'call', answer: answers.callAt },
  /**
   * A gas limit with which the call succeeds, and at most a little above the least (execution/estimateGas.ts). Throws
   * as `call`.
   */
  estimateGas: { lane: 'call', answer: answers.estimateGasAt },
  /** The accounts and slots that a call touches, as an access list (execution/accessList.ts). Throws as `call`. */
  createAccessList: { lane: 'call', answer: answers.createAccessListAt },
  /** eth_simulateV1 (simulate.ts). Throws as `call`. */
  simulate: { lane: 'call', answer: simulateAt },
  /** The trace of a final transaction; null when there is none. Throws as `call`, and `history-unavailable`. */
  traceTransaction: { lane: 'call', answer: traceTransactionAt },
  /** The traces of all transactions of a block. Throws as `call`, and `history-unavailable`. */
  traceBlock: { lane: 'call', answer: traceBlockAt },
  /** The trace of a call. Throws as `call`. */
  traceCall: { lane: 'call', answer: traceCallAt },
  /** The part of the state before it that a block reads. Throws as `traceBlock`. */
  executionWitness: { lane: 'call', answer: executionWitnessAt },
  /** Slots of an account in the middle of a block. Throws as `traceBlock`. */
  storageRange: { lane: 'call', answer: storageRangeAt },
  /** The state by addresses and slots, on a chain in dev mode. Throws as `call`, and `history-unavailable`. */
  stateDump: { lane: 'call', answer: stateDumpAt },
} as const satisfies Readonly<Record<string, Query>>

type Table = typeof chainQueries

export type QueryName = keyof Table
/** Queries that run in a call worker. */
export type CallName = { [Q in QueryName]: Table[Q]['lane'] extends 'call' ? Q : never }[QueryName]
/** Queries that the execution worker answers. */
export type ReadName = Exclude<QueryName, CallName>

/** The arguments of a query: the parameters of the query's function after its view. */
export type QueryArguments<Q extends QueryName> = Table[Q]['answer'] extends (view: never, ...args: infer A) => unknown
  ? A
  : never
export type QueryAnswer<Q extends QueryName> = Awaited<ReturnType<Table[Q]['answer']>>

/** The table as methods. Calls say first whose they are; null for nobody in particular. */
export type ChainQueries = {
  [Q in QueryName]: Q extends CallName
    ? (client: CallClient | null, ...args: QueryArguments<Q>) => Promise<QueryAnswer<Q>>
    : (...args: QueryArguments<Q>) => Promise<QueryAnswer<Q>>
}
export type ChainReads = Pick<ChainQueries, ReadName>
export type ChainCalls = Pick<ChainQueries, CallName>

export function isRead(name: string): name is ReadName {
  return Object.hasOwn(chainQueries, name) && chainQueries[name as QueryName].lane !== 'call'
}

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
  return chainQueries[name].answer as unknown as (view: View, ...args: QueryArguments<Q>) => QueryAnswer<Q>
}

/** A method for each read, which hands name and arguments to `ask`. */
export function readsBy(
  ask: <Q extends ReadName>(name: Q, args: QueryArguments<Q>) => Promise<QueryAnswer<Q>>,
): ChainReads {
  const names = (Object.keys(chainQueries) as QueryName[]).filter(isRead)
  const method =
    (name: ReadName) =>
    (...args: QueryArguments<ReadName>) =>
      ask(name, args)
  return Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as ChainReads
}

/** The same for each call. */
export function callsBy(
  ask: <Q extends CallName>(name: Q, client: CallClient | null, args: QueryArguments<Q>) => Promise<QueryAnswer<Q>>,
): ChainCalls {
  const names = (Object.keys(chainQueries) as QueryName[]).filter((name) => !isRead(name)) as CallName[]
  const method =
    (name: CallName) =>
    (client: CallClient | null, ...args: QueryArguments<CallName>) =>
      ask(name, client, args)
  return Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as ChainCalls
}
