import { toHex } from '../../../codec/hex.ts'
import { address, count } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { transactionOf } from '../../reading/senderTransaction.ts'
import { HASH, nullable } from '../../schema/schema.ts'

/** ots_getTransactionBySenderAndNonce: its hash, once it is in a block. */
export const getTransactionBySenderAndNonce = defineMethod({
  name: 'ots_getTransactionBySenderAndNonce',
  kind: 'read',
  summary: 'the hash of the transaction of a sender with a nonce, once it is in a block; null when there is none',
  result: nullable(HASH),
  params: [required('address', address), required('nonce', count(0, Number.MAX_SAFE_INTEGER))],
  async handle(context, sender, nonce) {
    const found = await transactionOf(context, sender, BigInt(nonce))
    return found === null || !('block' in found) ? null : toHex(found.block.transaction(found.index)!.hash)
  },
})
