import { defineMethod } from '../../method.ts'
import { QUANTITY } from '../../schema/schema.ts'
import { countToQuantity } from '../../views/quantities.ts'
/** net_peerCount. */
export const peerCount = defineMethod({
  name: 'net_peerCount',
  kind: 'read',
  summary: 'number of peers',
  result: QUANTITY,
  params: [],
  handle: ({ backend }) => countToQuantity(backend.peerCount()),
})
