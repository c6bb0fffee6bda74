import { defineMethod } from '../../method.ts'

/** net_listening: whether peers can connect to this node. */
export const listening = defineMethod({
  name: 'net_listening',
  kind: 'read',
  params: [],
  handle: ({ backend }) => backend.p2pAddresses().length > 0,
})
