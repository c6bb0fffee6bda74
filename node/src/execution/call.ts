/** Calls: messages that are run on a state and undone. The message that they are given, and their outcome. */
import type { Log } from '../types/log.ts'
import type { AccessListEntry } from '../types/transaction.ts'

/** A call that is not a transaction: eth_call and eth_estimateGas. Absent fields have Ethereum's defaults. */
export interface CallMessage {
  readonly from?: Uint8Array
  readonly to?: Uint8Array | null
  readonly gas?: bigint
  readonly gasPrice?: bigint
  readonly maxFeePerGas?: bigint
  readonly maxPriorityFeePerGas?: bigint
  readonly value?: bigint
  readonly data?: Uint8Array
  readonly accessList?: readonly AccessListEntry[]
}

/** Applied to a copy of the state before a call (the third parameter of eth_call). */
export interface StateOverride {
  readonly address: Uint8Array
  readonly balance?: bigint
  readonly nonce?: bigint
  readonly code?: Uint8Array
  /** Of a precompile: the 20-byte address at which it is instead. */
  readonly movePrecompileTo?: Uint8Array
  /** Replaces the whole storage. */
  readonly state?: readonly (readonly [key: Uint8Array, value: Uint8Array])[]
  /** Replaces single slots. */
  readonly stateDiff?: readonly (readonly [key: Uint8Array, value: Uint8Array])[]
}

export type CallOutcome =
  | { readonly kind: 'success'; readonly output: Uint8Array; readonly gasUsed: bigint; readonly logs: readonly Log[] }
  | { readonly kind: 'revert'; readonly output: Uint8Array; readonly gasUsed: bigint; readonly message: string }
  /** Trap, out of gas, refused code: `message` is the sentence to show. */
  | { readonly kind: 'failure'; readonly gasUsed: bigint; readonly message: string }

export type EstimateOutcome =
  | { readonly kind: 'success'; readonly gas: bigint }
  | Exclude<CallOutcome, { kind: 'success' }>

export interface AccessListOutcome {
  /** With which the message was run last. */
  readonly accessList: readonly AccessListEntry[]
  readonly gasUsed: bigint
  /** Why that run failed, for people; null when it did not. */
  readonly failure: string | null
}

/** A call that could not even start: "insufficient funds ...", "intrinsic gas too low ...". Crosses threads as itself. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code = 'invalid-call'
}
