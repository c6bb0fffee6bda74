import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { RECEIPT } from '../../schema/chainObjects.ts'
import { nullable } from '../../schema/schema.ts'
import { expectRoomFor } from '../../views/receipt.ts'

/** eth_getTransactionReceipt: null until the transaction is in a block. */
export const getTransactionReceipt = defineMethod({
  name: 'eth_getTransactionReceipt',
  kind: 'read',
  summary: 'the receipt, null when there is none',
  differs: 'one more field, `failure`: why it failed',
  result: nullable(RECEIPT),
  params: [required('hash', hash)],
  async handle({ blocks, limits }, transactionHash) {
    const found = await blocks.transaction(transactionHash)
    if (found === null) return null
    const { block, index } = found
    expectRoomFor(block.receipts[index]!.receipt.logs, limits)
    return block.receipt(index)
  },
})
