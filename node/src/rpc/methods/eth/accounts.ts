import { defineMethod } from '../../method.ts'
import { ADDRESS, listOf } from '../../schema/schema.ts'

/** eth_accounts: a node keeps nobody's keys. */
export const accounts = defineMethod({
  name: 'eth_accounts',
  kind: 'read',
  summary: 'addresses this node signs for; none on a node that no devnet started',
  result: listOf(ADDRESS),
  params: [],
  handle: () => [],
})
