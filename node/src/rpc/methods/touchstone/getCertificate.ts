import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, withDefault } from '../../method.ts'
import { certificateJson } from '../../views/certificate.ts'

/**
 * touchstone_getCertificate: the signatures that made a block final, for light clients (docs/protocol/consensus.md).
 * Null for the genesis block, which nobody signed, and for an unknown block.
 */
export const getCertificate = defineMethod({
  name: 'touchstone_getCertificate',
  kind: 'read',
  params: [withDefault('block', blockReference, 'latest')],
  async handle({ backend }, at) {
    const certificate = (await backend.chain.block(at))?.certificate ?? null
    return certificate === null ? null : certificateJson(certificate)
  },
})
