import { defineMethod } from '../../method.ts'
import { TEXT } from '../../schema/schema.ts'

/** net_version: the chain id, in decimal. */
export const version = defineMethod({
  name: 'net_version',
  kind: 'read',
  summary: 'chain id, decimal',
  result: TEXT,
  params: [],
  handle: ({ backend }) => backend.chain.genesis.chainId.toString(),
})
