import { hash, uint64 } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'

/** eth_getUncleByBlockHashAndIndex: there are no uncles. */
export const getUncleByBlockHashAndIndex = defineMethod({
  name: 'eth_getUncleByBlockHashAndIndex',
  kind: 'read',
  params: [required('hash', hash), required('index', uint64)],
  handle: () => null,
})
