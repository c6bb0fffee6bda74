import { withSigned } from '../../accounts/sending.ts'
import { transactionRequest } from '../../decode/callMessage.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { addAndAwait, syncTimeout } from '../../reading/sendAndAwait.ts'
import { RECEIPT } from '../../schema/chainObjects.ts'

const name = 'eth_sendTransactionSync'

/** eth_sendTransactionSync: as eth_sendTransaction; the receipt, once the transaction is in a block, as EIP-7966 has it. */
export const sendTransactionSync = defineMethod({
  name,
  kind: 'sign',
  summary: 'as `eth_sendTransaction`; the receipt, once it is in a block',
  differs: "geth does not have it; a devnet's own accounts only",
  result: RECEIPT,
  params: ({ limits }) => [
    required('transaction', transactionRequest),
    withDefault('timeout', syncTimeout(limits), limits.syncSendTimeout),
  ],
  async handle(context, request, milliseconds) {
    const { receipt } = await withSigned(name, context, request, (raw) => addAndAwait(context, raw, milliseconds))
    return receipt
  },
})
