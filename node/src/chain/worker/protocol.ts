/**
 * The messages between the main thread and the execution worker. Messages are structured clones; a call is answered
 * by exactly one message with its id. The calls are those of {@link ChainService}, but that blocks cross as seldom as
 * possible: cloning one costs about 10 microseconds for each transaction, half of it on the main thread.
 */
import type { EngineName } from '../../execution/executionConfig.ts'
import type { Block } from '../../types/block.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { Genesis } from '../../types/genesis.ts'
import type { Header } from '../../types/header.ts'
import type { ChainReads } from '../chainQueries.ts'
import type { BuildRequest, BuiltBlock, ChainService, Head, NextRules } from '../chainService.ts'
import type { Diverged } from '../diverged.ts'
import type { ExecutionFault, FaultConsequence } from '../executionFault.ts'
import type { KeptStates } from '../keptStates.ts'
import { isRead, QUERY_LANES, type ReadName } from '../queryLanes.ts'
import type { WireError } from './wireError.ts'

/** A built block without its transactions, which the caller has. */
export interface BuiltHeader {
  readonly header: Header
  /** Of the transactions offered, in the block's order. */
  readonly included: readonly number[]
  readonly rejected: BuiltBlock['rejected']
}

/** Reads, `validate` and `close` cross just as they are. */
export interface WorkerCalls extends ChainReads, Pick<ChainService, 'validate' | 'close'> {
  build(request: BuildRequest): Promise<BuiltHeader>
  /** The receipts, or null when the block was final before. */
  finalize(block: Block, certificate: Certificate, senders: readonly Uint8Array[]): Promise<Finalized>
  /** The same for a block the worker built or validated; `unknown-candidate` when it does not have it any more. */
  finalizeCandidate(blockHash: Uint8Array, certificate: Certificate): Promise<Finalized | 'unknown-candidate'>
}

export interface Finalized {
  /** As the database has them (records.ts); null when the block was final already. */
  readonly receipts: Uint8Array | null
  /** After the newest block. */
  readonly rules: NextRules
}

export type WorkerMethod = keyof WorkerCalls
export type Arguments<M extends WorkerMethod> = Parameters<WorkerCalls[M]>
export type Result<M extends WorkerMethod> = Awaited<ReturnType<WorkerCalls[M]>>

/** How the client schedules a method. `consensus`: one at a time, before everything else. The others: queryLanes.ts. */
export type Lane = 'consensus' | (typeof QUERY_LANES)[ReadName]

export function laneOf(method: WorkerMethod): Lane {
  return isRead(method) ? QUERY_LANES[method] : 'consensus'
}

/** A call on its way to the worker. */
export interface WorkerCall {
  readonly kind: 'call'
  readonly id: number
  readonly method: WorkerMethod
  readonly args: readonly unknown[]
}

export type WorkerMessage =
  /** The database is open; calls may come. */
  | {
      readonly kind: 'ready'
      readonly genesisHash: Uint8Array
      readonly base: bigint
      readonly head: Head
      readonly states: KeptStates
    }
  /** The database could not be opened; the worker ends. */
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: WireError }
  /** Before `ready`: it will take a while, since the nodes of a state have to be counted. */
  | { readonly kind: 'counting' }
  /** States of old blocks went. */
  | { readonly kind: 'pruned'; readonly states: KeptStates }
  /** A text that a contract printed while it ran; `contract` is its address. */
  | { readonly kind: 'debug'; readonly text: string; readonly contract: Uint8Array }
  /** Before the answer to the call in which it happened. */
  | { readonly kind: 'divergence'; readonly diverged: Diverged }
  /** The same. */
  | { readonly kind: 'fault'; readonly fault: ExecutionFault; readonly consequence: FaultConsequence }

/** The first message to the worker: the chain that it is to open. */
export interface WorkerStart {
  readonly genesis: Genesis
  readonly directory: string
  readonly engine: EngineName
  /** See {@link ChainOptions.keepStates}. */
  readonly keepStates: number | null
  /** Whether what contracts print is sent. */
  readonly debug: boolean
  /** Directory of the quarantine; null for a chain that is not kept, which has none. */
  readonly quarantine: string | null
}
