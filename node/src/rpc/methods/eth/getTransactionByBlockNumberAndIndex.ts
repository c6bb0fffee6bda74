import { blockNumberOrPending } from '../../decode/blockReference.ts'
import { uint64 } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { pendingTransactions } from '../../reading/pendingBlock.ts'
import { TRANSACTION } from '../../schema/chainObjects.ts'
import { nullable } from '../../schema/schema.ts'
import { transactionView } from '../../views/transaction.ts'

/** eth_getTransactionByBlockNumberAndIndex: null when there is no such block or transaction. */
export const getTransactionByBlockNumberAndIndex = defineMethod({
  name: 'eth_getTransactionByBlockNumberAndIndex',
  kind: 'read',
  summary: 'the transaction, null when there is none',
  result: nullable(TRANSACTION),
  params: [required('block', blockNumberOrPending), required('index', uint64)],
  async handle({ backend, blocks }, at, index) {
    if (at === 'pending') {
      const waiting = pendingTransactions(backend)[Number(index)]
      return waiting === undefined ? null : transactionView(waiting, null)
    }
    const block = await blocks.executed(at)
    const transaction = block?.transaction(Number(index))
    return block === null || transaction === undefined ? null : transactionView(transaction, block.place(Number(index)))
  },
})
