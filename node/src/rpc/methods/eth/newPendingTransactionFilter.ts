import { boolean } from '../../decode/decoder.ts'
import { invalidParams } from '../../errors.ts'
import { defineMethod, withDefault } from '../../method.ts'
import { FILTER_ID } from '../../schema/results.ts'

/** eth_newPendingTransactionFilter: hashes of transactions that became executable. */
export const newPendingTransactionFilter = defineMethod({
  name: 'eth_newPendingTransactionFilter',
  kind: 'read',
  summary: 'id; hashes of transactions that became executable',
  result: FILTER_ID,
  differs: 'hashes alone: geth gives whole transactions for `true`, which is refused here',
  params: [withDefault('fullTransactions', boolean, false)],
  handle({ filters, caller }, full) {
    if (!full) return filters.addPending(caller.name)
    throw invalidParams(
      'fullTransactions: a filter gives hashes; eth_subscribe of newPendingTransactions with true gives whole transactions',
    )
  },
})
