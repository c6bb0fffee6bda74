/** The operations that a dev transaction asks for, and what they mean for its block, before anything is executed. */
import { equalBytes } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import type { DevTransaction } from '../../types/transaction.ts'
import { DEV_ADDRESS } from './devStorage.ts'
import { type DevOperation, decodeOperations, opensBlock } from './operations.ts'

/** Whether it can only be the first of its block. */
export function opensBlockOf(transaction: DevTransaction): boolean {
  const operations = operationsOf(transaction)
  return operations !== null && !('message' in operations) && opensBlock(operations)
}

/** Whether it asks for blocks, of which the one that it is in is the first. */
export function asksForBlocks(transaction: DevTransaction): boolean {
  const operations = operationsOf(transaction)
  return operations !== null && !('message' in operations) && operations.some(({ kind }) => kind === 'mine')
}

/** The time that it gives the block after its own, Unix seconds; null where it gives none. */
export function nextTimestampOf(transaction: DevTransaction): bigint | null {
  const operations = operationsOf(transaction)
  if (operations === null || 'message' in operations) return null
  return operations.findLast((operation) => operation.kind === 'nextTimestamp')?.timestamp ?? null
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
