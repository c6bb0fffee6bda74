import { toHex } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
/** eth_coinbase: where the tips of this node's blocks go. */
export const coinbase = defineMethod({
  name: 'eth_coinbase',
  kind: 'read',
  params: [],
  handle: ({ backend }) => toHex(backend.feeRecipient),
})
