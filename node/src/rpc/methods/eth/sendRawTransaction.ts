import { toHex } from '../../../codec/hex.ts'
import { data } from '../../decode/hex.ts'
import { refusedTransaction } from '../../errors.ts'
import { defineMethod, required } from '../../method.ts'

/** eth_sendRawTransaction: the hash, once the transaction is in the pool. */
export const sendRawTransaction = defineMethod({
  name: 'eth_sendRawTransaction',
  params: [required('transaction', data)],
  async handle({ backend }, raw) {
    const outcome = await backend.txpool.add(raw, 'local')
    if (!outcome.ok) throw refusedTransaction(outcome)
    return toHex(outcome.hash)
  },
})
