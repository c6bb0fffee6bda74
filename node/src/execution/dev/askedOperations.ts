/** The operations that a dev transaction asks for, and what they mean for its block, before anything is executed. */
import { equalBytes } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import { type DevTransaction, isDevTransaction, type TransactionEnvelope } from '../../types/transaction.ts'
import { DEV_ADDRESS } from './devStorage.ts'
import { type DevOperation, decodeOperations, opensBlock } from './operations.ts'

/** Whether it can only be the first of its block. */
export function opensBlockOf(transaction: DevTransaction): boolean {
  const operations = operationsOf(transaction)
  return operations !== null && !('message' in operations) && opensBlock(operations)
}

/** Those of all dev transactions among these, in their order. */
export function operationsAmong(transactions: readonly TransactionEnvelope[]): readonly DevOperation[] {
  return transactions.flatMap(({ transaction }) => {
    const operations = isDevTransaction(transaction) ? operationsOf(transaction) : null
    return operations === null || 'message' in operations ? [] : operations
  })
}

/** Null for a message of somebody's; why they cannot be read. */
export function operationsOf({
  to,
  data,
}: DevTransaction): readonly DevOperation[] | { readonly message: string } | null {
  if (to === null || !equalBytes(to, DEV_ADDRESS)) return null
  try {
    return decodeOperations(data)
  } catch (error) {
    if (error instanceof CodecError) return { message: error.message }
    throw error
  }
}
