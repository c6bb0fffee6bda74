import { defineMethod } from '../../method.ts'
import { FILTER_ID } from '../../schema/results.ts'

/** eth_newPendingTransactionFilter: hashes of transactions that became executable. */
export const newPendingTransactionFilter = defineMethod({
  name: 'eth_newPendingTransactionFilter',
  kind: 'read',
  summary: 'id; hashes of transactions that became executable',
  result: FILTER_ID,
  params: [],
  handle: ({ filters, caller }) => filters.addPending(caller.name),
})
