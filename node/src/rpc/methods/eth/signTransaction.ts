import { toHex } from '../../../codec/hex.ts'
import { withSigned } from '../../accounts/sending.ts'
import { transactionRequest } from '../../decode/callMessage.ts'
import { defineMethod, required } from '../../method.ts'
import { DATA } from '../../schema/schema.ts'

const name = 'eth_signTransaction'

/** eth_signTransaction: what eth_sendTransaction would send, ready for eth_sendRawTransaction. */
export const signTransaction = defineMethod({
  name,
  kind: 'sign',
  summary: 'signs as `eth_sendTransaction` does and sends nothing: the bytes for `eth_sendRawTransaction`',
  differs: 'the bytes alone, as anvil and the execution APIs have it; geth gives `{raw, tx}` and fills in nothing',
  result: DATA,
  params: [required('transaction', transactionRequest)],
  handle: (context, request) => withSigned(name, context, request, async (raw) => toHex(raw)),
})
