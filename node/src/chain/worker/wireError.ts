/** Errors between threads: structured clone keeps neither an error's class nor its code. */
import { CallError } from '../../execution/call.ts'
import { StoreError, type StoreErrorCode } from '../../runtime/storeError.ts'
import { ChainError, type ChainErrorCode } from '../chainService.ts'
import { DatabaseError, type DatabaseErrorCode } from '../databaseError.ts'

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
    if (name === 'CallError') return new CallError(message)
    if (name === 'StoreError') return new StoreError(code as StoreErrorCode, message)
    if (name === 'DatabaseError') return new DatabaseError(code as DatabaseErrorCode, message)
  }
  const error = new Error(`${name} in the execution worker: ${message}`)
  if (stack !== null) error.stack = stack
  return error
}
