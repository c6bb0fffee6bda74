import { address, uint64 } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { transactionOf } from '../../reading/senderTransaction.ts'
import { TRANSACTION } from '../../schema/chainObjects.ts'
import { nullable } from '../../schema/schema.ts'
import { transactionView } from '../../views/transaction.ts'

/** eth_getTransactionBySenderAndNonce: from the pool or the chain; null when there is none. */
export const getTransactionBySenderAndNonce = defineMethod({
  name: 'eth_getTransactionBySenderAndNonce',
  kind: 'read',
  summary: 'the transaction of a sender with a nonce, from the pool or the chain; null when there is none',
  differs: 'geth does not have it',
  result: nullable(TRANSACTION),
  params: [required('address', address), required('nonce', uint64)],
  async handle(context, sender, nonce) {
    const found = await transactionOf(context, sender, nonce)
    if (found === null) return null
    if (!('block' in found)) return transactionView(found, null)
    return transactionView(found.block.transaction(found.index)!, found.block.place(found.index))
  },
})
