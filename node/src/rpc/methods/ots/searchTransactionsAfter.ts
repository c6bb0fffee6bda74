import { defineMethod } from '../../method.ts'
import { historyPage, searchHistory } from '../../reading/accountHistory.ts'
import { historyView } from '../../reading/otterscan.ts'
import { HISTORY } from '../../schema/otterscan.ts'

/** ots_searchTransactionsAfter: transactions of an account in the blocks after one, the newest of them first. */
export const searchTransactionsAfter = defineMethod({
  name: 'ots_searchTransactionsAfter',
  kind: 'trace',
  pace: 'search',
  summary: 'as `ots_searchTransactionsBefore`, those next after a block (0: the oldest ones), the newest of them first',
  differs: 'as `ots_searchTransactionsBefore`',
  result: HISTORY,
  params: historyPage,
  async handle(context, account, number, pageSize) {
    const { base } = context.backend.chain
    const isOldest = BigInt(number) <= base
    const from = isOldest ? base + 1n : BigInt(number) + 1n
    const { found, isLast } = await searchHistory(context, account, from, 1n, pageSize)
    return historyView([...found].reverse(), isLast, isOldest)
  },
})
