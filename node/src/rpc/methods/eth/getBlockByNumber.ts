import { blockNumber } from '../../decode/blockReference.ts'
import { boolean } from '../../decode/decoder.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { BLOCK } from '../../schema/chainObjects.ts'
import { nullable } from '../../schema/schema.ts'

/** eth_getBlockByNumber: null for an unknown block. */
export const getBlockByNumber = defineMethod({
  name: 'eth_getBlockByNumber',
  kind: 'read',
  summary: 'the block, null when unknown',
  differs: 'no `totalDifficulty`, no fields of forks after London',
  result: nullable(BLOCK),
  params: [required('block', blockNumber), withDefault('fullTransactions', boolean, false)],
  handle: ({ blocks }, at, full) => blocks.blockText(at, full),
})
