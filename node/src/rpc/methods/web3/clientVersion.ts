import { defineMethod } from '../../method.ts'
import { TEXT } from '../../schema/schema.ts'

/** web3_clientVersion. */
export const clientVersion = defineMethod({
  name: 'web3_clientVersion',
  kind: 'read',
  summary: 'name, version, platform',
  result: TEXT,
  params: [],
  handle: ({ backend }) => backend.clientVersion,
})
