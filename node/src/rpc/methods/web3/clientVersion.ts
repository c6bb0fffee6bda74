import { defineMethod } from '../../method.ts'

/** web3_clientVersion. */
export const clientVersion = defineMethod({
  name: 'web3_clientVersion',
  kind: 'read',
  params: [],
  handle: ({ backend }) => backend.clientVersion,
})
