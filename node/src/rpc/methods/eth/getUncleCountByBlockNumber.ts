import { blockNumber } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'

/** eth_getUncleCountByBlockNumber: there are no uncles; null for an unknown block. */
export const getUncleCountByBlockNumber = defineMethod({
  name: 'eth_getUncleCountByBlockNumber',
  kind: 'read',
  params: [required('block', blockNumber)],
  async handle({ blocks }, at) {
    return (await blocks.block(at)) === null ? null : '0x0'
  },
})
