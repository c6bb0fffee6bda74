import { hash } from '../../decode/hex.ts'
import { traceOptions } from '../../decode/traceOptions.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { NO_OPTIONS, tracedBlock } from '../../reading/traced.ts'
import { ANYTHING, HASH, listOf, record } from '../../schema/schema.ts'

/** debug_traceBlockByHash: the trace of each transaction of a block, as the tracer shows it. */
export const traceBlockByHash = defineMethod({
  name: 'debug_traceBlockByHash',
  kind: 'trace',
  pace: 'slow',
  summary: 'the trace of each transaction of a block, as the tracer shows it',
  differs: 'as debug_traceTransaction',
  result: listOf(record({ txHash: HASH, result: ANYTHING })),
  params: [required('hash', hash), withDefault('options', traceOptions, NO_OPTIONS)],
  handle(context, hash, options) {
    return tracedBlock(context, { hash }, options)
  },
})
