/** eth_estimateGas: a gas limit with which a message succeeds, and not much more than it needs. */

import type { State } from '../state/state.ts'
import { type Applied, applyMessage } from './applyMessage.ts'
import type { CallMessage, EstimateOutcome, StateOverride } from './call.ts'
import {
  defaultGasCap,
  gasNote,
  insufficientFunds,
  outcomeOf,
  type PreparedCall,
  prepareCall,
  undone,
} from './callMessage.ts'
import { ADDRESS_BYTES, placeholderOf } from './codeSource.ts'
import type { BlockContext } from './contractHost.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { CALL_STIPEND, CODE_DEPOSIT_BYTE_GAS, COLD_ACCOUNT_GAS, intrinsicGas, MODULE_BYTE_GAS } from './fees.ts'
import { parseInitCode } from './initCode.ts'
import { ESTIMATE_GAS_FACTOR, ESTIMATE_TOLERANCE_PERMILLE } from './limits.ts'
import { overrideConfig } from './overriddenConfig.ts'

/**
 * Runs the message with all the gas it may have. Where no other frame started and no contract asked what is left, that
 * run tells the least limit. Else it looks for less, if that run succeeds: what it spent, which nothing gets by with less
 * than; then that and what nested calls keep back (a 64th, EIP-150, and the stipend); then by bisection until the answer
 * is at most {@link ESTIMATE_TOLERANCE_PERMILLE} too high. All attempts together spend at most
 * {@link ESTIMATE_GAS_FACTOR} times `gasCap`; at that bound the answer is the least limit that was seen to suffice.
 *
 * A root of a contract in fragments that names nobody yet is told what one that does will cost ({@link placeholderGas}).
 *
 * A message that fails gives its failure; one that fails only because its sender cannot pay for more gas is refused for
 * that, as its transaction would be. The state is left as it was.
 * @throws CallError as `callMessage`.
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
  // Others decide whether a code that is warm now will be when the transaction is in a block.
  const runConfig = { ...overrideConfig(config, overrides), loadsCold: true }
  let left = ESTIMATE_GAS_FACTOR * gasCap
  const attempt = (tried: CallMessage): { readonly applied: Applied; readonly outer: PreparedCall } =>
    undone(state, overrides, (overridden) => {
      const outer = prepareCall(overridden, tried, block, gasCap)
      const applied = applyMessage(overridden, outer, block, runConfig)
      left -= applied.gasSpent
      return { applied, outer }
    })

  const { applied: first, outer } = attempt(asked)
  if (first.kind !== 'success') {
    if (outer.isCutToFunds) {
      const { applied: unpaid } = attempt(withoutPrice(asked))
      if (unpaid.kind === 'success') {
        const balance = undone(state, overrides, (overridden) => overridden.balance(outer.from))
        throw insufficientFunds(balance, unpaid.gasSpent * outer.feeCap + outer.value)
      }
    }
    const announced = placeholderGas(outer)
    if (announced !== null && announced <= outer.gasLimit) return { kind: 'success', gas: announced }
    return failed(first, gasNote(asked, outer, block, gasCap))
  }
  const limit = outer.gasLimit
  const spent = first.gasSpent
  // Nothing ran, so nothing can run out of gas.
  if (spent === intrinsicGas(outer)) return { kind: 'success', gas: spent }
  // Nobody looked at how much there is but to see whether it is enough, so the least limit is known without trying it.
  if (first.spareGas !== null) {
    const unspent = limit - spent
    return { kind: 'success', gas: limit - (first.spareGas < unspent ? first.spareGas : unspent) }
  }
  let low = spent - 1n
  let high = limit
  /** False at the bound of all attempts. */
  const tried = (gas: bigint): boolean => {
    if (gas >= high) return true
    if (gas > left) return false
    const { applied } = attempt({ ...asked, gas })
    // A caller that makes do without a call that had too little gas is no success: with more gas it had not to.
    const suffices = applied.kind === 'success' && applied.innerFailures <= first.innerFailures
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

/**
 * The price of a root by its header, for tools that add up a deployment before they make its first transaction:
 * `cargo stylus` names the zero address in place of each fragment. Nobody can send that root, since nothing is ever at
 * that address; what code of unusually many loops and values costs on top cannot be seen in it. Null of anything else.
 */
function placeholderGas(outer: PreparedCall): bigint | null {
  if (outer.to !== null) return null
  const init = parseInitCode(outer.data)
  const placeholder = init.ok && init.constructorInput === null ? placeholderOf(init.code) : null
  if (!init.ok || placeholder === null) return null
  const deposit = CODE_DEPOSIT_BYTE_GAS * BigInt(init.code.length)
  const reached = COLD_ACCOUNT_GAS * BigInt(placeholder.fragments)
  // The bytes of an address cost what others than zero do.
  const data = outer.data.slice().fill(0xff, outer.data.length - ADDRESS_BYTES * placeholder.fragments)
  return intrinsicGas({ ...outer, data }) + deposit + reached + MODULE_BYTE_GAS * BigInt(placeholder.moduleBytes)
}

/** The same as far as its sender need not pay for it. */
function withoutPrice(message: CallMessage): CallMessage {
  const { gasPrice: _price, maxFeePerGas: _cap, maxPriorityFeePerGas: _tip, ...rest } = message
  return rest
}

function failed(applied: Applied, note: string): EstimateOutcome {
  const outcome = outcomeOf(applied, note)
  if (outcome.kind === 'success') throw new Error('a failed attempt became a success')
  return outcome
}
