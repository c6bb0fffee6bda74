import { toHex } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { ADDRESS } from '../../schema/schema.ts'
/** eth_coinbase: where the tips of this node's blocks go. */
export const coinbase = defineMethod({
  name: 'eth_coinbase',
  kind: 'read',
  summary: "where the tips of this node's blocks go",
  result: ADDRESS,
  params: [],
  handle: ({ backend }) => toHex(backend.feeRecipient),
})
