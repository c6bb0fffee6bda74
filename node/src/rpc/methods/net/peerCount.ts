import { defineMethod } from '../../method.ts'
import { countToQuantity } from '../../views/quantities.ts'
/** net_peerCount. */
export const peerCount = defineMethod({
  name: 'net_peerCount',
  kind: 'read',
  params: [],
  handle: ({ backend }) => countToQuantity(backend.peerCount()),
})
