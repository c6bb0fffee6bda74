/**
 * The requests and answers of sync (docs/protocol/network.md, "Requests").
 *
 * `status`: request empty; answer one frame, RLP [height, head hash, first block served].
 * `blocks`: request RLP [first height, count]; answer one frame a block, ascending without a gap from the first height:
 * RLP [block, certificate], both as byte strings holding their own RLP. Fewer than asked, or none, is a full answer.
 * `handovers`: request RLP [first height]; answer one frame a handover (types/handoverCodec.ts), ascending, of blocks from
 * that height on; fewer than there are is a full answer unless there are none.
 * `state`: request RLP [hash...]; answer one frame, RLP [item...]: for each hash in order the trie node or code with that
 * keccak256, empty where it is not there. Fewer than asked is a full answer.
 */
import { equalBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { decodeRlp, decodeRlpListMembers, encodeRlp } from '../codec/rlp.ts'
import {
  bytesField,
  fixedBytesField,
  integerField,
  integerItem,
  listField,
  numberField,
  tupleField,
} from '../codec/rlpFields.ts'
import { orderedTrieRoot } from '../trie/orderedTrie.ts'
import type { Block } from '../types/block.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import type { Certificate } from '../types/certificate.ts'
import { decodeCertificate } from '../types/certificateCodec.ts'
import type { Header } from '../types/header.ts'
import { decodeHeader } from '../types/headerCodec.ts'
import { MAX_HEIGHT, STATE_ITEMS } from './limits.ts'

export const STATUS_REQUEST = 'status'
export const BLOCKS_REQUEST = 'blocks'
export const STATE_REQUEST = 'state'
export const HANDOVERS_REQUEST = 'handovers'

export interface PeerStatus {
  readonly height: bigint
  readonly hash: Uint8Array
  /** The first block it serves: 1, or the one its snapshot began with. */
  readonly first: bigint
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

export function encodeStatus({ height, hash, first }: PeerStatus): Uint8Array {
  return encodeRlp([integerItem(height), hash, integerItem(first)])
}

/** @throws CodecError. */
export function decodeStatus(bytes: Uint8Array): PeerStatus {
  const [height, hash, first] = tupleField(decodeRlp(bytes, { maxDepth: 1, maxItems: 4 }), 3, 'status')
  return {
    height: integerField(height, MAX_HEIGHT, 'status.height'),
    hash: fixedBytesField(hash, 32, 'status.hash'),
    first: integerField(first, MAX_HEIGHT, 'status.first'),
  }
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

/** Header and certificate of a frame of `blocks`, and nothing else of it looked at. @throws CodecError. */
export function decodeCertifiedHeader(bytes: Uint8Array): {
  readonly header: Header
  readonly certificate: Certificate
} {
  const [rawBlock, rawCertificate] = tupleField(decodeRlp(bytes, { maxDepth: 1, maxItems: 3 }), 2, '')
  const [rawHeader] = decodeRlpListMembers(bytesField(rawBlock, 'block'), { maxItems: 3 })
  if (rawHeader === undefined) throw new CodecError('wrong-shape', 'block', 'has no header')
  return { header: decodeHeader(rawHeader), certificate: decodeCertificate(bytesField(rawCertificate, 'certificate')) }
}

/**
 * Shape and fields; that block and certificate are of one height and hash; and that the transactions are the header's.
 * Without the last a peer could put other transactions under a header that is certified, and the block would look like
 * a fault of the chain, at which a node stops. @throws CodecError.
 */
export function decodeCertifiedBlock(bytes: Uint8Array): CertifiedBlock {
  const [rawBlock, rawCertificate] = tupleField(decodeRlp(bytes, { maxDepth: 1, maxItems: 3 }), 2, '')
  const block = decodeBlock(bytesField(rawBlock, 'block'))
  const certificate = decodeCertificate(bytesField(rawCertificate, 'certificate'))
  if (certificate.height !== block.header.number || !equalBytes(block.hash, certificate.blockHash)) {
    throw new CodecError('out-of-range', 'certificate', `is not for block ${block.header.number}`)
  }
  const transactionsRoot = orderedTrieRoot(block.transactions.map(({ raw }) => raw))
  if (!equalBytes(transactionsRoot, block.header.transactionsRoot)) {
    throw new CodecError('out-of-range', 'block.transactions', "are not those of the header's transactions root")
  }
  return { block, certificate }
}

/** @throws CodecError when the answer is not `count` blocks at most, ascending from `from`, each the next one's parent. */
export function decodeBlocks(frames: readonly Uint8Array[], from: bigint, count: number): readonly CertifiedBlock[] {
  if (frames.length > count) throw new CodecError('wrong-shape', '', `${frames.length} blocks, asked for ${count}`)
  const blocks: CertifiedBlock[] = []
  for (const [index, frame] of frames.entries()) {
    const certified = decodeCertifiedBlock(frame)
    const { block } = certified
    if (block.header.number !== from + BigInt(index)) {
      throw new CodecError('out-of-range', '', `block ${block.header.number} where ${from + BigInt(index)} belongs`)
    }
    const parent = blocks.at(-1)
    if (parent !== undefined && !equalBytes(block.header.parentHash, parent.block.hash)) {
      throw new CodecError('out-of-range', '', `block ${block.header.number} does not follow the one before`)
    }
    blocks.push(certified)
  }
  return blocks
}

export function encodeHandoversFrom(from: bigint): Uint8Array {
  return encodeRlp([integerItem(from)])
}

/** @throws CodecError. */
export function decodeHandoversFrom(bytes: Uint8Array): bigint {
  const [from] = tupleField(decodeRlp(bytes, { maxDepth: 1, maxItems: 2 }), 1, 'handovers')
  return integerField(from, MAX_HEIGHT, 'handovers.from')
}

export function encodeHashes(hashes: readonly Uint8Array[]): Uint8Array {
  return encodeRlp(hashes)
}

/** @throws CodecError. */
export function decodeHashes(bytes: Uint8Array): Uint8Array[] {
  const hashes = listField(decodeRlp(bytes, { maxDepth: 1, maxItems: STATE_ITEMS + 1 }), 'hashes')
  if (hashes.length > STATE_ITEMS) {
    throw new CodecError('out-of-range', 'hashes', `${hashes.length} hashes, at most ${STATE_ITEMS} are allowed`)
  }
  return hashes.map((hash, index) => fixedBytesField(hash, 32, `hashes[${index}]`))
}

export function encodeStateItems(items: readonly Uint8Array[]): Uint8Array {
  return encodeRlp(items)
}

/** @throws CodecError when there are none, or more than `count`. */
export function decodeStateItems(frames: readonly Uint8Array[], count: number): Uint8Array[] {
  if (frames.length !== 1) throw new CodecError('wrong-shape', '', `${frames.length} frames, expected 1`)
  const items = listField(decodeRlp(frames[0]!, { maxDepth: 1, maxItems: count + 1 }), 'items')
  if (items.length === 0 || items.length > count) {
    throw new CodecError('out-of-range', 'items', `${items.length} items, asked for ${count}`)
  }
  return items.map((item, index) => bytesField(item, `items[${index}]`))
}
