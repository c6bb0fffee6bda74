import { toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
import { QUANTITY } from '../../schema/schema.ts'
/** eth_blockNumber: height of the newest block. */
export const blockNumber = defineMethod({
  name: 'eth_blockNumber',
  kind: 'read',
  summary: 'height of the newest block',
  result: QUANTITY,
  params: [],
  handle: ({ backend }) => toQuantity(backend.chain.head().header.number),
})
