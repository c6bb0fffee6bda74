import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { RECEIPT } from '../../schema/chainObjects.ts'
import { listOf, nullable } from '../../schema/schema.ts'
import { expectRoomFor } from '../../views/receipt.ts'

/** eth_getBlockReceipts: null for an unknown block. */
export const getBlockReceipts = defineMethod({
  name: 'eth_getBlockReceipts',
  kind: 'read',
  summary: "the block's receipts, null when unknown",
  differs: 'receipts have `failure`',
  result: nullable(listOf(RECEIPT)),
  params: [required('block', blockReference)],
  async handle({ blocks, limits }, at) {
    const block = await blocks.executed(at)
    if (block === null) return null
    expectRoomFor(
      block.receipts.flatMap(({ receipt }) => receipt.logs),
      limits,
    )
    return block.receipts.map((_, index) => block.receipt(index))
  },
})
