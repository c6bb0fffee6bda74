/**
 * eth_call: a message run on a state and undone. Fees matter only to a caller that names a gas price, as in geth; the
 * nonce and the sender's code never do.
 */
import { type CallMessage, type CallOutcome, ChainError, type StateOverride } from '../chain/chainService.ts'
import { EMPTY_BYTES } from '../codec/bytes.ts'
import type { State } from '../state/state.ts'
import { type Applied, applyMessage, type OuterMessage } from './applyMessage.ts'
import type { BlockContext } from './contractHost.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { intrinsicGas } from './fees.ts'
import { CALL_GAS_CAP, MAX_NONCE } from './limits.ts'
import { overrideState } from './overriddenState.ts'
import { transactionErrors } from './transactionErrors.ts'

const ZERO_ADDRESS = new Uint8Array(20)

/**
 * Runs a message and undoes all of it. `gasCap` is the most gas it gets.
 * @throws ChainError `invalid-call` when it cannot even start: too little gas or funds, fees that contradict.
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
    return outcomeOf(applyMessage(overridden, outer, block, config), capNote(message, outer, block, gasCap))
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
export function capNote(message: CallMessage, outer: OuterMessage, block: BlockContext, gasCap: bigint): string {
  const wanted = message.gas ?? block.gasLimit
  if (wanted <= gasCap || outer.gasLimit < gasCap) return ''
  return `; it ran with ${gasCap} gas, the most this node gives a call (callGasCap), and not with ${wanted}`
}

/**
 * The message with every default filled in, its fees paid. Gas defaults to the block's limit, or less when the sender
 * cannot pay for that at the price it names.
 * @throws ChainError `invalid-call`.
 */
export function prepareCall(state: State, message: CallMessage, block: BlockContext, gasCap: bigint): OuterMessage {
  const from = message.from ?? ZERO_ADDRESS
  const value = message.value ?? 0n
  const nonce = state.nonce(from)
  if (nonce >= MAX_NONCE) throw invalid(transactionErrors.nonceMax(nonce).message)
  const gasPrice = callGasPrice(message, block)
  const balance = state.balance(from)
  if (balance < value) throw invalid(transactionErrors.insufficientFunds(balance, value).message)
  const gasLimit = callGas(message, block, gasPrice, balance - value, gasCap)
  const outer: OuterMessage = {
    from,
    to: message.to ?? null,
    value,
    data: message.data ?? EMPTY_BYTES,
    accessList: message.accessList ?? [],
    gasLimit,
    gasPrice,
  }
  const cost = gasLimit * gasPrice + value
  if (balance < cost) throw invalid(transactionErrors.insufficientFunds(balance, cost).message)
  const intrinsic = intrinsicGas(outer)
  if (gasLimit < intrinsic) throw invalid(transactionErrors.intrinsicGasTooLow(gasLimit, intrinsic).message)
  if (gasPrice > 0n) state.setBalance(from, balance - gasLimit * gasPrice)
  return outer
}

function callGas(message: CallMessage, block: BlockContext, gasPrice: bigint, funds: bigint, cap: bigint): bigint {
  if (message.gas !== undefined) return lesser(message.gas, cap)
  const most = lesser(block.gasLimit, cap)
  return gasPrice === 0n ? most : lesser(funds / gasPrice, most)
}

function lesser(left: bigint, right: bigint): bigint {
  return left < right ? left : right
}

/** Effective; 0 when the caller names no price, so that calls from anybody are free. */
function callGasPrice(message: CallMessage, block: BlockContext): bigint {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = message
  if (gasPrice !== undefined && (maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined)) {
    throw invalid('both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified')
  }
  const cap = gasPrice ?? maxFeePerGas
  const tip = gasPrice ?? maxPriorityFeePerGas ?? 0n
  if (cap === undefined || cap === 0n) {
    if (cap === 0n && tip > 0n) throw invalid(transactionErrors.tipAboveFeeCap(tip, cap).message)
    return 0n
  }
  if (tip > cap) throw invalid(transactionErrors.tipAboveFeeCap(tip, cap).message)
  if (cap < block.baseFee) throw invalid(transactionErrors.feeBelowBaseFee(cap, block.baseFee).message)
  return block.baseFee + tip < cap ? block.baseFee + tip : cap
}

/** `note` is said with a failure: what the caller should know of the run. */
export function outcomeOf(applied: Applied, note: string): CallOutcome {
  const { kind, output, gasUsed, logs } = applied
  if (kind === 'success') return { kind, output, gasUsed, logs }
  const message = applied.message ?? 'execution failed'
  // A revert is the contract's own answer, which clients decode; it gets no words of ours.
  return kind === 'revert' ? { kind, output, gasUsed, message } : { kind, gasUsed, message: message + note }
}

function invalid(message: string): ChainError {
  return new ChainError('invalid-call', message)
}
