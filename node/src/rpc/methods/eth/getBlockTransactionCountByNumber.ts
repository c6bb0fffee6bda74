import { blockNumberOrPending } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { pendingTransactions } from '../../reading/pendingBlock.ts'
import { nullable, QUANTITY } from '../../schema/schema.ts'
import { countToQuantity } from '../../views/quantities.ts'

/** eth_getBlockTransactionCountByNumber: null for an unknown block. */
export const getBlockTransactionCountByNumber = defineMethod({
  name: 'eth_getBlockTransactionCountByNumber',
  kind: 'read',
  summary: 'number of transactions, null for an unknown block',
  result: nullable(QUANTITY),
  params: [required('block', blockNumberOrPending)],
  async handle({ backend, blocks }, at) {
    if (at === 'pending') return countToQuantity(pendingTransactions(backend).length)
    const block = await blocks.block(at)
    return block === null ? null : countToQuantity(block.transactions.length)
  },
})
