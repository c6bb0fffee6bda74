/**
 * What sync says over the network's requests.
 *
 * `status`: request empty; answer one frame, RLP [height, head hash].
 * `blocks`: request RLP [first height, count]; answer one frame a block, ascending without a gap from the first height:
 * RLP [block, certificate], both as byte strings holding their own RLP. Fewer than asked, or none, is a full answer.
 */
import { CodecError } from '../codec/codecError.ts'
import { decodeRlp, encodeRlp } from '../codec/rlp.ts'
import { bytesField, fixedBytesField, integerField, integerItem, numberField, tupleField } from '../codec/rlpFields.ts'
import type { Block } from '../types/block.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import type { Certificate } from '../types/certificate.ts'
import { decodeCertificate } from '../types/certificateCodec.ts'
import { MAX_HEIGHT } from './limits.ts'

export const STATUS_REQUEST = 'status'
export const BLOCKS_REQUEST = 'blocks'

export interface PeerStatus {
  readonly height: bigint
  readonly hash: Uint8Array
}

export interface RangeRequest {
  readonly from: bigint
  readonly count: number
}

export interface CertifiedBlock {
  readonly block: Block
  readonly certificate: Certificate
}

const MAX_COUNT = 1_024

export function encodeStatus({ height, hash }: PeerStatus): Uint8Array {
  return encodeRlp([integerItem(height), hash])
}

/** @throws CodecError. */
export function decodeStatus(bytes: Uint8Array): PeerStatus {
  const [height, hash] = tupleField(decodeRlp(bytes, { maxDepth: 1, maxItems: 3 }), 2, 'status')
  return { height: integerField(height, MAX_HEIGHT, 'status.height'), hash: fixedBytesField(hash, 32, 'status.hash') }
}

export function encodeRange({ from, count }: RangeRequest): Uint8Array {
  return encodeRlp([integerItem(from), integerItem(count)])
}

/** @throws CodecError. */
export function decodeRange(bytes: Uint8Array): RangeRequest {
  const [from, count] = tupleField(decodeRlp(bytes, { maxDepth: 1, maxItems: 3 }), 2, 'range')
  return { from: integerField(from, MAX_HEIGHT, 'range.from'), count: numberField(count, MAX_COUNT, 'range.count') }
}

export function encodeCertifiedBlock(block: Uint8Array, certificate: Uint8Array): Uint8Array {
  return encodeRlp([block, certificate])
}

/** Shape and fields; and that block and certificate are of one height and hash. @throws CodecError. */
export function decodeCertifiedBlock(bytes: Uint8Array): CertifiedBlock {
  const [rawBlock, rawCertificate] = tupleField(decodeRlp(bytes, { maxDepth: 1, maxItems: 3 }), 2, '')
  const block = decodeBlock(bytesField(rawBlock, 'block'))
  const certificate = decodeCertificate(bytesField(rawCertificate, 'certificate'))
  const same = block.hash.every((byte, index) => byte === certificate.blockHash[index])
  if (certificate.height !== block.header.number || !same) {
    throw new CodecError('out-of-range', 'certificate', `is not for block ${block.header.number}`)
  }
  return { block, certificate }
}
