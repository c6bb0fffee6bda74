/**
 * Handovers: RLP [header, certificate, [[publicKey, power, feeRecipient]...]], the first two as byte strings that hold
 * their own RLP.
 */
import { decodeWithin } from '../codec/codecError.ts'
import { decodeRlp, encodeRlp } from '../codec/rlp.ts'
import { bytesField, fixedBytesField, integerField, integerItem, listField, tupleField } from '../codec/rlpFields.ts'
import { decodeCertificate, encodeCertificate } from './certificateCodec.ts'
import { MAX_VALIDATOR_POWER, MAX_VALIDATORS } from './genesisCodec.ts'
import type { Handover } from './handover.ts'
import { decodeHeader, encodeHeader } from './headerCodec.ts'

/** Of each validator four items, and the lists around them. */
const MAX_ITEMS = 4 * (MAX_VALIDATORS + 1) + 4

export function encodeHandover({ header, certificate, validators }: Handover): Uint8Array {
  return encodeRlp([
    encodeHeader(header),
    encodeCertificate(certificate),
    validators.map(({ publicKey, power, feeRecipient }) => [publicKey, integerItem(power), feeRecipient]),
  ])
}

/** Shape and fields only: nothing about who signed what. @throws CodecError. */
export function decodeHandover(bytes: Uint8Array): Handover {
  return decodeWithin('handover', () => {
    const [header, certificate, validators] = tupleField(decodeRlp(bytes, { maxDepth: 3, maxItems: MAX_ITEMS }), 3, '')
    return {
      header: decodeHeader(bytesField(header, 'header')),
      certificate: decodeCertificate(bytesField(certificate, 'certificate')),
      validators: listField(validators, 'validators').map((item, index) => {
        const at = `validators[${index}]`
        const [publicKey, power, feeRecipient] = tupleField(item, 3, at)
        return {
          publicKey: fixedBytesField(publicKey, 32, `${at}.publicKey`),
          power: integerField(power, MAX_VALIDATOR_POWER, `${at}.power`),
          feeRecipient: fixedBytesField(feeRecipient, 20, `${at}.feeRecipient`),
        }
      }),
    }
  })
}
