import { hash, uint64 } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { NULL } from '../../schema/schema.ts'

/** eth_getUncleByBlockHashAndIndex: there are no uncles. */
export const getUncleByBlockHashAndIndex = defineMethod({
  name: 'eth_getUncleByBlockHashAndIndex',
  kind: 'read',
  summary: 'null: there are no uncles',
  result: NULL,
  params: [required('hash', hash), required('index', uint64)],
  handle: () => null,
})
