import {
  type AccessListEntry,
  isDevTransaction,
  type SenderTransaction,
  type Transaction,
} from '../../types/transaction.ts'

/** How many times more bytes than the transactions themselves may be cloned along before they are copied first. */
const MOST_WASTE = 4

/**
 * The transactions, fit to be sent to another thread. Decoded ones are views of the message they came in, and a clone
 * takes the whole buffer of every view along: a few transactions left of many gossip bundles would carry megabytes.
 */
export function detachedTransactions(transactions: readonly SenderTransaction[]): readonly SenderTransaction[] {
  const buffers = new Set<ArrayBufferLike>()
  let cloned = 0
  let needed = 0
  for (const { raw } of transactions) {
    needed += raw.length
    if (buffers.has(raw.buffer)) continue
    buffers.add(raw.buffer)
    cloned += raw.buffer.byteLength
  }
  return cloned <= MOST_WASTE * needed ? transactions : transactions.map(detached)
}

function detached({ transaction, raw, hash, sender }: SenderTransaction): SenderTransaction {
  return { transaction: detachedFields(transaction), raw: raw.slice(), hash: hash.slice(), sender: sender.slice() }
}

function detachedFields(transaction: Transaction): Transaction {
  const to = transaction.to === null ? null : transaction.to.slice()
  const data = transaction.data.slice()
  if (transaction.type === 0) return { ...transaction, to, data }
  if (isDevTransaction(transaction))
    return { ...transaction, to, data, from: transaction.from.slice(), salt: transaction.salt.slice() }
  return { ...transaction, to, data, accessList: transaction.accessList.map(detachedEntry) }
}

function detachedEntry({ address, storageKeys }: AccessListEntry): AccessListEntry {
  return { address: address.slice(), storageKeys: storageKeys.map((key) => key.slice()) }
}
