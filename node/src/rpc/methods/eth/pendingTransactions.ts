import { responseTooLarge } from '../../errors.ts'
import { defineMethod } from '../../method.ts'
import { TRANSACTION } from '../../schema/chainObjects.ts'
import { listOf } from '../../schema/schema.ts'
import { transactionView } from '../../views/transaction.ts'

/** eth_pendingTransactions: what can run now, of all senders, as hardhat and anvil give it. */
export const pendingTransactions = defineMethod({
  name: 'eth_pendingTransactions',
  kind: 'read',
  summary: 'every transaction that can run now, by sender and nonce',
  differs: 'of all senders, as on hardhat; geth gives those of its own accounts',
  result: listOf(TRANSACTION),
  params: [],
  handle({ backend, limits: { maxResponseLength } }) {
    const pending = [...backend.txpool.content().pending.values()].flat()
    // Each byte is two hex digits.
    const length = pending.reduce((sum, { raw }) => sum + 2 * raw.length, 0)
    if (length > maxResponseLength) throw responseTooLarge(maxResponseLength)
    return pending.map((transaction) => transactionView(transaction, null))
  },
})
