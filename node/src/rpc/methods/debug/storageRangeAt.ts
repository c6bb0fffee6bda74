import { bigintToBytes } from '../../../codec/bytes.ts'
import { toHex } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { decoder, wrong } from '../../decode/decoder.ts'
import { address, count, data } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { clientOf } from '../../origin.ts'
import { HASH, mapOf, NULL, nullable, record, WORD } from '../../schema/schema.ts'

/** Where a range begins: fewer bytes stand for those with zeros after them. */
const keyStart = decoder(data.schema, (value, at) => {
  const bytes = data(value, at)
  if (bytes.length > 32) throw wrong(at, 'at most 32 bytes', value)
  const start = new Uint8Array(32)
  start.set(bytes)
  return start
})

/** debug_storageRangeAt: slots of an account in the middle of a block, by their hashes. */
export const storageRangeAt = defineMethod({
  name: 'debug_storageRangeAt',
  kind: 'trace',
  pace: 'slow',
  summary:
    'slots of an account as they were before the transaction with this index in a block, or after the last, in the order of their hashes; `nextKey` is where the next range begins, null at the end. At most `maxStorageValues` at a time',
  differs: '`key` is null: the trie has the hashes of slots only',
  result: record({ storage: mapOf(record({ key: NULL, value: WORD })), nextKey: nullable(HASH) }),
  params: ({ limits }) => [
    required('block', blockReference),
    required('transactionIndex', count(0, Number.MAX_SAFE_INTEGER)),
    required('address', address),
    required('keyStart', keyStart),
    required('maxResult', count(1, limits.maxStorageValues)),
  ],
  async handle({ backend, caller }, at, index, account, start, limit) {
    const { slots, next } = await backend.chain.storageRange(clientOf(caller), at, index, account, start, limit)
    const storage = slots.map(({ hashedKey, value }) => [
      toHex(hashedKey),
      { key: null, value: toHex(bigintToBytes(value, 32)) },
    ])
    return { storage: Object.fromEntries(storage), nextKey: next === null ? null : toHex(next) }
  },
})
