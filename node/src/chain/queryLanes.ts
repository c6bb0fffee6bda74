/**
 * Where each query of the chain runs, apart from the functions that answer it (chainQueries.ts): the main thread asks and
 * answers none, and does not load what executes contracts.
 */
import type { ChainCalls, ChainReads, QueryAnswer, QueryArguments } from './chainQueries.ts'
import type { CallClient } from './chainService.ts'

/**
 * In the execution worker: `read` is quick, several are on their way at once; `slow` searches, so only few may stand
 * between consensus and the worker. In a call worker (worker/calls/): `call` runs a contract, at the cost of nobody, and
 * can be ended at any moment.
 */
export const QUERY_LANES = {
  block: 'read',
  rawBlocks: 'slow',
  stateItems: 'slow',
  handovers: 'read',
  validatorsAfter: 'read',
  rulesAfter: 'read',
  transaction: 'read',
  blockOfTransaction: 'read',
  receipts: 'read',
  logs: 'slow',
  logStep: 'slow',
  account: 'read',
  accounts: 'read',
  code: 'read',
  codeByHash: 'read',
  storage: 'read',
  proof: 'slow',
  call: 'call',
  estimateGas: 'call',
  createAccessList: 'call',
  simulate: 'call',
  traceTransaction: 'call',
  traceBlock: 'call',
  traceCall: 'call',
  executionWitness: 'call',
  storageRange: 'call',
  stateDump: 'call',
} as const satisfies Readonly<Record<string, 'read' | 'slow' | 'call'>>

type Lanes = typeof QUERY_LANES

export type QueryName = keyof Lanes
/** Queries that run in a call worker. */
export type CallName = { [Q in QueryName]: Lanes[Q] extends 'call' ? Q : never }[QueryName]
/** Queries that the execution worker answers. */
export type ReadName = Exclude<QueryName, CallName>

export function isRead(name: string): name is ReadName {
  return Object.hasOwn(QUERY_LANES, name) && QUERY_LANES[name as QueryName] !== 'call'
}

/** A method for each read, which hands name and arguments to `ask`. */
export function readsBy(
  ask: <Q extends ReadName>(name: Q, args: QueryArguments<Q>) => Promise<QueryAnswer<Q>>,
): ChainReads {
  const names = (Object.keys(QUERY_LANES) as QueryName[]).filter(isRead)
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
  const names = (Object.keys(QUERY_LANES) as QueryName[]).filter((name) => !isRead(name)) as CallName[]
  const method =
    (name: CallName) =>
    (client: CallClient | null, ...args: QueryArguments<CallName>) =>
      ask(name, client, args)
  return Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as ChainCalls
}
