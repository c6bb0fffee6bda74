import { blockNumber } from '../../decode/blockReference.ts'
import { uint64 } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { NULL } from '../../schema/schema.ts'

/** eth_getUncleByBlockNumberAndIndex: there are no uncles. */
export const getUncleByBlockNumberAndIndex = defineMethod({
  name: 'eth_getUncleByBlockNumberAndIndex',
  kind: 'read',
  summary: 'null: there are no uncles',
  result: NULL,
  params: [required('block', blockNumber), required('index', uint64)],
  handle: () => null,
})
