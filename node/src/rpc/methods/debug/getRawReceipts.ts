import { toHex } from '../../../codec/hex.ts'
import { encodeReceipt } from '../../../types/receiptCodec.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { DATA, listOf, nullable } from '../../schema/schema.ts'

/** debug_getRawReceipts: the bytes of which the header's receipts root is made. */
export const getRawReceipts = defineMethod({
  name: 'debug_getRawReceipts',
  kind: 'read',
  summary: 'the receipts of a block as the receipts trie holds them; null when unknown',
  result: nullable(listOf(DATA)),
  params: [required('block', blockReference)],
  async handle({ backend }, at) {
    const executed = await backend.chain.receipts(at)
    return executed === null ? null : executed.receipts.map(({ receipt }) => toHex(encodeReceipt(receipt)))
  },
})
