import { toHex, toQuantity } from '../../../codec/hex.ts'
import { encodeCertificate } from '../../../types/certificateCodec.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, withDefault } from '../../method.ts'

/**
 * touchstone_getCertificate: the signatures that made a block final, for light clients (docs/protocol/consensus.md).
 * Null for the genesis block, which nobody signed, and for an unknown block.
 */
export const getCertificate = defineMethod({
  name: 'touchstone_getCertificate',
  params: [withDefault('block', blockReference, 'latest')],
  async handle({ backend }, at) {
    const certificate = (await backend.chain.block(at))?.certificate ?? null
    if (certificate === null) return null
    return {
      chainId: toQuantity(certificate.chainId),
      height: toQuantity(certificate.height),
      round: certificate.round,
      blockHash: toHex(certificate.blockHash),
      signatures: certificate.signatures.map(({ index, signature }) => ({ index, signature: toHex(signature) })),
      raw: toHex(encodeCertificate(certificate)),
    }
  },
})
