import { blockNumber } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { countToQuantity } from '../../views/quantities.ts'

/** eth_getBlockTransactionCountByNumber: null for an unknown block. */
export const getBlockTransactionCountByNumber = defineMethod({
  name: 'eth_getBlockTransactionCountByNumber',
  kind: 'read',
  params: [required('block', blockNumber)],
  async handle({ blocks }, at) {
    const block = await blocks.block(at)
    return block === null ? null : countToQuantity(block.transactions.length)
  },
})
