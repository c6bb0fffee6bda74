import { boolean } from '../../decode/decoder.ts'
import { hash } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'

/** eth_getBlockByHash: null for an unknown block. */
export const getBlockByHash = defineMethod({
  name: 'eth_getBlockByHash',
  kind: 'read',
  params: [required('hash', hash), withDefault('fullTransactions', boolean, false)],
  handle: ({ blocks }, at, full) => blocks.blockText({ hash: at }, full),
})
