import { toHex } from '../../../codec/hex.ts'
import { encodeHeader } from '../../../types/headerCodec.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { DATA, nullable } from '../../schema/schema.ts'

/** debug_getRawHeader: the bytes that a block's hash is the keccak256 of. */
export const getRawHeader = defineMethod({
  name: 'debug_getRawHeader',
  kind: 'read',
  summary: "a block's header as RLP, whose keccak256 is the block's hash; null when unknown",
  result: nullable(DATA),
  params: [required('block', blockReference)],
  async handle({ backend }, at) {
    const stored = await backend.chain.block(at)
    return stored === null ? null : toHex(encodeHeader(stored.block.header))
  },
})
