import { hash } from '../../decode/hex.ts'
import { traceOptions } from '../../decode/traceOptions.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { expectTransaction, foundTrace, NO_OPTIONS } from '../../reading/traced.ts'
import { ANYTHING } from '../../schema/schema.ts'
import { boundedHex } from '../../views/traces/boundedHex.ts'
import { placeOf, tracerOf } from '../../views/traces/tracers.ts'

/** debug_traceTransaction: the trace of a final transaction, as the tracer shows it. */
export const traceTransaction = defineMethod({
  name: 'debug_traceTransaction',
  kind: 'trace',
  pace: 'slow',
  summary: 'the trace of a final transaction, as the tracer shows it',
  differs:
    'there is no struct logger, as contracts are WebAssembly, and no JavaScript runs; `wasmTracer` and `stylusTracer` show host calls, and `profileTracer` where gas went',
  result: ANYTHING,
  params: [required('transactionHash', hash), withDefault('options', traceOptions, NO_OPTIONS)],
  async handle({ backend, caller, limits }, transactionHash, { tracer: name, config }) {
    await expectTransaction(backend, transactionHash)
    const tracer = tracerOf(name, config)
    const found = await backend.chain.traceTransaction(clientOf(caller), transactionHash, tracer.needs)
    const { trace, block } = foundTrace(found)
    return tracer.view(trace, placeOf(trace, block), boundedHex(limits))
  },
})
