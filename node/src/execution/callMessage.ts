/**
 * eth_call: a message run on a state and undone. Fees matter only to a caller that names a gas price, as in geth; the
 * nonce and the sender's code never do.
 */

import { EMPTY_BYTES } from '../codec/bytes.ts'
import type { State } from '../state/state.ts'
import { ZERO_ADDRESS } from '../types/headerCodec.ts'
import { type Applied, applyMessage, type OuterMessage } from './applyMessage.ts'
import { CallError, type CallMessage, type CallOutcome, type StateOverride } from './call.ts'
import type { BlockContext } from './contractHost.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { leastGasLimit } from './fees.ts'
import { CALL_GAS_CAP, MAX_NONCE } from './limits.ts'
import { overrideConfig } from './overriddenConfig.ts'
import { overrideState } from './overriddenState.ts'
import { transactionErrors } from './transactionErrors.ts'

/**
 * Runs a message and undoes all of it. `gasCap` is the most gas it gets.
 * @throws CallError when it cannot even start: too little gas or funds, fees that contradict.
 */
export function callMessage(
  state: State,
  message: CallMessage,
  block: BlockContext,
  config: ExecutionConfig,
  overrides: readonly StateOverride[],
  gasCap: bigint = defaultGasCap(block),
): CallOutcome {
  return undone(state, overrides, (overridden) => {
    const outer = prepareCall(overridden, message, block, gasCap)
    const applied = applyMessage(overridden, outer, block, overrideConfig(config, overrides))
    return outcomeOf(applied, gasNote(message, outer, block, gasCap))
  })
}

/** Runs `body` on the state with overrides; afterwards the state is as before. */
export function undone<T>(state: State, overrides: readonly StateOverride[], body: (overridden: State) => T): T {
  const checkpoint = state.checkpoint()
  try {
    return body(overrideState(state, overrides))
  } finally {
    state.revert(checkpoint)
  }
}

/** The most gas a call gets where the node was not told: what any transaction may use, at least. */
export function defaultGasCap(block: BlockContext): bigint {
  return block.gasLimit > CALL_GAS_CAP ? block.gasLimit : CALL_GAS_CAP
}

/** To be said with a failure of a call that got less gas than it asked for; else empty. */
export function gasNote(message: CallMessage, outer: PreparedCall, block: BlockContext, gasCap: bigint): string {
  if (outer.isCutToFunds) {
    return `; it ran with ${outer.gasLimit} gas, all that the sender can pay for at ${outer.feeCap} wei a gas`
  }
  const wanted = message.gas ?? block.gasLimit
  if (wanted <= gasCap || outer.gasLimit < gasCap) return ''
  return `; it ran with ${gasCap} gas, the most this node gives a call (callGasCap), and not with ${wanted}`
}

export interface PreparedCall extends OuterMessage {
  /** The most wei per gas the caller agrees to pay; 0 when it names no price. */
  readonly feeCap: bigint
  /** Whether it would have more gas if its sender had more funds. */
  readonly isCutToFunds: boolean
}

/**
 * The message with every default filled in, its fees paid. Gas defaults to the block's limit, or less when the sender
 * cannot pay for that. A payable amount is judged as for a transaction (checkTransaction.ts): gas times the fee cap, and the
 * value, whatever the block will charge.
 * @throws CallError.
 */
export function prepareCall(state: State, message: CallMessage, block: BlockContext, gasCap: bigint): PreparedCall {
  const from = message.from ?? ZERO_ADDRESS
  const value = message.value ?? 0n
  const nonce = state.nonce(from)
  if (nonce >= MAX_NONCE) throw invalid(transactionErrors.nonceMax(nonce).message)
  const { feeCap, gasPrice } = callFees(message, block)
  const balance = state.balance(from)
  const fields = {
    from,
    to: message.to ?? null,
    value,
    data: message.data ?? EMPTY_BYTES,
    accessList: message.accessList ?? [],
  }
  const least = leastGasLimit(fields)
  let gasLimit = lesser(message.gas ?? block.gasLimit, gasCap)
  let isCutToFunds = false
  if (message.gas === undefined && feeCap > 0n) {
    const payable = balance < value ? 0n : (balance - value) / feeCap
    isCutToFunds = payable >= least && payable < gasLimit
    // With less than the least limit nothing runs: that is then what its sender is short of.
    gasLimit = lesser(payable < least ? least : payable, gasLimit)
  }
  if (gasLimit < least) throw invalid(transactionErrors.intrinsicGasTooLow(gasLimit, least).message)
  const cost = gasLimit * feeCap + value
  if (balance < cost) throw insufficientFunds(balance, cost)
  if (gasPrice > 0n) state.setBalance(from, balance - gasLimit * gasPrice)
  return { ...fields, gasLimit, gasPrice, feeCap, isCutToFunds }
}

function lesser(left: bigint, right: bigint): bigint {
  return left < right ? left : right
}

/** The cap and the effective price; 0 when the caller names none, so that calls from anybody are free. */
function callFees(message: CallMessage, block: BlockContext): { readonly feeCap: bigint; readonly gasPrice: bigint } {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = message
  if (gasPrice !== undefined && (maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined)) {
    throw invalid('both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified')
  }
  const cap = gasPrice ?? maxFeePerGas
  const tip = gasPrice ?? maxPriorityFeePerGas ?? 0n
  if (cap === undefined || cap === 0n) {
    if (cap === 0n && tip > 0n) throw invalid(transactionErrors.tipAboveFeeCap(tip, cap).message)
    return { feeCap: 0n, gasPrice: 0n }
  }
  if (tip > cap) throw invalid(transactionErrors.tipAboveFeeCap(tip, cap).message)
  if (cap < block.baseFee) throw invalid(transactionErrors.feeBelowBaseFee(cap, block.baseFee).message)
  return { feeCap: cap, gasPrice: lesser(block.baseFee + tip, cap) }
}

/** `note` is said with a failure: what the caller should know of the run. */
export function outcomeOf(applied: Applied, note: string): CallOutcome {
  const { kind, output, gasUsed, logs } = applied
  if (kind === 'success') return { kind, output, gasUsed, logs }
  const message = applied.message ?? 'execution failed'
  // A revert is the contract's own answer, which clients decode; it gets no words of ours.
  return kind === 'revert' ? { kind, output, gasUsed, message } : { kind, gasUsed, message: message + note }
}

/** In the words in which a transaction is refused. */
export function insufficientFunds(have: bigint, want: bigint): CallError {
  return invalid(transactionErrors.insufficientFunds(have, want).message)
}

function invalid(message: string): CallError {
  return new CallError(message)
}
