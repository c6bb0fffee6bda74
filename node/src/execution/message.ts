/**
 * Running one message: value, then the precompile, the contract, or nothing, at its address. What a message changed is
 * undone when it does not succeed.
 */
import { EMPTY_BYTES, keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { type FrameOutcome, loadContract } from './contractHost.ts'
import { CODE_LOAD_WORD_GAS, CONTRACT_FRAME_GAS } from './fees.ts'
import { FrameEnvironment } from './frameEnvironment.ts'
import { findPrecompile, type Precompile } from './precompiles/precompiles.ts'
import { failure, type MessageResult, type TransactionContext, transfer, whileActing } from './transactionContext.ts'

export interface Message {
  readonly caller: Uint8Array
  /** The account acted on. */
  readonly self: Uint8Array
  /** The account whose code runs: `self` but in a delegate call. */
  readonly codeAddress: Uint8Array
  /** What the contract sees as value; moved from `caller` to `self` but in a delegate call. The caller has that much. */
  readonly value: bigint
  readonly input: Uint8Array
  readonly gas: bigint
  readonly isStatic: boolean
  readonly isDelegate: boolean
  /** The code's account was cold before this message. */
  readonly isCold: boolean
  /** Below MAX_CALL_DEPTH; 0 for the message of a transaction. */
  readonly depth: number
}

export function runMessage(context: TransactionContext, message: Message): MessageResult {
  const { state } = context
  const checkpoint = state.checkpoint()
  if (!message.isDelegate) transfer(state, message.caller, message.self, message.value)
  const result = runCode(context, message)
  if (result.kind !== 'success') state.revert(checkpoint)
  if (result.kind === 'failure' && message.depth > 0) {
    context.innerFailure = `the call to ${toHex(message.codeAddress)} failed: ${result.reason}`
  }
  return result
}

function runCode(context: TransactionContext, message: Message): MessageResult {
  const precompile = findPrecompile(message.codeAddress)
  if (precompile !== undefined) return runPrecompile(precompile, message)
  const code = context.state.code(message.codeAddress)
  if (code.length === 0) return { kind: 'success', output: EMPTY_BYTES, gasLeft: message.gas }
  return runContract(context, message, code, message.isCold)
}

/** Runs a contract whose value has been moved already. `isCold`: its code is charged for being loaded. */
export function runContract(
  context: TransactionContext,
  message: Message,
  code: Uint8Array,
  isCold: boolean,
): MessageResult {
  const entryGas = CONTRACT_FRAME_GAS + (isCold ? CODE_LOAD_WORD_GAS * BigInt(Math.ceil(code.length / 32)) : 0n)
  if (message.gas < entryGas) {
    return failure(`out of gas: limit ${message.gas}, starting the contract costs ${entryGas}`)
  }
  const loaded = loadContract(code, context.state.codeHash(message.codeAddress), context.config)
  if (!loaded.ok) return failure(`the account's code cannot run: ${loaded.error.message}`)
  const { program, abi } = loaded.contract
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
    reentrant: openFrames > (message.isDelegate ? 1 : 0),
    gasPrice: context.gasPrice,
    chainId: context.config.chainId,
    block: context.block,
  })
  const execute = () => abi.execute(program, environment, message.gas - entryGas)
  const outcome = message.isDelegate ? execute() : whileActing(context, message.self, execute)
  return resultOf(outcome, message)
}

function resultOf(outcome: FrameOutcome, message: Message): MessageResult {
  if (outcome.kind !== 'failure') return outcome
  const { trap } = outcome
  if (trap.code !== 'out-of-gas') return failure(trap.message)
  return failure(`out of gas: limit ${message.gas}, used ${message.gas} (${trap.message})`)
}

function runPrecompile(precompile: Precompile, message: Message): MessageResult {
  const gas = precompile.gas(message.input)
  if (gas > message.gas) {
    return failure(`out of gas: precompile ${precompile.name} costs ${gas}, limit ${message.gas}`)
  }
  const output = precompile.run(message.input)
  if (output === null) return failure(`precompile ${precompile.name} refused its input`)
  return { kind: 'success', output, gasLeft: message.gas - gas }
}
