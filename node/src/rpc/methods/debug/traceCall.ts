import { blockOrPending } from '../../decode/blockReference.ts'
import { transactionRequest } from '../../decode/callMessage.ts'
import { traceCallOptions } from '../../decode/traceOptions.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { callOf, callReference } from '../../reading/callRequest.ts'
import { ANYTHING } from '../../schema/schema.ts'
import { boundedHex } from '../../views/traces/boundedHex.ts'
import { NO_PLACE, tracerOf } from '../../views/traces/tracers.ts'

/** debug_traceCall: the trace of a call, as the tracer shows it. */
export const traceCall = defineMethod({
  name: 'debug_traceCall',
  kind: 'trace',
  pace: 'slow',
  summary: 'the trace of a call, as the tracer shows it; with overrides of state and block in the options',
  differs: 'as debug_traceTransaction',
  result: ANYTHING,
  params: [
    required('transaction', transactionRequest),
    withDefault('block', blockOrPending, 'latest'),
    withDefault('options', traceCallOptions, {
      ...{ tracer: undefined, config: { tracers: {} }, stateOverrides: [], blockOverrides: {} },
    }),
  ],
  async handle({ backend, caller, limits }, request, block, options) {
    const tracer = tracerOf(options.tracer, options.config)
    const message = callOf(backend, request)
    const { stateOverrides, blockOverrides } = options
    const at = callReference(backend, block)
    const client = clientOf(caller)
    const trace = await backend.chain.traceCall(client, message, at, stateOverrides, blockOverrides, tracer.needs)
    return tracer.view(trace, NO_PLACE, boundedHex(limits))
  },
})
