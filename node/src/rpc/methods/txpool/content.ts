import { defineMethod } from '../../method.ts'
import { poolView } from '../../views/pool.ts'
import { transactionView } from '../../views/transaction.ts'

/** txpool_content: every transaction, by sender and nonce. */
export const content = defineMethod({
  name: 'txpool_content',
  kind: 'read',
  params: [],
  handle: ({ backend, limits }) =>
    poolView(backend.txpool.content(), limits, (transaction) => transactionView(transaction, null)),
})
