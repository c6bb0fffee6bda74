import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { listOf } from '../../schema/schema.ts'
import { FLAT_TRACE } from '../../schema/traces.ts'
import { boundedHex } from '../../views/traces/boundedHex.ts'
import { flatTraces } from '../../views/traces/flatTraces.ts'
import { FRAMES, placeOf } from '../../views/traces/tracers.ts'

/** trace_block: the frames of all transactions of a block, as a list. */
export const block = defineMethod({
  name: 'trace_block',
  kind: 'trace',
  pace: 'slow',
  summary: 'the frames of all transactions of a block as a list',
  differs: 'there are no traces of rewards: proposers get tips, which are part of each transaction',
  result: listOf(FLAT_TRACE),
  params: [required('block', blockReference)],
  async handle({ backend, caller, limits }, at) {
    const traced = await backend.chain.traceBlock(clientOf(caller), at, FRAMES)
    const hex = boundedHex(limits)
    return traced.traces.flatMap((trace) => flatTraces(trace.root, placeOf(trace, traced), hex))
  },
})
