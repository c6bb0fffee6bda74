import { blockNumber } from '../../decode/blockReference.ts'
import { boolean } from '../../decode/decoder.ts'
import { defineMethod, required, withDefault } from '../../method.ts'

/** eth_getBlockByNumber: null for an unknown block. */
export const getBlockByNumber = defineMethod({
  name: 'eth_getBlockByNumber',
  kind: 'read',
  params: [required('block', blockNumber), withDefault('fullTransactions', boolean, false)],
  handle: ({ blocks }, at, full) => blocks.blockText(at, full),
})
