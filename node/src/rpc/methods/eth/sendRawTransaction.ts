import { toHex } from '../../../codec/hex.ts'
import { data } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { addAndHold } from '../../reading/sendAndHold.ts'
import { HASH } from '../../schema/schema.ts'

/**
 * eth_sendRawTransaction: the hash, once the transaction is in the pool; with `sendHold` after its block, see sendHold.ts.
 */
export const sendRawTransaction = defineMethod({
  name: 'eth_sendRawTransaction',
  kind: 'send',
  summary:
    'the hash, once it is in the pool; where blocks come at once, after its block if that comes within `sendHold`',
  differs: 'geth answers before the block',
  result: HASH,
  params: [required('transaction', data)],
  async handle(context, raw) {
    const { hash, held } = await addAndHold(context, raw)
    await held
    return toHex(hash)
  },
})
