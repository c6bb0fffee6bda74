import { hash } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { blockDetailsView } from '../../reading/otterscan.ts'
import { BLOCK_DETAILS } from '../../schema/otterscan.ts'
import { nullable } from '../../schema/schema.ts'

/** ots_getBlockDetailsByHash: as ots_getBlockDetails. */
export const getBlockDetailsByHash = defineMethod({
  name: 'ots_getBlockDetailsByHash',
  kind: 'read',
  summary: 'as `ots_getBlockDetails`',
  result: nullable(BLOCK_DETAILS),
  params: [required('hash', hash)],
  async handle({ blocks }, blockHash) {
    const executed = await blocks.executed({ hash: blockHash })
    return executed === null ? null : blockDetailsView(executed)
  },
})
