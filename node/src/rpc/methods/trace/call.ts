import { blockOrPending } from '../../decode/blockReference.ts'
import { transactionRequest } from '../../decode/callMessage.ts'
import { needsOf, traceTypes } from '../../decode/traceTypes.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { callOf, callReference } from '../../reading/callRequest.ts'
import { REPLAY } from '../../schema/traces.ts'
import { boundedHex } from '../../views/traces/boundedHex.ts'
import { replayView } from '../../views/traces/replay.ts'

/** trace_call: what a call would do. */
export const call = defineMethod({
  name: 'trace_call',
  kind: 'trace',
  pace: 'slow',
  summary: 'the trace of a call: its frames, its changes of the state, or both',
  differs: 'there is no `vmTrace`, as contracts are WebAssembly',
  result: REPLAY,
  params: [
    required('transaction', transactionRequest),
    required('types', traceTypes),
    withDefault('block', blockOrPending, 'latest'),
  ],
  async handle({ backend, caller, limits }, request, types, block) {
    const message = callOf(backend, request)
    const at = callReference(backend, block)
    const trace = await backend.chain.traceCall(clientOf(caller), message, at, [], {}, needsOf(types))
    return replayView(trace, types, boundedHex(limits))
  },
})
