import { defineMethod } from '../../method.ts'
import { TRANSACTION } from '../../schema/chainObjects.ts'
import { poolOf } from '../../schema/results.ts'
import { poolView } from '../../views/pool.ts'
import { transactionView } from '../../views/transaction.ts'

/** txpool_content: every transaction, by sender and nonce. */
export const content = defineMethod({
  name: 'txpool_content',
  kind: 'read',
  summary: 'every transaction, by sender and nonce',
  result: poolOf(TRANSACTION),
  params: [],
  handle: ({ backend, limits }) =>
    poolView(backend.txpool.content(), limits, (transaction) => transactionView(transaction, null)),
})
