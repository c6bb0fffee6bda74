/**
 * The execution of a transaction as a tree of its frames, each with its requests to the chain, in order. Every format
 * of traces is made of it.
 */
import type { HostCall } from '../contractHost.ts'

export type FrameKind = 'CALL' | 'DELEGATECALL' | 'STATICCALL' | 'CREATE' | 'CREATE2'

export interface TracedLog {
  readonly address: Uint8Array
  readonly topics: readonly Uint8Array[]
  readonly data: Uint8Array
}

/** Of a frame: what it asked the host, the frames it started, the logs it emitted, in the order in which they began. */
export type Step =
  | { readonly kind: 'host'; readonly call: HostCall }
  | { readonly kind: 'frame'; readonly frame: TracedFrame }
  | { readonly kind: 'log'; readonly log: TracedLog }

export interface TracedFrame {
  readonly kind: FrameKind
  readonly from: Uint8Array
  /** The account whose code runs; of a creation, the new one. */
  readonly to: Uint8Array
  readonly value: bigint
  /** Calldata; of a creation, the init code. */
  readonly input: Uint8Array
  /** That the frame was given. Of the outermost, the gas limit of the transaction. */
  gas: bigint
  gasUsed: bigint
  /** Of a creation that succeeded, the code that was stored. */
  output: Uint8Array
  /** Null for a success. */
  error: FrameError | null
  readonly steps: Step[]
}

export interface FrameError {
  readonly kind: 'revert' | 'failure'
  /** For people. */
  readonly message: string
}
