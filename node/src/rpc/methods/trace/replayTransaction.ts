import { hash } from '../../decode/hex.ts'
import { needsOf, traceTypes } from '../../decode/traceTypes.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { foundTrace } from '../../reading/traced.ts'
import { REPLAY } from '../../schema/traces.ts'
import { boundedHex } from '../../views/traces/boundedHex.ts'
import { replayView } from '../../views/traces/replay.ts'

/** trace_replayTransaction: what a final transaction did. */
export const replayTransaction = defineMethod({
  name: 'trace_replayTransaction',
  kind: 'trace',
  pace: 'slow',
  summary: 'the trace of a final transaction: its frames, its changes of the state, or both',
  differs: 'as trace_call',
  result: REPLAY,
  params: [required('transactionHash', hash), required('types', traceTypes)],
  async handle({ backend, caller, limits }, transactionHash, types) {
    const found = await backend.chain.traceTransaction(clientOf(caller), transactionHash, needsOf(types))
    return replayView(foundTrace(found).trace, types, boundedHex(limits))
  },
})
