/**
 * The common part of a transaction, an eth_call and a gas estimate: from the gas limit to the gas used. Fees are the
 * callers' business.
 */
import { EMPTY_BYTES } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { printable } from '../codec/visibleText.ts'
import type { State } from '../state/state.ts'
import type { Log } from '../types/log.ts'
import type { AccessListEntry } from '../types/transaction.ts'
import { createAddress } from './contractAddress.ts'
import type { BlockContext } from './contractHost.ts'
import { createContract } from './creation.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { intrinsicAndFloor, REFUND_QUOTIENT } from './fees.ts'
import { MAX_FAILURE_TEXT } from './limits.ts'
import { runMessage } from './message.ts'
import { fromCall, revertMessage } from './revertReason.ts'
import { type MessageResult, newTransactionContext, type TransactionContext } from './transactionContext.ts'
import type { LoadedCode } from './warmCodes.ts'

export interface OuterMessage {
  readonly from: Uint8Array
  /** Null creates a contract. */
  readonly to: Uint8Array | null
  /** Wei; the sender has that much. */
  readonly value: bigint
  readonly data: Uint8Array
  readonly accessList: readonly AccessListEntry[]
  /** At least what `leastGasLimit` gives. */
  readonly gasLimit: bigint
  /** Effective, wei per gas. */
  readonly gasPrice: bigint
}

export interface Applied {
  readonly kind: MessageResult['kind']
  readonly output: Uint8Array
  /** After refunds, and at least the floor. */
  readonly gasUsed: bigint
  /** Before refunds, and at least the floor: no smaller limit lets the same steps run. */
  readonly gasSpent: bigint
  /**
   * Of a success: by how much less gas it would run the same way, where that pays for all it does ({@link gasSpent}); null
   * where that is not known.
   */
  readonly spareGas: bigint | null
  /** Of a success; else none. */
  readonly logs: readonly Log[]
  /** 20 bytes, of a creation, whether or not it succeeded. */
  readonly contractAddress: Uint8Array | null
  /** How many nested calls and creations ran and did not succeed, also of a success: their callers made do without. */
  readonly innerFailures: number
  /** Every code that it loaded or created, also of a failure, in the order of the first loads. */
  readonly loaded: readonly LoadedCode[]
  /** Why it failed, for people and safe to show; no part of consensus; null on success. */
  readonly message: string | null
}

const runner = { runMessage, createContract }

/** Runs a message from outside and raises the sender's nonce. Leaves the transaction open: the caller ends it. */
export function applyMessage(state: State, outer: OuterMessage, block: BlockContext, config: ExecutionConfig): Applied {
  const { from, to, value, data } = outer
  const nonce = state.nonce(from)
  state.setNonce(from, nonce + 1n)
  warmUp(state, outer, block)
  const context = newTransactionContext(runner, state, block, config, from, outer.gasPrice)
  const { intrinsic, floor } = intrinsicAndFloor(outer)
  const gas = outer.gasLimit - intrinsic
  const contractAddress = to === null ? createAddress(from, nonce) : null
  const result =
    contractAddress === null
      ? runMessage(context, {
          caller: from,
          self: to ?? EMPTY_BYTES,
          codeAddress: to ?? EMPTY_BYTES,
          value,
          input: data,
          gas,
          isStatic: false,
          kind: 'call',
          depth: 0,
        })
      : createContract(context, { creator: from, address: contractAddress, value, initCode: data, gas, depth: 0 })
  const gasSpent = outer.gasLimit - result.gasLeft
  return {
    kind: result.kind,
    output: result.output,
    gasUsed: greater(gasAfterRefund(gasSpent, state.refund()), floor),
    gasSpent: greater(gasSpent, floor),
    spareGas: context.spareGas,
    logs: [...state.logs()],
    contractAddress,
    innerFailures: context.innerFailures,
    loaded: [...context.loaded.values()],
    message: failureMessage(result, context, value),
  }
}

/** EIP-2929, 2930 and 3651: what is warm from the start. Precompiles always are. */
function warmUp(state: State, outer: OuterMessage, block: BlockContext): void {
  state.warmAddress(outer.from)
  if (outer.to !== null) state.warmAddress(outer.to)
  state.warmAddress(block.coinbase)
  for (const { address, storageKeys } of outer.accessList) {
    state.warmAddress(address)
    for (const key of storageKeys) state.warmSlot(address, key)
  }
}

/** EIP-3529. */
function gasAfterRefund(gasUsed: bigint, refund: bigint): bigint {
  const most = gasUsed / REFUND_QUOTIENT
  return gasUsed - (refund < most ? refund : most)
}

function greater(left: bigint, right: bigint): bigint {
  return left > right ? left : right
}

function failureMessage(result: MessageResult, context: TransactionContext, value: bigint): string | null {
  if (result.kind === 'success') return null
  const own = result.kind === 'revert' ? refusal(result.output, context, value) : result.reason
  // A contract that gives up because a call of its failed seldom says why; the chain knows.
  const tellsNothing = result.kind === 'failure' || result.output.length === 0
  const text = context.innerFailure !== null && tellsNothing ? `${own} (before that, ${context.innerFailure})` : own
  return printable(text, MAX_FAILURE_TEXT)
}

function refusal(output: Uint8Array, { innerRevert }: TransactionContext, value: bigint): string {
  const own = revertMessage(output, value)
  // Of the outermost frame itself, which is the call that everybody sees.
  if (innerRevert === null || innerRevert.isOutermost) return own
  const address = toHex(innerRevert.address)
  if (output.length > 0) return own + fromCall(address)
  return `${revertMessage(output)} (before that, the call to ${address} failed: ${revertMessage(innerRevert.output, innerRevert.value)})`
}
