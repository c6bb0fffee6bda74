import { defineMethod } from '../../method.ts'
import { historyPage, searchHistory } from '../../reading/accountHistory.ts'
import { historyView } from '../../reading/otterscan.ts'
import { HISTORY } from '../../schema/otterscan.ts'

/** ots_searchTransactionsBefore: transactions of an account in blocks before one, the newest first. */
export const searchTransactionsBefore = defineMethod({
  name: 'ots_searchTransactionsBefore',
  kind: 'trace',
  pace: 'search',
  summary:
    'transactions of an account before a block (0: the newest ones), the newest first: it sent, was called or created, logged, or was changed by an inner call. At most `maxHistoryPage` and the rest of the last block; looks through `maxHistoryBlocks`',
  differs: 'without an index: inner calls that change nothing of the account are not found',
  result: HISTORY,
  params: historyPage,
  async handle(context, account, number, pageSize) {
    const head = context.backend.chain.head().header.number
    const isFirst = number === 0 || BigInt(number) > head
    const from = isFirst ? head : BigInt(number) - 1n
    const { found, isLast } = await searchHistory(context, account, from, -1n, pageSize)
    return historyView(found, isFirst, isLast)
  },
})
