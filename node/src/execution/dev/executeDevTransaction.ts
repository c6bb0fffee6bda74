/**
 * A dev transaction (docs/protocol/dev.md): a message of any sender, or operations on the state, for which the
 * controller of the chain has signed. It costs nobody anything; its gas counts for its block, so that a block's work
 * stays bounded.
 */

import { bigintToBytes, EMPTY_BYTES, equalBytes } from '../../codec/bytes.ts'
import { isZeroWord } from '../../state/accountEntry.ts'
import type { BlockState } from '../../state/state.ts'
import type { DevTransaction, SenderTransaction } from '../../types/transaction.ts'
import { type Applied, applyMessage } from '../applyMessage.ts'
import { checkWithoutState } from '../checkTransaction.ts'
import type { BlockContext } from '../contractHost.ts'
import type { ExecutionConfig } from '../executionConfig.ts'
import { intrinsicGas } from '../fees.ts'
import { MAX_NONCE } from '../limits.ts'
import { type TransactionError, transactionErrors } from '../transactionErrors.ts'
import { applyOperations, KEPT_ACCOUNTS } from './applyOperations.ts'
import { opensBlockOf, operationsOf } from './askedOperations.ts'
import { controllerOf, DEV_ADDRESS, usedSlot } from './devStorage.ts'
import { type DevOperation, opensBlock } from './operations.ts'

export type DevOutcome =
  | { readonly ok: true; readonly applied: Applied }
  /** It cannot be in this block; the state is untouched. */
  | { readonly ok: false; readonly error: TransactionError }

/** The result of executing operations. */
type Run = Pick<Applied, 'kind' | 'gasUsed' | 'logs' | 'message'> & { readonly backTo: Uint8Array | null }

export function executeDevTransaction(
  state: BlockState,
  tx: SenderTransaction,
  transaction: DevTransaction,
  block: BlockContext,
  gasLeftInBlock: bigint,
  config: ExecutionConfig,
): DevOutcome {
  const { gasLimit } = transaction
  const controller = controllerOf(state)
  if (controller === null) return refuse(transactionErrors.noDevMode())
  if (!equalBytes(tx.sender, controller)) return refuse(transactionErrors.notTheController())
  const error = checkWithoutState(transaction, block.gasLimit, config.chainId)
  if (error !== null) return refuse(error)
  const used = usedSlot(tx.hash)
  if (!isZeroWord(state.storage(DEV_ADDRESS, used))) return refuse(transactionErrors.devUsed())
  if (gasLimit > gasLeftInBlock) return refuse(transactionErrors.blockGasExhausted(gasLimit, gasLeftInBlock))
  const operations = operationsOf(transaction)
  // Every transaction uses gas, so only the first finds all of the block's.
  if (opensBlockOf(transaction) && gasLeftInBlock < block.gasLimit) return refuse(transactionErrors.devNotFirst())

  state.setStorage(DEV_ADDRESS, used, bigintToBytes(1n, 32))
  if (operations === null) {
    const applied = send(state, transaction, block, config)
    state.endTransaction()
    return { ok: true, applied }
  }
  const run = operate(state, transaction, operations, block, config)
  state.endTransaction()
  if (run.backTo !== null) state.goBackTo(run.backTo, KEPT_ACCOUNTS)
  return { ok: true, applied: asApplied(run) }
}

/**
 * As a transaction of the sender without fees; it cannot send more than it has, nor raise the last nonce. Accounts with code
 * may send, too.
 */
function send(state: BlockState, transaction: DevTransaction, block: BlockContext, config: ExecutionConfig): Applied {
  const { from, to, value, data, gasLimit } = transaction
  const failed = (message: string): Applied =>
    asApplied({ kind: 'failure', gasUsed: intrinsicGas(transaction), logs: [], message, backTo: null })
  const [nonce, balance] = [state.nonce(from), state.balance(from)]
  if (nonce >= MAX_NONCE) return failed(transactionErrors.nonceMax(nonce).message)
  if (balance < value) return failed(`insufficient funds for transfer: have ${balance}, want ${value}`)
  return applyMessage(state, { from, to, value, data, accessList: [], gasLimit, gasPrice: 0n }, block, config)
}

function operate(
  state: BlockState,
  transaction: DevTransaction,
  operations: readonly DevOperation[] | { readonly message: string },
  block: BlockContext,
  config: ExecutionConfig,
): Run {
  const { gasLimit, value } = transaction
  const intrinsic = intrinsicGas(transaction)
  const failed = (message: string): Run => ({ kind: 'failure', gasUsed: gasLimit, logs: [], message, backTo: null })
  if ('message' in operations) return failed(operations.message)
  if (value !== 0n) return failed('operations take no value')
  if (opensBlock(operations) && operations.length > 1) return failed('a snapshot, or going back to one, goes alone')
  const checkpoint = state.checkpoint()
  const outcome = applyOperations({ state, block, config, gas: gasLimit - intrinsic }, operations)
  if (!outcome.ok) {
    state.revert(checkpoint)
    return failed(outcome.message)
  }
  const gasUsed = intrinsic + outcome.gasUsed
  return { kind: 'success', gasUsed, logs: [...state.logs()], message: null, backTo: outcome.backTo }
}

function asApplied({ kind, gasUsed, logs, message }: Run): Applied {
  return {
    ...{ kind, gasUsed, logs, message, gasSpent: gasUsed },
    ...{ output: EMPTY_BYTES, contractAddress: null, innerFailures: 0, spareGas: null, loaded: [] },
  }
}

function refuse(error: TransactionError): DevOutcome {
  return { ok: false, error }
}
