import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { traceEntries } from '../../reading/otterscan.ts'
import { outermostFrame } from '../../reading/traced.ts'
import { TRACE_ENTRY } from '../../schema/otterscan.ts'
import { listOf } from '../../schema/schema.ts'

/** ots_traceTransaction: the tree of a transaction's frames as a list with depths. */
export const traceTransaction = defineMethod({
  name: 'ots_traceTransaction',
  kind: 'trace',
  pace: 'slow',
  summary: 'the frames of a transaction, each with its depth, in the order in which they began',
  result: listOf(TRACE_ENTRY),
  params: [required('transactionHash', hash)],
  async handle(context, transactionHash) {
    return traceEntries(await outermostFrame(context, transactionHash))
  },
})
