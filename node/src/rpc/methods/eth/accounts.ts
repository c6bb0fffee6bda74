import { defineMethod } from '../../method.ts'

/** eth_accounts: a node keeps nobody's keys. */
export const accounts = defineMethod({
  name: 'eth_accounts',
  kind: 'read',
  params: [],
  handle: () => [],
})
