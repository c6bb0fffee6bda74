import { blockCountOrTag } from '../../decode/blockReference.ts'
import { count } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { blockTransactionsView } from '../../reading/otterscan.ts'
import { BLOCK_TRANSACTIONS } from '../../schema/otterscan.ts'
import { nullable } from '../../schema/schema.ts'

/** ots_getBlockTransactions: a page of a block's transactions with their receipts; page 0 has the last of them. */
export const getBlockTransactions = defineMethod({
  name: 'ots_getBlockTransactions',
  kind: 'read',
  summary:
    "a page of a block's transactions, with receipts; page 0 has the last ones. Inputs are cut to the selector, receipts have no logs. At most `maxHistoryPage` at a time",
  result: nullable(BLOCK_TRANSACTIONS),
  params: ({ limits }) => [
    required('block', blockCountOrTag),
    required('page', count(0, Number.MAX_SAFE_INTEGER)),
    required('pageSize', count(1, limits.maxHistoryPage)),
  ],
  async handle({ blocks }, at, page, pageSize) {
    const executed = await blocks.executed(at)
    if (executed === null) return null
    const end = Math.max(0, executed.block.transactions.length - page * pageSize)
    return blockTransactionsView(executed, Math.max(0, end - pageSize), end)
  },
})
