import { blockNumber } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { nullable, QUANTITY } from '../../schema/schema.ts'
import { countToQuantity } from '../../views/quantities.ts'

/** eth_getBlockTransactionCountByNumber: null for an unknown block. */
export const getBlockTransactionCountByNumber = defineMethod({
  name: 'eth_getBlockTransactionCountByNumber',
  kind: 'read',
  summary: 'number of transactions, null for an unknown block',
  result: nullable(QUANTITY),
  params: [required('block', blockNumber)],
  async handle({ blocks }, at) {
    const block = await blocks.block(at)
    return block === null ? null : countToQuantity(block.transactions.length)
  },
})
