import { toQuantity } from '../../../codec/hex.ts'
import { defineMethod } from '../../method.ts'
/** eth_blockNumber: height of the newest block. */
export const blockNumber = defineMethod({
  name: 'eth_blockNumber',
  kind: 'read',
  params: [],
  handle: ({ backend }) => toQuantity(backend.chain.head().header.number),
})
