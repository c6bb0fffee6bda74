import { blockCountOrTag } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { blockDetailsView } from '../../reading/otterscan.ts'
import { BLOCK_DETAILS } from '../../schema/otterscan.ts'
import { nullable } from '../../schema/schema.ts'

/** ots_getBlockDetails: a block without its transactions and bloom, with what its senders paid. */
export const getBlockDetails = defineMethod({
  name: 'ots_getBlockDetails',
  kind: 'read',
  summary: 'a block without transactions and bloom, with their number and the fees of all senders; null when unknown',
  result: nullable(BLOCK_DETAILS),
  params: [required('block', blockCountOrTag)],
  async handle({ blocks }, at) {
    const executed = await blocks.executed(at)
    return executed === null ? null : blockDetailsView(executed)
  },
})
