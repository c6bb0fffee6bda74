import { BaseError, type Hex, type Transaction } from 'viem'
import type { Connection } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'

/** @throws CliError when the node knows none of this hash. */
export async function findTransaction(connection: Connection, hash: Hex): Promise<Transaction> {
  try {
    return await connection.client.getTransaction({ hash })
  } catch (error) {
    if (!(error instanceof BaseError) || error.name !== 'TransactionNotFoundError') throw error
    throw new CliError(`the node at ${connection.url} knows no transaction ${hash}`, {
      hint: 'it was never sent, was dropped, or is on its way from another node: ask that one with --node N',
    })
  }
}
