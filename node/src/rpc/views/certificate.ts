import { toHex, toQuantity } from '../../codec/hex.ts'
import type { Certificate } from '../../types/certificate.ts'
import { encodeCertificate } from '../../types/certificateCodec.ts'

/** A commit certificate as JSON-RPC shows it; `raw` is what docs/protocol/formats.md encodes. */
export function certificateJson(certificate: Certificate): object {
  return {
    chainId: toQuantity(certificate.chainId),
    height: toQuantity(certificate.height),
    round: certificate.round,
    blockHash: toHex(certificate.blockHash),
    signatures: certificate.signatures.map(({ index, signature }) => ({ index, signature: toHex(signature) })),
    raw: toHex(encodeCertificate(certificate)),
  }
}
