import { defineMethod } from '../../method.ts'
import { QUANTITY } from '../../schema/schema.ts'

/** eth_blobBaseFee: there is no blob gas to buy, so nobody bids its price up. */
export const blobBaseFee = defineMethod({
  name: 'eth_blobBaseFee',
  kind: 'read',
  summary: 'zero: this chain has no blobs, and refuses transactions that carry some',
  differs: 'never above zero',
  result: QUANTITY,
  params: [],
  handle: () => '0x0',
})
