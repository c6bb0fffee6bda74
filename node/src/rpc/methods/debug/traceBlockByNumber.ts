import { blockNumber } from '../../decode/blockReference.ts'
import { traceOptions } from '../../decode/traceOptions.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { NO_OPTIONS, tracedBlock } from '../../reading/traced.ts'
import { ANYTHING, HASH, listOf, record } from '../../schema/schema.ts'

/** debug_traceBlockByNumber: the trace of each transaction of a block, as the tracer shows it. */
export const traceBlockByNumber = defineMethod({
  name: 'debug_traceBlockByNumber',
  kind: 'trace',
  pace: 'slow',
  summary: 'the trace of each transaction of a block, as the tracer shows it',
  differs: 'as debug_traceTransaction',
  result: listOf(record({ txHash: HASH, result: ANYTHING })),
  params: [required('number', blockNumber), withDefault('options', traceOptions, NO_OPTIONS)],
  handle(context, number, options) {
    return tracedBlock(context, number, options)
  },
})
