import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { nullable, QUANTITY } from '../../schema/schema.ts'
import { countToQuantity } from '../../views/quantities.ts'

/** eth_getBlockTransactionCountByHash: null for an unknown block. */
export const getBlockTransactionCountByHash = defineMethod({
  name: 'eth_getBlockTransactionCountByHash',
  kind: 'read',
  summary: 'number of transactions, null for an unknown block',
  result: nullable(QUANTITY),
  params: [required('hash', hash)],
  async handle({ blocks }, at) {
    const block = await blocks.block({ hash: at })
    return block === null ? null : countToQuantity(block.transactions.length)
  },
})
