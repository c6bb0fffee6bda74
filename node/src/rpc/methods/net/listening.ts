import { defineMethod } from '../../method.ts'
import { BOOLEAN } from '../../schema/schema.ts'

/** net_listening: whether peers can connect to this node. */
export const listening = defineMethod({
  name: 'net_listening',
  kind: 'read',
  summary: 'whether peers can connect',
  result: BOOLEAN,
  params: [],
  handle: ({ backend }) => backend.p2pAddresses().length > 0,
})
