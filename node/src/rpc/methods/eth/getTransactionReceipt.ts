import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'

/** eth_getTransactionReceipt: null until the transaction is in a block. */
export const getTransactionReceipt = defineMethod({
  name: 'eth_getTransactionReceipt',
  kind: 'read',
  params: [required('hash', hash)],
  async handle({ blocks }, transactionHash) {
    const found = await blocks.transaction(transactionHash)
    return found === null ? null : found.block.receipt(found.index)
  },
})
