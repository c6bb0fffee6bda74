import { toHex } from '../../../codec/hex.ts'
import { arrayOf } from '../../decode/decoder.ts'
import { hash, uint64 } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { nullable } from '../../schema/schema.ts'
import { FLAT_TRACE } from '../../schema/traces.ts'
import { flatTraces } from '../../views/traces/flatTraces.ts'
import { FRAMES, placeOf } from '../../views/traces/tracers.ts'

/** Frames nest less deep. */
const MAX_INDICES = 256

/** trace_get: one frame of a final transaction, by its place in the tree. */
export const get = defineMethod({
  name: 'trace_get',
  kind: 'trace',
  pace: 'slow',
  summary: 'one frame of a final transaction, by its place in the tree; null when there is none',
  result: nullable(FLAT_TRACE),
  params: [
    required('transactionHash', hash),
    required('indices', arrayOf(uint64, MAX_INDICES, 'frames nest less deep')),
  ],
  async handle({ backend, caller }, transactionHash, indices) {
    const found = await backend.chain.traceTransaction(clientOf(caller), transactionHash, FRAMES)
    const [trace] = found?.traces ?? []
    if (found === null || trace === undefined) return null
    const wanted = indices.map(Number).join()
    const traces = flatTraces(trace.root, placeOf(trace, found), toHex)
    return traces.find(({ traceAddress }) => traceAddress.join() === wanted) ?? null
  },
})
