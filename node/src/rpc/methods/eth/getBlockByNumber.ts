import { blockNumberOrPending } from '../../decode/blockReference.ts'
import { boolean } from '../../decode/decoder.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { pendingBlockView } from '../../reading/pendingBlock.ts'
import { BLOCK } from '../../schema/chainObjects.ts'
import { nullable } from '../../schema/schema.ts'

/** eth_getBlockByNumber: null for an unknown block. */
export const getBlockByNumber = defineMethod({
  name: 'eth_getBlockByNumber',
  kind: 'read',
  summary:
    'the block, null when unknown. `pending` is the next one: its number, time and fee, and the transactions the pool would offer for it',
  differs:
    '`pending` has not run: no gas used, roots of an empty block. No `totalDifficulty`, no fields of forks after London',
  result: nullable(BLOCK),
  params: [required('block', blockNumberOrPending), withDefault('fullTransactions', boolean, false)],
  handle: ({ backend, blocks }, at, full) =>
    at === 'pending' ? pendingBlockView(backend, full) : blocks.blockText(at, full),
})
