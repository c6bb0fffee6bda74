/**
 * How the signer's memory lies in its store. One byte of key says what it is:
 *
 *   I                          [genesisHash, publicKey]                    whose record this is
 *   M height(8) round(4) step  [signBytes, signature, proposalMessage|""]  everything signed at the current height
 *   L, V                       [height, round, blockHash, proposalMessage, [[index, signature]...]]
 *                              the locked and the valid value, with the polka that made them so
 *   C                          height(8)                                   nothing more is signed up to this height
 *   F                          ""                                          begun by a signature, may lack older ones
 *
 * Integers in keys are big-endian, so the last `M` is the newest. Values are RLP.
 */
import { bigintToBytes, bytesToBigint, concatBytes, EMPTY_BYTES } from '../../codec/bytes.ts'
import { decodeRlp, encodeRlp } from '../../codec/rlp.ts'
import {
  bytesField,
  fixedBytesField,
  integerField,
  integerItem,
  listField,
  MAX_UINT64,
  numberField,
  tupleField,
} from '../../codec/rlpFields.ts'
import { MAX_ROUND } from '../../types/certificateCodec.ts'
import { MAX_VALIDATORS } from '../../types/genesisCodec.ts'
import type { IndexedSignature } from '../core/vote.ts'
import { parseSignBytes, type SignedContent } from './signBytes.ts'

export interface SignedMessage {
  readonly content: SignedContent
  readonly signBytes: Uint8Array
  readonly signature: Uint8Array
  /** The whole encoded proposal with its block; null for votes. */
  readonly proposal: Uint8Array | null
}

/** A value with all that is needed to propose it again after a restart, alone. */
export interface KeptValue {
  readonly round: number
  readonly blockHash: Uint8Array
  /** The encoded proposal message it came in. */
  readonly proposal: Uint8Array
  /** Prevotes of `round` for it: a quorum. */
  readonly polka: readonly IndexedSignature[]
}

export const IDENTITY_KEY = ascii('I')
export const LOCKED_KEY = ascii('L')
export const VALID_KEY = ascii('V')
export const CLOSED_KEY = ascii('C')
export const FORGETFUL_KEY = ascii('F')
export const MESSAGES_FROM = ascii('M')
export const MESSAGES_TO = ascii('N')

export function messageKey(content: SignedContent): Uint8Array {
  const position = new Uint8Array(13)
  const view = new DataView(position.buffer)
  view.setBigUint64(0, content.height, false)
  view.setUint32(8, content.round, false)
  position[12] = content.step
  return concatBytes(MESSAGES_FROM, position)
}

export function encodeIdentity(genesisHash: Uint8Array, publicKey: Uint8Array): Uint8Array {
  return encodeRlp([genesisHash, publicKey])
}

export function decodeIdentity(raw: Uint8Array): { readonly genesisHash: Uint8Array; readonly publicKey: Uint8Array } {
  const f = tupleField(decodeRlp(raw), 2, 'identity')
  return { genesisHash: fixedBytesField(f[0], 32, 'genesisHash'), publicKey: fixedBytesField(f[1], 32, 'publicKey') }
}

export function encodeSigned(message: SignedMessage): Uint8Array {
  return encodeRlp([message.signBytes, message.signature, message.proposal ?? EMPTY_BYTES])
}

export function decodeSigned(raw: Uint8Array): SignedMessage {
  const f = tupleField(decodeRlp(raw), 3, 'signed message')
  const signBytes = bytesField(f[0], 'signBytes')
  const proposal = bytesField(f[2], 'proposal')
  return {
    content: parseSignBytes(signBytes),
    signBytes,
    signature: fixedBytesField(f[1], 64, 'signature'),
    proposal: proposal.length === 0 ? null : proposal,
  }
}

export function encodeKept(height: bigint, value: KeptValue): Uint8Array {
  return encodeRlp([
    integerItem(height),
    integerItem(value.round),
    value.blockHash,
    value.proposal,
    value.polka.map(({ index, signature }) => [integerItem(index), signature]),
  ])
}

export function decodeKept(raw: Uint8Array): { readonly height: bigint; readonly value: KeptValue } {
  const f = tupleField(decodeRlp(raw), 5, 'kept value')
  return {
    height: integerField(f[0], MAX_UINT64, 'height'),
    value: {
      round: numberField(f[1], MAX_ROUND, 'round'),
      blockHash: fixedBytesField(f[2], 32, 'blockHash'),
      proposal: bytesField(f[3], 'proposal'),
      polka: listField(f[4], 'polka').map((entry) => {
        const pair = tupleField(entry, 2, 'polka entry')
        return {
          index: numberField(pair[0], MAX_VALIDATORS - 1, 'index'),
          signature: fixedBytesField(pair[1], 64, 'signature'),
        }
      }),
    },
  }
}

export function encodeClosed(height: bigint): Uint8Array {
  return bigintToBytes(height, 8)
}

/** @throws CodecError */
export function decodeClosed(raw: Uint8Array): bigint {
  return bytesToBigint(fixedBytesField(raw, 8, 'closed height'))
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
