import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'

/** eth_getBlockReceipts: null for an unknown block. */
export const getBlockReceipts = defineMethod({
  name: 'eth_getBlockReceipts',
  kind: 'read',
  params: [required('block', blockReference)],
  async handle({ blocks }, at) {
    const block = await blocks.executed(at)
    return block === null ? null : block.receipts.map((_, index) => block.receipt(index))
  },
})
