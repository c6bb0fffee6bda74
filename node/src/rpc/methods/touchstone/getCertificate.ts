import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, withDefault } from '../../method.ts'
import { CERTIFICATE } from '../../schema/results.ts'
import { nullable } from '../../schema/schema.ts'
import { certificateJson } from '../../views/certificate.ts'

/**
 * touchstone_getCertificate: the signatures that made a block final, for light clients (docs/protocol/consensus.md).
 * Null for the genesis block, which nobody signed, and for an unknown block.
 */
export const getCertificate = defineMethod({
  name: 'touchstone_getCertificate',
  kind: 'read',
  summary: 'the signatures that made the block final, null for block 0',
  differs: 'of this chain',
  result: nullable(CERTIFICATE),
  params: [withDefault('block', blockReference, 'latest')],
  async handle({ backend }, at) {
    const certificate = (await backend.chain.block(at))?.certificate ?? null
    return certificate === null ? null : certificateJson(certificate)
  },
})
