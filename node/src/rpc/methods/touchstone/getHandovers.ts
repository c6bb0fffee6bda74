import { toHex } from '../../../codec/hex.ts'
import { uint64 } from '../../decode/hex.ts'
import { HANDOVERS_OF_ANSWER } from '../../limits.ts'
import { defineMethod, withDefault } from '../../method.ts'
import { DATA, listOf } from '../../schema/schema.ts'

/**
 * touchstone_getHandovers: the blocks after which other validators decide, for light clients. Each as
 * docs/protocol/formats.md has it; a full answer is asked for again from the height after its last one.
 */
export const getHandovers = defineMethod({
  name: 'touchstone_getHandovers',
  kind: 'read',
  summary: 'the changes of the validator set from a height on, each with its proof, as RLP; at most 32',
  differs: 'of this chain',
  result: listOf(DATA),
  params: [withDefault('fromHeight', uint64, 0n)],
  async handle({ backend: { chain } }, from) {
    return (await chain.handovers(from, HANDOVERS_OF_ANSWER)).map(toHex)
  },
})
