import { toHex } from '../../../codec/hex.ts'
import { withSigned } from '../../accounts/sending.ts'
import { transactionRequest } from '../../decode/callMessage.ts'
import { defineMethod, required } from '../../method.ts'
import { addAndHold } from '../../reading/sendAndHold.ts'
import { HASH } from '../../schema/schema.ts'

const name = 'eth_sendTransaction'

/**
 * eth_sendTransaction: signed by the node with the key of `from`, what is left out filled in; then as
 * eth_sendRawTransaction.
 */
export const sendTransaction = defineMethod({
  name,
  kind: 'sign',
  summary:
    'fills in the fields that are left out, signs with the key of `from`, and sends; the hash as `eth_sendRawTransaction` gives it',
  differs: "a devnet's own accounts only; a transaction that would fail is refused unless `gas` is given, as on geth",
  result: HASH,
  params: [required('transaction', transactionRequest)],
  async handle(context, request) {
    const { hash, held } = await withSigned(name, context, request, (raw) => addAndHold(context, raw))
    await held
    return toHex(hash)
  },
})
