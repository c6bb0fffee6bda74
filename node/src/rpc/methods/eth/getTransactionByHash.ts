import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { TRANSACTION } from '../../schema/chainObjects.ts'
import { nullable } from '../../schema/schema.ts'
import { transactionView } from '../../views/transaction.ts'

/** eth_getTransactionByHash: from the pool or the chain; null when unknown. */
export const getTransactionByHash = defineMethod({
  name: 'eth_getTransactionByHash',
  kind: 'read',
  summary: 'from the pool or the chain, null when unknown',
  result: nullable(TRANSACTION),
  params: [required('hash', hash)],
  async handle({ backend, blocks }, transactionHash) {
    const recent = blocks.recentTransaction(transactionHash)
    if (recent === undefined) {
      const waiting = backend.txpool.get(transactionHash)
      if (waiting !== undefined) return transactionView(waiting, null)
    }
    const found = recent ?? (await blocks.transaction(transactionHash))
    return found === null
      ? null
      : transactionView(found.block.transaction(found.index)!, found.block.place(found.index))
  },
})
