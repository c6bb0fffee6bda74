/**
 * What the main thread and the execution worker say to each other. Messages are structured clones; a call is answered
 * by exactly one message with its id. The worker hosts a {@link ChainService} of its own, so a call names one of that
 * interface's methods and carries its arguments.
 */
import { StoreError, type StoreErrorCode } from '../../runtime/storeError.ts'
import type { Genesis } from '../../types/genesis.ts'
import { type BlockEvent, ChainError, type ChainErrorCode, type ChainService, type Head } from '../chainService.ts'
import { DatabaseError, type DatabaseErrorCode } from '../databaseError.ts'

/** The methods that cross; the others are answered on the calling thread. */
export type ChainMethod = Exclude<keyof ChainService, 'genesis' | 'genesisHash' | 'head' | 'onBlock'>

/**
 * How the client schedules a method. `consensus`: one at a time, before everything else. `read`: quick, several on
 * their way at once. `slow`: runs contracts or searches, so that only few may stand between consensus and the worker.
 */
export type Lane = 'consensus' | 'read' | 'slow'

export const laneOf: Readonly<Record<Exclude<ChainMethod, 'close'>, Lane>> = {
  build: 'consensus',
  validate: 'consensus',
  finalize: 'consensus',
  block: 'read',
  transaction: 'read',
  receipts: 'read',
  account: 'read',
  code: 'read',
  storage: 'read',
  rawBlocks: 'slow',
  logs: 'slow',
  proof: 'slow',
  call: 'slow',
  estimateGas: 'slow',
}

export type Arguments<M extends ChainMethod> = Parameters<ChainService[M]>
export type Result<M extends ChainMethod> = Awaited<ReturnType<ChainService[M]>>

export interface CallMessage {
  readonly kind: 'call'
  readonly id: number
  readonly method: ChainMethod
  readonly args: readonly unknown[]
}

export type WorkerMessage =
  /** The database is open; calls may come. */
  | { readonly kind: 'ready'; readonly genesisHash: Uint8Array; readonly head: Head }
  /** The database could not be opened; the worker ends. */
  | { readonly kind: 'refused'; readonly error: WireError }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: WireError }
  /** Sent before the result of the `finalize` that caused it. */
  | { readonly kind: 'block'; readonly event: BlockEvent }
  | {
      readonly kind: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly fields: object
      readonly message: string
    }

/** The worker's start data. */
export interface WorkerOptions {
  readonly genesis: Genesis
  /** Null keeps the chain in memory. */
  readonly directory: string | null
  readonly engine: 'reference' | 'compiled'
}

/** An error as it crosses: structured clone keeps neither an error's class nor its code. */
export interface WireError {
  readonly name: string
  readonly code: string | null
  readonly message: string
  readonly stack: string | null
}

export function errorToWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', code: null, message: String(error), stack: null }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null
  return { name: error.name, code, message: error.message, stack: error.stack ?? null }
}

/** Errors of the chain come out as the class they went in; any other is an Error with the worker's stack. */
export function errorFromWire({ name, code, message, stack }: WireError): Error {
  if (code !== null) {
    // The codes were those of the same classes on the other side.
    if (name === 'ChainError') return new ChainError(code as ChainErrorCode, message)
    if (name === 'StoreError') return new StoreError(code as StoreErrorCode, message)
    if (name === 'DatabaseError') return new DatabaseError(code as DatabaseErrorCode, message)
  }
  const error = new Error(`${name} in the execution worker: ${message}`)
  if (stack !== null) error.stack = stack
  return error
}
