import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { nullable, QUANTITY } from '../../schema/schema.ts'

/** eth_getUncleCountByBlockHash: there are no uncles; null for an unknown block. */
export const getUncleCountByBlockHash = defineMethod({
  name: 'eth_getUncleCountByBlockHash',
  kind: 'read',
  summary: 'zero, null for an unknown block',
  result: nullable(QUANTITY),
  params: [required('hash', hash)],
  async handle({ blocks }, at) {
    return (await blocks.block({ hash: at })) === null ? null : '0x0'
  },
})
