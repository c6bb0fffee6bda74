import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { listOf, nullable } from '../../schema/schema.ts'
import { FLAT_TRACE } from '../../schema/traces.ts'
import { boundedHex } from '../../views/traces/boundedHex.ts'
import { flatTraces } from '../../views/traces/flatTraces.ts'
import { FRAMES, placeOf } from '../../views/traces/tracers.ts'

/** trace_transaction: the frames of a final transaction, as a list. `cast run` and explorers read it. */
export const transaction = defineMethod({
  name: 'trace_transaction',
  kind: 'trace',
  pace: 'slow',
  summary: 'the frames of a final transaction as a list; null when there is none',
  result: nullable(listOf(FLAT_TRACE)),
  params: [required('transactionHash', hash)],
  async handle({ backend, caller, limits }, transactionHash) {
    const found = await backend.chain.traceTransaction(clientOf(caller), transactionHash, FRAMES)
    const [trace] = found?.traces ?? []
    return found === null || trace === undefined
      ? null
      : flatTraces(trace.root, placeOf(trace, found), boundedHex(limits))
  },
})
