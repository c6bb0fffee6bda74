/** What call workers do: whatever runs contracts for somebody who pays nothing. A method more is a line more. */
import type {
  BlockOverrides,
  CallMessage,
  CallOutcome,
  CallReference,
  EstimateOutcome,
  Head,
  StateOverride,
} from '../../chainService.ts'
import { type CallView, callAt, estimateGasAt } from '../../queries.ts'

type Signature<T> = (
  message: CallMessage,
  at: CallReference,
  overrides: readonly StateOverride[],
  blockOverrides?: BlockOverrides,
) => T

interface Signatures {
  readonly call: Signature<CallOutcome>
  readonly estimateGas: Signature<EstimateOutcome>
}

export type CallMethod = keyof Signatures
export type CallArguments<M extends CallMethod> = Parameters<Signatures[M]>
export type CallResult<M extends CallMethod> = ReturnType<Signatures[M]>

export interface CallRequest<M extends CallMethod = CallMethod> {
  readonly method: M
  /** The newest block when the call came: what is newer does not exist for it. */
  readonly head: Head
  readonly args: CallArguments<M>
}

type Methods = {
  readonly [M in CallMethod]: (view: CallView, args: CallArguments<M>, gasCap: bigint | undefined) => CallResult<M>
}

export const callMethods: Methods = {
  call: (view, [message, at, overrides, block], gasCap) => callAt(view, message, at, overrides, block, gasCap),
  estimateGas: (view, [message, at, overrides, block], gasCap) =>
    estimateGasAt(view, message, at, overrides, block, gasCap),
}
