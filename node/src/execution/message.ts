/**
 * Running one message: value, then the precompile, the contract, or nothing, at its address. The changes of a message are
 * undone when it does not succeed.
 */
import { EMPTY_BYTES, keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import type { CallRequest, FrameOutcome } from './contractHost.ts'
import { FrameEnvironment } from './frameEnvironment.ts'
import { loadCode } from './loadCode.ts'
import { findNative } from './native/nativeContracts.ts'
import { findPrecompile, type Precompile } from './precompiles/precompiles.ts'
import { precompilePrices } from './precompiles/prices.ts'
import {
  failure,
  type MessageResult,
  noteRevert,
  type TransactionContext,
  transfer,
  whileActing,
} from './transactionContext.ts'

export interface Message {
  readonly caller: Uint8Array
  /** The account acted on. */
  readonly self: Uint8Array
  /** The account whose code runs: `self` but in a delegate call. */
  readonly codeAddress: Uint8Array
  /** The value the contract sees; moved from `caller` to `self` but in a delegate call. The caller has that much. */
  readonly value: bigint
  readonly input: Uint8Array
  readonly gas: bigint
  /** Also of an ordinary call inside a static one. */
  readonly isStatic: boolean
  /** Of a delegate call, the code of another account runs on this one's storage. */
  readonly kind: CallRequest['kind']
  /** Below MAX_CALL_DEPTH; 0 for the message of a transaction. */
  readonly depth: number
}

export function runMessage(context: TransactionContext, message: Message): MessageResult {
  const { state } = context
  const { tracer } = context.config
  tracer?.enterMessage(message)
  const checkpoint = state.checkpoint()
  if (message.kind !== 'delegatecall') transfer(context, message.caller, message.self, message.value)
  const before = context.innerRevert
  context.innerRevert = null
  const result = runCode(context, message)
  if (result.kind !== 'success') state.revert(checkpoint)
  noteRevert(
    context,
    { isOutermost: message.depth === 0, address: message.codeAddress, value: message.value },
    result,
    before,
  )
  if (result.kind !== 'success' && message.depth > 0) context.innerFailures++
  if (result.kind === 'failure' && message.depth > 0) {
    context.innerFailure = `the call to ${toHex(message.codeAddress)} failed: ${result.reason}`
  }
  tracer?.leave(result)
  return result
}

function runCode(context: TransactionContext, message: Message): MessageResult {
  const { precompileAt = findPrecompile } = context.config
  const precompile = precompileAt(message.codeAddress)
  if (precompile !== undefined) return runPrecompile(context, precompile, message)
  const result = findNative(message.codeAddress)?.run(context, message) ?? null
  if (result !== null) return result
  const code = context.state.code(message.codeAddress)
  if (code.length === 0) return { kind: 'success', output: EMPTY_BYTES, gasLeft: message.gas }
  // Of a transaction's first frame. It stands until that one starts another, which is before any of these comes here.
  if (message.depth === 0) context.spareGas = message.gas
  return runContract(context, message, code)
}

/** Runs a contract whose value has been moved already. */
export function runContract(context: TransactionContext, message: Message, code: Uint8Array): MessageResult {
  const loading = loadCode(context, message.codeAddress, code, message.gas, message.depth)
  if (!loading.ok) return failure(loading.reason)
  const { program, abi, schedule } = loading.contract
  const openFrames = context.acting.get(keyOf(message.self)) ?? 0
  const environment = new FrameEnvironment(context, {
    self: message.self,
    codeAddress: message.codeAddress,
    caller: message.caller,
    origin: context.origin,
    value: message.value,
    input: message.input,
    isStatic: message.isStatic,
    depth: message.depth,
    // A delegate call acts for a frame that is open itself.
    reentrant: openFrames > (message.kind === 'delegatecall' ? 1 : 0),
    gasPrice: context.gasPrice,
    chainId: context.config.chainId,
    block: context.block,
  })
  const execute = () => abi.execute(program, environment, message.gas - loading.gas, schedule)
  const outcome = message.kind === 'delegatecall' ? execute() : whileActing(context, message.self, execute)
  return resultOf(outcome, message)
}

function resultOf(outcome: FrameOutcome, message: Message): MessageResult {
  if (outcome.kind !== 'failure') return outcome
  const { trap } = outcome
  if (trap.code !== 'out-of-gas') return failure(trap.message)
  const where = trap.message.replace(/^out of gas[:,]? ?/, '')
  return failure(`out of gas: limit ${message.gas}, used ${message.gas}${where === '' ? '' : ` (${where})`}`)
}

function runPrecompile(context: TransactionContext, precompile: Precompile, message: Message): MessageResult {
  const gas = precompile.gas(message.input, precompilePrices(context.config.schedule))
  if (gas > message.gas) {
    return failure(`out of gas: precompile ${precompile.name} costs ${gas}, limit ${message.gas}`)
  }
  const output = precompile.run(message.input)
  if (output === null) return failure(`precompile ${precompile.name} refused its input`)
  return { kind: 'success', output, gasLeft: message.gas - gas }
}
