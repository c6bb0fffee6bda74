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
 * Runs a message and undoes all of it.
 * @throws ChainError `invalid-call` when it cannot even start: too little gas or funds, fees that contradict.
 */
export function callMessage(
  state: State,
  message: CallMessage,
  block: BlockContext,
  config: ExecutionConfig,
  overrides: readonly StateOverride[],
): CallOutcome {
  return undone(state, overrides, (overridden) => {
    const outer = prepareCall(overridden, message, block)
    return outcomeOf(applyMessage(overridden, outer, block, config))
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

/** The most gas a call may ask for. */
export function callGasCap(block: BlockContext): bigint {
  return block.gasLimit > CALL_GAS_CAP ? block.gasLimit : CALL_GAS_CAP
}

/**
 * The message with every default filled in, its fees paid. Gas defaults to the block's limit, or less when the sender
 * cannot pay for that at the price it names.
 * @throws ChainError `invalid-call`.
 */
export function prepareCall(state: State, message: CallMessage, block: BlockContext): OuterMessage {
  const from = message.from ?? ZERO_ADDRESS
  const value = message.value ?? 0n
  const nonce = state.nonce(from)
  if (nonce >= MAX_NONCE) throw invalid(transactionErrors.nonceMax(nonce).message)
  const gasPrice = callGasPrice(message, block)
  const balance = state.balance(from)
  if (balance < value) throw invalid(transactionErrors.insufficientFunds(balance, value).message)
  const gasLimit = callGas(message, block, gasPrice, balance - value)
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

function callGas(message: CallMessage, block: BlockContext, gasPrice: bigint, funds: bigint): bigint {
  const cap = callGasCap(block)
  if (message.gas !== undefined) return message.gas < cap ? message.gas : cap
  if (gasPrice === 0n) return block.gasLimit
  const affordable = funds / gasPrice
  return affordable < block.gasLimit ? affordable : block.gasLimit
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

export function outcomeOf(applied: Applied): CallOutcome {
  const { kind, output, gasUsed, logs } = applied
  if (kind === 'success') return { kind, output, gasUsed, logs }
  const message = applied.message ?? 'execution failed'
  return kind === 'revert' ? { kind, output, gasUsed, message } : { kind, gasUsed, message }
}

function invalid(message: string): ChainError {
  return new ChainError('invalid-call', message)
}
