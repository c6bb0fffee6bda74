import { boolean } from '../../decode/decoder.ts'
import { hash } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { BLOCK } from '../../schema/chainObjects.ts'
import { nullable } from '../../schema/schema.ts'

/** eth_getBlockByHash: null for an unknown block. */
export const getBlockByHash = defineMethod({
  name: 'eth_getBlockByHash',
  kind: 'read',
  summary: 'the block, null when unknown',
  differs: 'no `totalDifficulty`, no fields of forks after London',
  result: nullable(BLOCK),
  params: [required('hash', hash), withDefault('fullTransactions', boolean, false)],
  handle: ({ blocks }, at, full) => blocks.blockText({ hash: at }, full),
})
