import { blockOrPending } from '../../decode/blockReference.ts'
import { simulation } from '../../decode/simulation.ts'
import { refusedSimulation } from '../../errors.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { callOf, nextBlock } from '../../reading/callRequest.ts'
import { blockFields, LOG } from '../../schema/chainObjects.ts'
import { DATA, listOf, QUANTITY, record, TEXT } from '../../schema/schema.ts'
import { simulatedBlockView } from '../../views/simulation.ts'

const CALL = record(
  { status: QUANTITY, returnData: DATA, gasUsed: QUANTITY, maxUsedGas: QUANTITY, logs: listOf(LOG) },
  { error: record({ code: { type: 'integer' }, message: TEXT }, { data: DATA }) },
)

/** eth_simulateV1: blocks of calls, made after a block and thrown away. */
export const simulateV1 = defineMethod({
  name: 'eth_simulateV1',
  kind: 'read',
  pace: 'slow',
  summary:
    'blocks of calls made after a block and thrown away: each block with the results of its calls. All calls together spend at most `callGasCap`',
  differs:
    'a block comes 1 s after the one before it, the first at the time of now; there are no withdrawals and no blobs',
  result: listOf(record({ ...blockFields, calls: listOf(CALL) })),
  params: ({ limits }) => [required('simulation', simulation(limits)), withDefault('block', blockOrPending, 'latest')],
  async handle({ backend, caller, limits }, { calls, returnFullTransactions, ...asked }, block) {
    // Of another chain's calls the first is told.
    for (const call of calls) callOf(backend, call)
    const at = block === 'latest' || block === 'pending' ? nextBlock(backend) : block
    // A byte is two hex digits.
    const bounds = { maxBlocks: limits.maxSimulatedBlocks, maxBytes: Math.floor(limits.maxResponseLength / 2) }
    const outcome = await backend.chain.simulate(clientOf(caller), { ...asked, ...bounds }, at)
    if (outcome.kind === 'refused') throw refusedSimulation(outcome)
    return outcome.blocks.map((one) => simulatedBlockView(one, returnFullTransactions))
  },
})
