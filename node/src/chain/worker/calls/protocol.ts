/** The messages between the main thread and a call worker: one call at a time, each answered by one message. */
import type { EngineName } from '../../../execution/executionConfig.ts'
import type { Head } from '../../chainService.ts'
import type { WireError } from '../wireError.ts'
import type { CallRequest } from './callRequest.ts'

/** A request on its way: without its head where that is the head of the request before. */
export type PostedCall = Omit<CallRequest, 'head'> & { readonly head: Head | null }

export type CallWorkerMessage =
  /** The database is open; a call may come. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly value: unknown }
  /** An error that the call's author is to see. Any other ends the thread. */
  | { readonly kind: 'error'; readonly error: WireError }
  /** A text that a contract printed while it ran; `contract` is its address. */
  | { readonly kind: 'debug'; readonly text: string; readonly contract: Uint8Array }

/** The way to a call worker. */
export interface CallWorkerPort {
  post(request: PostedCall): void
  onMessage(listener: (message: CallWorkerMessage) => void): void
  /** Once, when the thread is gone, with why. */
  onExit(listener: (reason: Error) => void): void
  /** Asks for its end, whatever it is doing; `onExit` tells when it came. */
  terminate(): void
}

/** The worker's start data. */
export interface CallWorkerStart {
  /** That the execution worker has open. */
  readonly directory: string
  readonly chainId: bigint
  readonly schedule: string
  readonly engine: EngineName
  /** See {@link ChainService.base}. */
  readonly base: bigint
  /** Most gas of a call; null for the default (execution/callMessage.ts). */
  readonly gasCap: bigint | null
  /** Whether what contracts print is sent. */
  readonly debug: boolean
}
