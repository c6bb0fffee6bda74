import { toHex } from '../../../codec/hex.ts'
import { encodeRlp } from '../../../codec/rlp.ts'
import { encodeCertificate } from '../../../types/certificateCodec.ts'
import { encodeReceiptRecord } from '../../../types/receiptCodec.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { defineMethod, required } from '../../method.ts'
import { RAW_BLOCK } from '../../schema/results.ts'
import { nullable } from '../../schema/schema.ts'

/**
 * touchstone_getRawBlock: what an export holds of a block (docs/protocol/export.md), each as RLP. Null for an unknown
 * block; the certificate is null for block 0.
 */
export const getRawBlock = defineMethod({
  name: 'touchstone_getRawBlock',
  kind: 'read',
  summary: 'block, certificate and receipts, each as RLP, as an export has them',
  differs: 'of this chain',
  result: nullable(RAW_BLOCK),
  params: [required('block', blockReference)],
  async handle({ backend }, at) {
    const stored = await backend.chain.block(at)
    if (stored === null) return null
    const { block, certificate } = stored
    const executed = await backend.chain.receipts({ number: block.header.number })
    if (executed === null) return null
    return {
      block: toHex(block.raw),
      certificate: certificate === null ? null : toHex(encodeCertificate(certificate)),
      receipts: toHex(encodeRlp(executed.receipts.map(encodeReceiptRecord))),
    }
  },
})
