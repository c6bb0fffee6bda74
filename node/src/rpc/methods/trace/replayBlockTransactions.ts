import { toHex } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { needsOf, traceTypes } from '../../decode/traceTypes.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { listOf } from '../../schema/schema.ts'
import { TRANSACTION_REPLAY } from '../../schema/traces.ts'
import { boundedHex } from '../../views/traces/boundedHex.ts'
import { replayView } from '../../views/traces/replay.ts'

/** trace_replayBlockTransactions: what each transaction of a block did. */
export const replayBlockTransactions = defineMethod({
  name: 'trace_replayBlockTransactions',
  kind: 'trace',
  pace: 'slow',
  summary: 'the trace of each transaction of a block: its frames, its changes of the state, or both',
  differs: 'as trace_call',
  result: listOf(TRANSACTION_REPLAY),
  params: [required('block', blockReference), required('types', traceTypes)],
  async handle({ backend, caller, limits }, at, types) {
    const { traces } = await backend.chain.traceBlock(clientOf(caller), at, needsOf(types))
    const hex = boundedHex(limits)
    return traces.map((trace) => ({
      ...replayView(trace, types, hex),
      transactionHash: toHex(trace.transaction.hash),
    }))
  },
})
