import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { traceEntries } from '../../reading/otterscan.ts'
import { foundTrace } from '../../reading/traced.ts'
import { TRACE_ENTRY } from '../../schema/otterscan.ts'
import { listOf } from '../../schema/schema.ts'
import { FRAMES } from '../../views/traces/tracers.ts'

/** ots_traceTransaction: the tree of a transaction's frames as a list with depths. */
export const traceTransaction = defineMethod({
  name: 'ots_traceTransaction',
  kind: 'trace',
  pace: 'slow',
  summary: 'the frames of a transaction, each with its depth, in the order in which they began',
  result: listOf(TRACE_ENTRY),
  params: [required('transactionHash', hash)],
  async handle({ backend, caller }, transactionHash) {
    const { trace } = foundTrace(await backend.chain.traceTransaction(clientOf(caller), transactionHash, FRAMES))
    return traceEntries(trace.root)
  },
})
