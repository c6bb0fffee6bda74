/**
 * JSON-RPC errors: the codes, and the one table that gives every expected error of the node its code and words. The
 * words are those that viem's and ethers' matchers look for; docs/protocol/rpc.md lists them.
 *
 * Expected things never become -32603: viem retries that one.
 */
import {
  ChainError,
  type ChainErrorCode,
  type SimulatedCallResult,
  type SimulationOutcome,
  type SimulationRefusal,
} from '../chain/chainService.ts'
import { toHex } from '../codec/hex.ts'
import { printable } from '../codec/visibleText.ts'
import { CallError, type CallOutcome } from '../execution/call.ts'
import { FAILED } from '../execution/revertReason.ts'
import type { AddOutcome, TxPoolErrorCode } from '../txpool/txpoolView.ts'
import { MAX_ERROR_LENGTH } from './limits.ts'

export const PARSE_ERROR = -32700
export const INVALID_REQUEST = -32600
export const METHOD_NOT_FOUND = -32601
export const INVALID_PARAMS = -32602
export const INTERNAL_ERROR = -32603
/** EIP-1474 "invalid input"; geth uses it for nearly everything that the caller got wrong. */
export const SERVER_ERROR = -32000
/** As geth, for a request that took too long. */
export const TIMED_OUT = -32002
/** EIP-1474 "limit exceeded": a bound of this server was passed, or it is busy. viem asks again after a while. */
export const LIMIT_EXCEEDED = -32005
/** As geth: the code by which viem and ethers recognise a revert. */
export const EXECUTION_REVERTED = 3
/** As geth and the execution APIs, for what was pruned; here: what is older than the node's snapshot. */
export const HISTORY_UNAVAILABLE = 4444
/** EIP-1193 "unauthorized": a method that is not for pages of this origin. */
export const UNAUTHORIZED = 4100
/** EIP-7966. */
export const SYNC_SEND_TIMED_OUT = 4
/** EIP-7966. */
export const SYNC_SEND_NOT_READY = 5

/**
 * Thrown by a method; becomes the `error` of the answer as it is. Its message may hold text
 * of a contract, a peer or the client itself, so it is made safe to show.
 */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  /** Hex text, where the error has any. */
  readonly data: string | undefined
  constructor(code: number, message: string, data?: string) {
    super(printable(message, MAX_ERROR_LENGTH))
    this.code = code
    this.data = data
  }
}

const CHAIN_ERROR_CODES: Readonly<Record<ChainErrorCode, number>> = {
  'unknown-block': SERVER_ERROR,
  'too-many-keys': LIMIT_EXCEEDED,
  'too-many-logs': LIMIT_EXCEEDED,
  'range-too-wide': LIMIT_EXCEEDED,
  'answer-too-large': LIMIT_EXCEEDED,
  'history-unavailable': HISTORY_UNAVAILABLE,
  // As geth, in whose words it begins.
  'state-pruned': SERVER_ERROR,
  busy: LIMIT_EXCEEDED,
  // As geth. Not LIMIT_EXCEEDED, which viem sends again: the same call would take as long.
  'call-aborted': SERVER_ERROR,
}

const TX_POOL_ERROR_CODES: Readonly<Record<TxPoolErrorCode, number>> = {
  malformed: INVALID_PARAMS,
  'unsupported-type': SERVER_ERROR,
  'invalid-signature': SERVER_ERROR,
  'wrong-chain-id': SERVER_ERROR,
  'already-known': SERVER_ERROR,
  'nonce-too-low': SERVER_ERROR,
  'nonce-too-high': SERVER_ERROR,
  'replacement-underpriced': SERVER_ERROR,
  'insufficient-funds': SERVER_ERROR,
  'intrinsic-gas-too-low': SERVER_ERROR,
  'gas-over-block-limit': SERVER_ERROR,
  'fee-below-base-fee': SERVER_ERROR,
  'tip-above-fee-cap': SERVER_ERROR,
  'too-large': SERVER_ERROR,
  'init-code-too-large': SERVER_ERROR,
  'sender-has-code': SERVER_ERROR,
  'dev-unauthorized': SERVER_ERROR,
  'dev-used': SERVER_ERROR,
  'pool-full': SERVER_ERROR,
  'sender-limit': SERVER_ERROR,
  'set-aside': SERVER_ERROR,
}

