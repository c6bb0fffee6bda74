import { toHex, toQuantity } from '../../../codec/hex.ts'
import type { EvidenceView, SignedMessageView } from '../../backend.ts'
import { object, optional } from '../../decode/decoder.ts'
import { count, uint64 } from '../../decode/hex.ts'
import { invalidParams } from '../../errors.ts'
import { defineMethod, withDefault } from '../../method.ts'
import { EVIDENCE } from '../../schema/results.ts'

const filter = object('{fromHeight?, toHeight?, limit?}', {
  fromHeight: optional(uint64),
  toHeight: optional(uint64),
  limit: optional(count(0, Number.MAX_SAFE_INTEGER)),
})

/**
 * touchstone_evidence: proofs that a validator signed two different things for one step (docs/protocol/consensus.md), by
 * height. Bounded by what a node keeps.
 */
export const evidence = defineMethod({
  name: 'touchstone_evidence',
  kind: 'read',
  summary: 'proofs that validators signed two different things for one step',
  differs: 'of this chain',
  result: EVIDENCE,
  params: [withDefault('filter', filter, { fromHeight: undefined, toHeight: undefined, limit: undefined })],
  handle({ backend }, { fromHeight = 0n, toHeight, limit }) {
    if (toHeight !== undefined && toHeight < fromHeight)
      throw invalidParams('filter.toHeight is below filter.fromHeight')
    const wanted = backend
      .evidence()
      .filter(({ height }) => height >= fromHeight && (toHeight === undefined || height <= toHeight))
      .sort((a, b) => (a.height === b.height ? a.round - b.round : a.height < b.height ? -1 : 1))
    return wanted.slice(0, limit).map(evidenceJson)
  },
})

function evidenceJson(view: EvidenceView): object {
  const { kind, validator, publicKey, address, height, round, seenAt, messages, raw } = view
  return {
    kind,
    validator: { index: validator, publicKey: toHex(publicKey), address: toHex(address) },
    height: toQuantity(height),
    round,
    messages: messages.map(messageJson),
    seenAt: toQuantity(seenAt),
    raw: toHex(raw),
  }
}

function messageJson({ blockHash, validRound, signBytes, signature }: SignedMessageView): object {
  return {
    blockHash: blockHash === null ? null : toHex(blockHash),
    ...(validRound === null ? {} : { validRound }),
    signBytes: toHex(signBytes),
    signature: toHex(signature),
  }
}
