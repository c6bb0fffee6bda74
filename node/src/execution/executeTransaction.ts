/** One transaction of a block: checks, fees, execution, receipt (EIP-1559). */
import { equalBytes } from '../codec/bytes.ts'
import { EMPTY_CODE_HASH } from '../crypto/keccak.ts'
import type { BlockState, State } from '../state/state.ts'
import { logsBloom } from '../types/bloom.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { isDevTransaction, type SenderTransaction } from '../types/transaction.ts'
import { effectiveGasPrice } from '../types/transactionCodec.ts'
import { type Applied, applyMessage } from './applyMessage.ts'
import { checkTransaction } from './checkTransaction.ts'
import type { BlockContext } from './contractHost.ts'
import { executeDevTransaction } from './dev/executeDevTransaction.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import { credit } from './transactionContext.ts'
import { type TransactionError, transactionErrors } from './transactionErrors.ts'
import type { LoadedCode } from './warmCodes.ts'

export type { BlockContext } from './contractHost.ts'
export type { ExecutionConfig } from './executionConfig.ts'

export type TransactionOutcome =
  | { readonly ok: true; readonly receipt: ReceiptRecord; readonly loaded: readonly LoadedCode[] }
  /** It cannot be in this block; the state is untouched. */
  | { readonly ok: false; readonly error: TransactionError }

/**
 * Executes a transaction on the state and ends it there. `gasLeftInBlock` is what the block's gas limit leaves after the
 * transactions before it; the receipt's cumulative gas follows from it.
 */
export function executeTransaction(
  state: BlockState,
  tx: SenderTransaction,
  block: BlockContext,
  gasLeftInBlock: bigint,
  config: ExecutionConfig,
): TransactionOutcome {
  const { transaction, sender } = tx
  if (isDevTransaction(transaction)) {
    const outcome = executeDevTransaction(state, tx, transaction, block, gasLeftInBlock, config)
    if (!outcome.ok) return outcome
    const cumulative = block.gasLimit - gasLeftInBlock + outcome.applied.gasUsed
    const { applied } = outcome
    return { ok: true, receipt: receiptOf(tx, transaction.from, applied, 0n, cumulative), loaded: applied.loaded }
  }
  const account = {
    nonce: state.nonce(sender),
    balance: state.balance(sender),
    hasCode: !equalBytes(state.codeHash(sender), EMPTY_CODE_HASH),
  }
  const error = checkTransaction(tx, account, block.baseFee, block.gasLimit, config.chainId)
  if (error !== null) return { ok: false, error }
  const { gasLimit } = transaction
  if (gasLimit > gasLeftInBlock) {
    return { ok: false, error: transactionErrors.blockGasExhausted(gasLimit, gasLeftInBlock) }
  }

  const gasPrice = effectiveGasPrice(transaction, block.baseFee)
  state.setBalance(sender, account.balance - gasLimit * gasPrice)
  const applied = applyMessage(
    state,
    {
      from: sender,
      to: transaction.to,
      value: transaction.value,
      data: transaction.data,
      accessList: transaction.type === 0 ? [] : transaction.accessList,
      gasLimit,
      gasPrice,
    },
    block,
    config,
  )
  payOut(state, sender, block, gasPrice, gasLimit, applied.gasUsed)
  state.endTransaction()
  const cumulativeGasUsed = block.gasLimit - gasLeftInBlock + applied.gasUsed
  return { ok: true, receipt: receiptOf(tx, sender, applied, gasPrice, cumulativeGasUsed), loaded: applied.loaded }
}

/** Unused gas goes back to the sender, the tip to the proposer; the base fee is nobody's. */
export function payOut(
  state: State,
  sender: Uint8Array,
  block: BlockContext,
  gasPrice: bigint,
  gasLimit: bigint,
  gasUsed: bigint,
): void {
  const unused = (gasLimit - gasUsed) * gasPrice
  if (unused > 0n) credit(state, sender, unused)
  const tip = (gasPrice - block.baseFee) * gasUsed
  if (tip > 0n) credit(state, block.coinbase, tip)
}

function receiptOf(
  tx: SenderTransaction,
  sender: Uint8Array,
  applied: Applied,
  effectiveGasPrice: bigint,
  cumulativeGasUsed: bigint,
): ReceiptRecord {
  return {
    receipt: {
      type: tx.transaction.type,
      status: applied.kind === 'success' ? 1 : 0,
      cumulativeGasUsed,
      logsBloom: logsBloom(applied.logs),
      logs: applied.logs,
    },
    transactionHash: tx.hash,
    sender,
    contractAddress: applied.contractAddress,
    gasUsed: applied.gasUsed,
    effectiveGasPrice,
    failure:
      applied.message === null
        ? null
        : { message: applied.message, revertData: applied.kind === 'revert' ? applied.output : null },
  }
}
