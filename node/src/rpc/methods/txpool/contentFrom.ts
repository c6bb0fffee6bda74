import { toHex } from '../../../codec/hex.ts'
import type { TxPoolContent } from '../../../txpool/txpoolView.ts'
import { address } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { TRANSACTION } from '../../schema/chainObjects.ts'
import { mapOf, record } from '../../schema/schema.ts'
import { poolView } from '../../views/pool.ts'
import { transactionView } from '../../views/transaction.ts'

/** txpool_contentFrom: every transaction of one account, by nonce. */
export const contentFrom = defineMethod({
  name: 'txpool_contentFrom',
  kind: 'read',
  summary: 'every transaction of an account, by nonce',
  result: record({ pending: mapOf(TRANSACTION), queued: mapOf(TRANSACTION) }),
  params: [required('address', address)],
  handle({ backend, limits }, account) {
    const sender = toHex(account)
    const { pending, queued } = backend.txpool.content()
    const only = (senders: TxPoolContent['pending']) => new Map([...senders].filter(([name]) => `0x${name}` === sender))
    const own = { pending: only(pending), queued: only(queued) }
    const view = poolView(own, limits, (transaction) => transactionView(transaction, null))
    return { pending: view.pending[sender] ?? {}, queued: view.queued[sender] ?? {} }
  },
})
