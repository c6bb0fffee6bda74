import { defineMethod } from '../../method.ts'

/** net_version: the chain id, in decimal. */
export const version = defineMethod({
  name: 'net_version',
  kind: 'read',
  params: [],
  handle: ({ backend }) => backend.chain.genesis.chainId.toString(),
})
