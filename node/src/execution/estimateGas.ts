/** eth_estimateGas: the least gas limit with which a message succeeds. */
import type { CallMessage, EstimateOutcome, StateOverride } from '../chain/chainService.ts'
import type { State } from '../state/state.ts'
import { type Applied, applyMessage } from './applyMessage.ts'
import { outcomeOf, prepareCall, undone } from './callMessage.ts'
import type { BlockContext } from './contractHost.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { CALL_STIPEND, intrinsicGas, REFUND_QUOTIENT } from './fees.ts'

/**
 * Tries the message with all the gas it may have; if that succeeds, looks for the least gas by bisection between what
 * it surely needs and a good guess. A message that fails gives its failure. The state is left as it was.
 * @throws ChainError `invalid-call` as `callMessage`.
 */
export function estimateGas(
  state: State,
  message: CallMessage,
  block: BlockContext,
  config: ExecutionConfig,
  overrides: readonly StateOverride[],
): EstimateOutcome {
  // More than the block's limit could never be included.
  const most = message.gas !== undefined && message.gas > block.gasLimit ? block.gasLimit : message.gas
  const capped: CallMessage = most === undefined ? message : { ...message, gas: most }
  let upper = 0n
  let intrinsic = 0n
  const attempt = (gas?: bigint): Applied =>
    undone(state, overrides, (overridden) => {
      const outer = prepareCall(overridden, gas === undefined ? capped : { ...capped, gas }, block)
      upper = outer.gasLimit
      intrinsic = intrinsicGas(outer)
      return applyMessage(overridden, outer, block, config)
    })

  const first = attempt()
  if (first.kind !== 'success') return failed(first)
  let high = upper
  let low = intrinsic - 1n
  const succeeds = (gas: bigint): boolean => attempt(gas).kind === 'success'
  if (succeeds(intrinsic)) return { kind: 'success', gas: intrinsic }
  low = intrinsic

  // As geth: with the 63/64 rule and the stipend, this is nearly always enough, and saves most of the search.
  const beforeRefund = (first.gasUsed * REFUND_QUOTIENT) / (REFUND_QUOTIENT - 1n)
  const guess = ((beforeRefund + CALL_STIPEND) * 64n) / 63n
  if (guess < high) {
    if (succeeds(guess)) high = guess
    else low = guess
  }
  while (low + 1n < high) {
    const middle = (low + high) / 2n
    if (succeeds(middle)) high = middle
    else low = middle
  }
  return { kind: 'success', gas: high }
}

function failed(applied: Applied): EstimateOutcome {
  const outcome = outcomeOf(applied)
  if (outcome.kind === 'success') throw new Error('a failed attempt became a success')
  return outcome
}
