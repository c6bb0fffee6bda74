import { blockNumber } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { nullable, QUANTITY } from '../../schema/schema.ts'

/** eth_getUncleCountByBlockNumber: there are no uncles; null for an unknown block. */
export const getUncleCountByBlockNumber = defineMethod({
  name: 'eth_getUncleCountByBlockNumber',
  kind: 'read',
  summary: 'zero, null for an unknown block',
  result: nullable(QUANTITY),
  params: [required('block', blockNumber)],
  async handle({ blocks }, at) {
    return (await blocks.block(at)) === null ? null : '0x0'
  },
})
