import { toHex } from '../../../codec/hex.ts'
import { blockNumberOrPending } from '../../decode/blockReference.ts'
import { uint64 } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { pendingTransactions } from '../../reading/pendingBlock.ts'
import { DATA, nullable } from '../../schema/schema.ts'

/** eth_getRawTransactionByBlockNumberAndIndex: the bytes as they were sent; null when there is no such transaction. */
export const getRawTransactionByBlockNumberAndIndex = defineMethod({
  name: 'eth_getRawTransactionByBlockNumberAndIndex',
  kind: 'read',
  summary: "the transaction's bytes, null when there is none",
  result: nullable(DATA),
  params: [required('block', blockNumberOrPending), required('index', uint64)],
  async handle({ backend, blocks }, at, index) {
    const transactions = at === 'pending' ? pendingTransactions(backend) : (await blocks.block(at))?.transactions
    const raw = transactions?.[Number(index)]?.raw
    return raw === undefined ? null : toHex(raw)
  },
})
