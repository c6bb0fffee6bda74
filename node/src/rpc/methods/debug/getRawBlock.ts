import { toHex } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { DATA, nullable } from '../../schema/schema.ts'

/** debug_getRawBlock: header and transactions as RLP (docs/protocol/formats.md). */
export const getRawBlock = defineMethod({
  name: 'debug_getRawBlock',
  kind: 'read',
  summary: 'a block, header and transactions, as RLP; null when unknown',
  result: nullable(DATA),
  params: [required('block', blockReference)],
  async handle({ backend }, at) {
    const stored = await backend.chain.block(at)
    return stored === null ? null : toHex(stored.block.raw)
  },
})
