/**
 * Protocol `proposal-parts`: the transactions of a proposed block that the asker lacks, by their places in its list.
 * Request: RLP [hash of the list, [index...]], ascending. The hash of the block would not do: a proposer can sign two
 * lists for one block, and who answers from one is not to blame for having the other. Answer: a frame for each, as it
 * is signed, in that order; fewer than asked, or none, is a full answer.
 */

import { MAX_BLOCK_TRANSACTIONS } from '../../chain/limits.ts'
import { CodecError } from '../../codec/codecError.ts'
import { decodeRlp, encodeRlp } from '../../codec/rlp.ts'
import { fixedBytesField, integerItem, listField, numberField, tupleField } from '../../codec/rlpFields.ts'
import { MAX_PARTS_BYTES, MAX_PARTS_PER_REQUEST } from '../limits.ts'

export const PARTS_PROTOCOL = 'proposal-parts'

export interface PartRequest {
  /** Of the list, as the proposer signs it. */
  readonly contentsHash: Uint8Array
  readonly indexes: readonly number[]
}

export function encodePartRequest({ contentsHash, indexes }: PartRequest): Uint8Array {
  return encodeRlp([contentsHash, indexes.map(integerItem)])
}

/** @throws CodecError. */
export function decodePartRequest(raw: Uint8Array): PartRequest {
  const item = decodeRlp(raw, { maxDepth: 2, maxItems: MAX_PARTS_PER_REQUEST + 3 })
  const f = tupleField(item, 2, 'request')
  const indexes = listField(f[1], 'indexes').map((entry, at) =>
    numberField(entry, MAX_BLOCK_TRANSACTIONS - 1, `indexes[${at}]`),
  )
  for (let at = 1; at < indexes.length; at++) {
    if (indexes[at]! <= indexes[at - 1]!) throw new CodecError('out-of-range', `indexes[${at}]`, 'must ascend')
  }
  return { contentsHash: fixedBytesField(f[0], 32, 'contentsHash'), indexes }
}

/** Those of the parts asked for that are there, up to the first that is not, and no more bytes than an answer may have. */
export function partsFor(
  { indexes }: PartRequest,
  part: (index: number) => Uint8Array | undefined,
): readonly Uint8Array[] {
  const answer: Uint8Array[] = []
  let bytes = 0
  for (const index of indexes) {
    const raw = part(index)
    if (raw === undefined || (answer.length > 0 && bytes + raw.length > MAX_PARTS_BYTES)) break
    bytes += raw.length
    answer.push(raw)
  }
  return answer
}
