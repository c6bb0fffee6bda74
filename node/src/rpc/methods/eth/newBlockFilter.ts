import { defineMethod } from '../../method.ts'
import { FILTER_ID } from '../../schema/results.ts'

/** eth_newBlockFilter: hashes of new blocks. */
export const newBlockFilter = defineMethod({
  name: 'eth_newBlockFilter',
  kind: 'read',
  summary: 'id; hashes of new blocks',
  result: FILTER_ID,
  params: [],
  handle: ({ filters, caller }) => filters.addBlocks(caller.name),
})
