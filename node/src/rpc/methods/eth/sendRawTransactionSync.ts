import { data } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { addAndAwait, syncTimeout } from '../../reading/sendAndAwait.ts'
import { RECEIPT } from '../../schema/chainObjects.ts'

/** eth_sendRawTransactionSync: EIP-7966. The receipt, once the transaction is in a block, which is final. */
export const sendRawTransactionSync = defineMethod({
  name: 'eth_sendRawTransactionSync',
  kind: 'send',
  summary: 'the receipt, once it is in a block (EIP-7966)',
  result: RECEIPT,
  params: ({ limits }) => [
    required('transaction', data),
    withDefault('timeout', syncTimeout(limits), limits.syncSendTimeout),
  ],
  async handle(context, raw, milliseconds) {
    const { receipt } = await addAndAwait(context, raw, milliseconds)
    return receipt
  },
})
