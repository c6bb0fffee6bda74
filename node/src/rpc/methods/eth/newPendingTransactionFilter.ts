import { defineMethod } from '../../method.ts'

/** eth_newPendingTransactionFilter: hashes of transactions that became executable. */
export const newPendingTransactionFilter = defineMethod({
  name: 'eth_newPendingTransactionFilter',
  kind: 'read',
  params: [],
  handle: ({ filters, caller }) => filters.addPending(caller.name),
})
