import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { RECEIPT } from '../../schema/chainObjects.ts'
import { nullable } from '../../schema/schema.ts'

/** eth_getTransactionReceipt: null until the transaction is in a block. */
export const getTransactionReceipt = defineMethod({
  name: 'eth_getTransactionReceipt',
  kind: 'read',
  summary: 'the receipt, null when there is none',
  differs: 'one more field, `failure`: why it failed',
  result: nullable(RECEIPT),
  params: [required('hash', hash)],
  async handle({ blocks }, transactionHash) {
    const found = await blocks.transaction(transactionHash)
    return found === null ? null : found.block.receipt(found.index)
  },
})
