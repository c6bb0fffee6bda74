/** A decoded transaction keeps views of the bytes it came in; one that stays must not keep the whole bundle in memory. */
import { isDevTransaction, type Transaction, type TransactionEnvelope } from '../types/transaction.ts'

/** The same envelope over a copy of its bytes. Nothing is decoded or hashed again. */
export function withOwnBytes(envelope: TransactionEnvelope): TransactionEnvelope {
  const old = envelope.raw
  const raw = Uint8Array.from(old)
  const own = (view: Uint8Array): Uint8Array => {
    const at = view.byteOffset - old.byteOffset
    const isInside = view.buffer === old.buffer && at >= 0 && at + view.length <= old.length
    return isInside ? raw.subarray(at, at + view.length) : Uint8Array.from(view)
  }
  return { raw, hash: Uint8Array.from(envelope.hash), transaction: withViews(envelope.transaction, own) }
}

function withViews(transaction: Transaction, own: (view: Uint8Array) => Uint8Array): Transaction {
  const fields = { to: transaction.to === null ? null : own(transaction.to), data: own(transaction.data) }
  if (transaction.type === 0) return { ...transaction, ...fields }
  if (isDevTransaction(transaction))
    return { ...transaction, ...fields, from: own(transaction.from), salt: own(transaction.salt) }
  const accessList = transaction.accessList.map(({ address, storageKeys }) => ({
    address: own(address),
    storageKeys: storageKeys.map(own),
  }))
  return { ...transaction, ...fields, accessList }
}
