import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { RECEIPT } from '../../schema/chainObjects.ts'
import { listOf, nullable } from '../../schema/schema.ts'

/** eth_getBlockReceipts: null for an unknown block. */
export const getBlockReceipts = defineMethod({
  name: 'eth_getBlockReceipts',
  kind: 'read',
  summary: "the block's receipts, null when unknown",
  differs: 'receipts have `failure`',
  result: nullable(listOf(RECEIPT)),
  params: [required('block', blockReference)],
  async handle({ blocks }, at) {
    const block = await blocks.executed(at)
    return block === null ? null : block.receipts.map((_, index) => block.receipt(index))
  },
})
