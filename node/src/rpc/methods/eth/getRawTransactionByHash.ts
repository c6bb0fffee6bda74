import { toHex } from '../../../codec/hex.ts'
import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { DATA, nullable } from '../../schema/schema.ts'

/** eth_getRawTransactionByHash: the bytes as they were sent; null when unknown. */
export const getRawTransactionByHash = defineMethod({
  name: 'eth_getRawTransactionByHash',
  kind: 'read',
  summary: "the transaction's bytes, null when unknown",
  result: nullable(DATA),
  params: [required('hash', hash)],
  async handle({ backend, blocks }, transactionHash) {
    const waiting = backend.txpool.get(transactionHash)
    if (waiting !== undefined) return toHex(waiting.raw)
    const found = await blocks.transaction(transactionHash)
    return found === null ? null : toHex(found.block.transaction(found.index)!.raw)
  },
})
