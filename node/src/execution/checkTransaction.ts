/**
 * Whether a transaction may be included, as far as its own bytes and its sender's account say. Shared by the txpool
 * and by execution, so that both refuse the same things in the same words.
 */
import type { Transaction, TransactionEnvelope } from '../types/transaction.ts'
import { leastGasLimit } from './fees.ts'
import { MAX_INIT_CODE_BYTES, MAX_NONCE } from './limits.ts'
import { type TransactionError, transactionErrors } from './transactionErrors.ts'

export interface SenderAccount {
  readonly nonce: bigint
  /** Wei. */
  readonly balance: bigint
  /** True when the account has code (EIP-3607); absent means false. */
  readonly hasCode?: boolean
}

/** The most wei per gas a transaction agrees to pay. */
export function feeCap(transaction: Transaction): bigint {
  return transaction.type === 2 ? transaction.maxFeePerGas : transaction.gasPrice
}

/** The most wei per gas that may go to the block's proposer. */
export function tipCap(transaction: Transaction): bigint {
  return transaction.type === 2 ? transaction.maxPriorityFeePerGas : transaction.gasPrice
}

/** The most wei a transaction can cost its sender: what the sender must own (EIP-1559). */
export function maximumCost(transaction: Transaction): bigint {
  return transaction.gasLimit * feeCap(transaction) + transaction.value
}

/**
 * The checks that need the bytes of a transaction alone, the same on every node of the chain at every block: a peer
 * that passes on one that fails here did not check it. Cheap checks come first.
 * @returns null when nothing is wrong with it.
 */
export function checkWithoutState(
  transaction: Transaction,
  blockGasLimit: bigint,
  chainId: bigint,
): TransactionError | null {
  const { nonce, gasLimit } = transaction
  if (transaction.chainId === null) return transactionErrors.unprotected()
  if (transaction.chainId !== chainId) return transactionErrors.wrongChainId(transaction.chainId, chainId)
  const cap = feeCap(transaction)
  const tip = tipCap(transaction)
  if (tip > cap) return transactionErrors.tipAboveFeeCap(tip, cap)
  if (gasLimit > blockGasLimit) return transactionErrors.gasOverBlockLimit(gasLimit, blockGasLimit)
  if (transaction.to === null && transaction.data.length > MAX_INIT_CODE_BYTES) {
    return transactionErrors.initCodeTooLarge(transaction.data.length, MAX_INIT_CODE_BYTES)
  }
  const least = leastGasLimit(transaction)
  if (gasLimit < least) return transactionErrors.intrinsicGasTooLow(gasLimit, least)
  if (nonce >= MAX_NONCE) return transactionErrors.nonceMax(nonce)
  return null
}

/**
 * The checks that depend on the sender's account and on the base fee, for a transaction that {@link checkWithoutState}
 * lets through. Faults that can never become valid come first; `nonce-too-high` comes last, so a pool that gets it
 * knows that all the rest is in order and may queue.
 * @returns null when the transaction can be included.
 */
export function checkWithAccount(
  transaction: Transaction,
  account: SenderAccount,
  baseFee: bigint,
): TransactionError | null {
  const { nonce } = transaction
  if (account.hasCode === true) return transactionErrors.senderHasCode()
  if (nonce < account.nonce) return transactionErrors.nonceTooLow(account.nonce, nonce)
  const cap = feeCap(transaction)
  if (cap < baseFee) return transactionErrors.feeBelowBaseFee(cap, baseFee)
  const cost = maximumCost(transaction)
  if (account.balance < cost) return transactionErrors.insufficientFunds(account.balance, cost)
  if (nonce > account.nonce) return transactionErrors.nonceTooHigh(account.nonce, nonce)
  return null
}

/**
 * Checks a transaction against its sender's account and the block it might go into: {@link checkWithoutState}, then
 * {@link checkWithAccount}.
 * @returns null when the transaction can be included.
 */
export function checkTransaction(
  tx: TransactionEnvelope,
  account: SenderAccount,
  baseFee: bigint,
  blockGasLimit: bigint,
  chainId: bigint,
): TransactionError | null {
  const { transaction } = tx
  return checkWithoutState(transaction, blockGasLimit, chainId) ?? checkWithAccount(transaction, account, baseFee)
}