/** Undefined for what is not an expected error: a fault of ours. */
export function asRpcError(error: unknown): RpcError | undefined {
  if (error instanceof RpcError) return error
  if (error instanceof CallError) return new RpcError(SERVER_ERROR, error.message)
  if (error instanceof ChainError) return new RpcError(CHAIN_ERROR_CODES[error.code], error.message)
  return undefined
}

export function refusedTransaction(outcome: Extract<AddOutcome, { ok: false }>): RpcError {
  return new RpcError(TX_POOL_ERROR_CODES[outcome.code], outcome.message)
}

/**
 * For eth_call and eth_estimateGas. A trap and running out of gas are code 3 too, though no revert: trying again gives the
 * same, and of another code viem would say that the parameters were wrong. They have no `data`: with an empty one ethers
 * would tell its user of a revert without a reason, and drop the message.
 */
export function failedCall(outcome: Exclude<CallOutcome, { kind: 'success' }>): RpcError {
  if (outcome.kind === 'failure') return new RpcError(EXECUTION_REVERTED, `${FAILED}: ${outcome.message}`)
  return new RpcError(EXECUTION_REVERTED, outcome.message, toHex(outcome.output))
}

/** execution-apis, "eth_simulateV1": the errors of a simulation that cannot be. */
const SIMULATION_ERROR_CODES: Readonly<Record<SimulationRefusal, number>> = {
  'nonce-too-low': -38010,
  'nonce-too-high': -38011,
  'fee-below-base-fee': -38012,
  'intrinsic-gas-too-low': -38013,
  'insufficient-funds': -38014,
  'block-gas-exhausted': -38015,
  'gas-over-block-limit': -38015,
  'block-number': -38020,
  'block-time': -38021,
  'moved-to-itself': -38022,
  'moved-together': -38023,
  'sender-has-code': -38024,
  'init-code-too-large': -38025,
  'too-many-blocks': -38026,
  'tip-above-fee-cap': SERVER_ERROR,
  'wrong-chain-id': SERVER_ERROR,
  // No call of a simulation is a dev transaction.
  'dev-not-first': SERVER_ERROR,
  'dev-unauthorized': SERVER_ERROR,
  'dev-used': SERVER_ERROR,
}
/** The same, of a call that failed and did not revert. */
const SIMULATED_EXECUTION_FAILED = -32015

export function refusedSimulation({ code, message }: Extract<SimulationOutcome, { kind: 'refused' }>): RpcError {
  return new RpcError(SIMULATION_ERROR_CODES[code], message)
}

/** Of blocks that are asked for by their number, in the code that the execution APIs have for it. */
export function tooManySimulatedBlocks(given: number, limit: number): RpcError {
  const message = `too many blocks: ${given}, at most ${limit} are simulated (maxSimulatedBlocks)`
  return new RpcError(SIMULATION_ERROR_CODES['too-many-blocks'], message)
}

/** The `error` of one call of a simulation. */
export function failedSimulatedCall({ kind, message, output }: SimulatedCallResult): object {
  const text = message ?? FAILED
  if (kind === 'failure') return { code: SIMULATED_EXECUTION_FAILED, message: `${FAILED}: ${text}` }
  return { code: EXECUTION_REVERTED, message: text, data: toHex(output) }
}

export function invalidParams(message: string): RpcError {
  return new RpcError(INVALID_PARAMS, `invalid params: ${message}`)
}

/** Of a request that asks for more than a bound allows; the message names the bound. */
export function limitExceeded(message: string): RpcError {
  return new RpcError(LIMIT_EXCEEDED, message)
}

export function unknownBlock(shown: string): RpcError {
  return new RpcError(SERVER_ERROR, `header not found: no block ${shown}`)
}

/** Of HTTP, and of a WebSocket message. */
export function bodyTooLarge(limit: number): RpcError {
  return limitExceeded(`request body too large: at most ${limit} bytes (maxBodyBytes); send less at a time`)
}

export function responseTooLarge(limit: number): RpcError {
  return limitExceeded(`response too large: more than ${limit} characters (maxResponseLength); ask for less`)
}
