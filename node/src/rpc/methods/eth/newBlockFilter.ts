import { defineMethod } from '../../method.ts'

/** eth_newBlockFilter: hashes of new blocks. */
export const newBlockFilter = defineMethod({
  name: 'eth_newBlockFilter',
  kind: 'read',
  params: [],
  handle: ({ filters, caller }) => filters.addBlocks(caller.name),
})
