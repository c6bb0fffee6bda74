/**
 * Which block: a tag, a number, or the object of EIP-1898. Finality is immediate, so `safe` and `finalized` are
 * `latest`. `pending` is the next block where that makes a difference ({@link blockOrPending},
 * {@link blockNumberOrPending}); the state it stands on is the newest.
 */
import type { BlockReference } from '../../chain/chainService.ts'
import { toHex, toQuantity } from '../../codec/hex.ts'
import { invalidParams } from '../errors.ts'
import { nullable, type Schema } from '../schema/schema.ts'
import { asRecord, boolean, type Decoder, decoder, optional, wrong } from './decoder.ts'
import { hash, uint64 } from './hex.ts'

const TAGS: Readonly<Record<string, BlockReference>> = {
  latest: 'latest',
  safe: 'latest',
  finalized: 'latest',
  pending: 'latest',
  earliest: 'earliest',
}

const EXPECTED =
  '"latest", "safe", "finalized", "pending", "earliest", a block number as a quantity, {"blockNumber": ...} or {"blockHash": ...}'

const NUMBER_OR_TAG: Schema = {
  title: 'Block number or tag',
  anyOf: [uint64.schema, { type: 'string', enum: Object.keys(TAGS) }],
}

const NUMBER_TAG_OR_HASH: Schema = {
  title: 'Block number, tag or hash',
  anyOf: [
    NUMBER_OR_TAG,
    hash.schema,
    {
      type: 'object',
      description: 'EIP-1898: one of blockNumber and blockHash',
      properties: {
        blockNumber: nullable(NUMBER_OR_TAG),
        blockHash: nullable(hash.schema),
        requireCanonical: nullable(boolean.schema),
      },
    },
  ],
}

/** A tag or a number, as eth_getBlockByNumber takes it. */
export const blockNumber: Decoder<BlockReference> = decoder(NUMBER_OR_TAG, (value, at) => {
  if (typeof value === 'string' && Object.hasOwn(TAGS, value)) return TAGS[value]!
  if (typeof value === 'string' && !value.startsWith('0x')) throw wrong(at, EXPECTED, value)
  return { number: uint64(value, at) }
})

/** The same, or a number of JSON, as Otterscan sends it. */
export const blockCountOrTag: Decoder<BlockReference> = decoder(
  { anyOf: [NUMBER_OR_TAG, { type: 'integer', minimum: 0 }] },
  (value, at) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? { number: BigInt(value) }
      : blockNumber(value, at),
)

/** A tag, a number, a hash as text, or an EIP-1898 object, as every call about state takes it. */
export const blockReference: Decoder<BlockReference> = decoder(NUMBER_TAG_OR_HASH, (value, at) => {
  if (typeof value === 'string') {
    return value.length === 66 ? { hash: hash(value, at) } : blockNumber(value, at)
  }
  if (typeof value !== 'object') throw wrong(at, EXPECTED, value)
  const record = asRecord(value, at, '{"blockNumber": ...} or {"blockHash": ...}')
  const byHash = optional(hash)(record['blockHash'], `${at}.blockHash`)
  const byNumber = optional(blockNumber)(record['blockNumber'], `${at}.blockNumber`)
  // EIP-1898: whether a block off the canonical chain is refused. Here every block is canonical.
  optional(boolean)(record['requireCanonical'], `${at}.requireCanonical`)
  if (byHash !== undefined && byNumber !== undefined) {
    throw invalidParams(`${at} must have blockHash or blockNumber, not both`)
  }
  if (byHash !== undefined) return { hash: byHash }
  if (byNumber !== undefined) return byNumber
  throw invalidParams(`${at} must have blockHash or blockNumber`)
})

/** For what differs in the next block: calls, estimates, nonces. */
export const blockOrPending: Decoder<BlockReference | 'pending'> = decoder(NUMBER_TAG_OR_HASH, (value, at) => {
  const reference = blockReference(value, at)
  return value === 'pending' || (value as { readonly blockNumber?: unknown }).blockNumber === 'pending'
    ? 'pending'
    : reference
})

/** A tag or a number, where the next block can be told. */
export const blockNumberOrPending: Decoder<BlockReference | 'pending'> = decoder(NUMBER_OR_TAG, (value, at) =>
  value === 'pending' ? value : blockNumber(value, at),
)

/** For error messages. */
export function showBlock(at: BlockReference): string {
  if (typeof at === 'string') return at
  return 'hash' in at ? toHex(at.hash) : toQuantity(at.number)
}
