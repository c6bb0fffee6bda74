import { toHex } from '../../../codec/hex.ts'
import { hash, uint64 } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { DATA, nullable } from '../../schema/schema.ts'

/** eth_getRawTransactionByBlockHashAndIndex: the bytes as they were sent; null when there is no such transaction. */
export const getRawTransactionByBlockHashAndIndex = defineMethod({
  name: 'eth_getRawTransactionByBlockHashAndIndex',
  kind: 'read',
  summary: "the transaction's bytes, null when there is none",
  result: nullable(DATA),
  params: [required('hash', hash), required('index', uint64)],
  async handle({ blocks }, at, index) {
    const raw = (await blocks.block({ hash: at }))?.transactions[Number(index)]?.raw
    return raw === undefined ? null : toHex(raw)
  },
})
