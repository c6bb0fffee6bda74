/** Commit certificates: RLP [chainId, height, round, blockHash, [[index, signature]...]]. */
import { CodecError, decodeWithin } from '../codec/codecError.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../codec/rlp.ts'
import {
  fixedBytesField,
  integerField,
  integerItem,
  listField,
  MAX_UINT64,
  MAX_UINT256,
  numberField,
  tupleField,
} from '../codec/rlpFields.ts'
import { ED25519_SIGNATURE_LENGTH } from '../crypto/ed25519.ts'
import type { Certificate, CommitSignature } from './certificate.ts'
import { MAX_VALIDATORS } from './genesisCodec.ts'

/** Rounds fit a signed 32-bit integer, as in Tendermint. */
export const MAX_ROUND = 0x7fffffff

export function encodeCertificate(certificate: Certificate): Uint8Array {
  return encodeRlp([
    integerItem(certificate.chainId),
    integerItem(certificate.height),
    integerItem(certificate.round),
    certificate.blockHash,
    certificate.signatures.map(({ index, signature }) => [integerItem(index), signature]),
  ])
}

/** Checks the form, with signatures ascending by index; not the signatures themselves. @throws CodecError. */
export function decodeCertificate(raw: Uint8Array): Certificate {
  return decodeWithin('certificate', () => {
    const f = tupleField(decodeRlp(raw, { maxDepth: 3, maxItems: 6 + 3 * MAX_VALIDATORS }), 5, '')
    const signatures = listField(f[4], 'signatures').map(commitSignature)
    for (let i = 1; i < signatures.length; i++) {
      if (signatures[i]!.index <= signatures[i - 1]!.index) {
        throw new CodecError('out-of-range', `signatures[${i}].index`, 'indexes must ascend')
      }
    }
    return {
      chainId: integerField(f[0], MAX_UINT256, 'chainId'),
      height: integerField(f[1], MAX_UINT64, 'height'),
      round: numberField(f[2], MAX_ROUND, 'round'),
      blockHash: fixedBytesField(f[3], 32, 'blockHash'),
      signatures,
    }
  })
}

function commitSignature(item: RlpItem, position: number): CommitSignature {
  const field = `signatures[${position}]`
  const [index, signature] = tupleField(item, 2, field)
  return {
    index: numberField(index, MAX_VALIDATORS - 1, `${field}.index`),
    signature: fixedBytesField(signature, ED25519_SIGNATURE_LENGTH, `${field}.signature`),
  }
}
