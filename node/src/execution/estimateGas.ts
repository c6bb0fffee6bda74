/** eth_estimateGas: a gas limit with which a message succeeds, and not much more than it needs. */
import type { CallMessage, EstimateOutcome, StateOverride } from '../chain/chainService.ts'
import type { State } from '../state/state.ts'
import { type Applied, applyMessage } from './applyMessage.ts'
import { capNote, defaultGasCap, outcomeOf, prepareCall, undone } from './callMessage.ts'
import type { BlockContext } from './contractHost.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { CALL_STIPEND, intrinsicGas } from './fees.ts'
import { ESTIMATE_GAS_FACTOR, ESTIMATE_TOLERANCE_PERMILLE } from './limits.ts'

/**
 * Runs the message with all the gas it may have, and if that succeeds looks for less: what that run spent, which nearly
 * every message without nested calls gets by with and nothing gets by with less than; then that and what nested calls
 * keep back (a 64th, EIP-150, and the stipend); then by bisection until the answer is at most
 * {@link ESTIMATE_TOLERANCE_PERMILLE} too high. All attempts together spend at most {@link ESTIMATE_GAS_FACTOR} times
 * `gasCap`; at that bound the answer is the least limit that was seen to suffice.
 *
 * A message that fails gives its failure. The state is left as it was.
 * @throws ChainError `invalid-call` as `callMessage`.
 */
export function estimateGas(
  state: State,
  message: CallMessage,
  block: BlockContext,
  config: ExecutionConfig,
  overrides: readonly StateOverride[],
  gasCap: bigint = defaultGasCap(block),
): EstimateOutcome {
  // More than the block's limit could never be included.
  const most = message.gas !== undefined && message.gas > block.gasLimit ? block.gasLimit : message.gas
  const asked: CallMessage = most === undefined ? message : { ...message, gas: most }
  let left = ESTIMATE_GAS_FACTOR * gasCap
  let limit = 0n
  let intrinsic = 0n
  let note = ''
  const attempt = (gas?: bigint): Applied =>
    undone(state, overrides, (overridden) => {
      const outer = prepareCall(overridden, gas === undefined ? asked : { ...asked, gas }, block, gasCap)
      limit = outer.gasLimit
      intrinsic = intrinsicGas(outer)
      note = capNote(asked, outer, block, gasCap)
      const applied = applyMessage(overridden, outer, block, config)
      left -= applied.gasSpent
      return applied
    })

  const first = attempt()
  if (first.kind !== 'success') return failed(first, note)
  const spent = first.gasSpent
  // Nothing ran, so nothing can run out of gas.
  if (spent === intrinsic) return { kind: 'success', gas: spent }
  let low = spent - 1n
  let high = limit
  /** False at the bound of all attempts. */
  const tried = (gas: bigint): boolean => {
    if (gas >= high) return true
    if (gas > left) return false
    const applied = attempt(gas)
    // A caller that makes do without a call that had too little gas is no success: with more gas it had not to.
    const suffices = applied.kind === 'success' && (first.innerFailed || !applied.innerFailed)
    if (suffices) high = gas
    else low = gas
    return true
  }
  let goesOn = tried(spent) && high > spent && tried(((spent + CALL_STIPEND) * 64n) / 63n)
  while (goesOn && low + 1n < high && (high - low) * 1_000n > high * ESTIMATE_TOLERANCE_PERMILLE) {
    const middle = (low + high) / 2n
    // As geth: few need much more than they use.
    goesOn = tried(middle > 2n * low ? 2n * low : middle)
  }
  return { kind: 'success', gas: high }
}

function failed(applied: Applied, note: string): EstimateOutcome {
  const outcome = outcomeOf(applied, note)
  if (outcome.kind === 'success') throw new Error('a failed attempt became a success')
  return outcome
}
