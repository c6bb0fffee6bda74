/** A transaction as JSON-RPC shows it (execution-apis, "TransactionInfo"). */
import { toHex, toQuantity } from '../../codec/hex.ts'
import {
  type AccessListEntry,
  isDevTransaction,
  type SenderTransaction,
  type Transaction,
} from '../../types/transaction.ts'
import { legacyV } from '../../types/transactionCodec.ts'
import { countToQuantity, type Hex } from './quantities.ts'

/** Where a transaction is; null while it waits in the pool. */
export interface TransactionPlace {
  readonly blockHash: Uint8Array
  readonly blockNumber: bigint
  readonly index: number
  readonly baseFeePerGas: bigint
}

export type TransactionView = Readonly<Record<string, unknown>>

export function transactionView(
  { transaction, hash, sender }: SenderTransaction,
  place: TransactionPlace | null,
): TransactionView {
  return {
    hash: toHex(hash),
    type: countToQuantity(transaction.type),
    blockHash: place === null ? null : toHex(place.blockHash),
    blockNumber: place === null ? null : toQuantity(place.blockNumber),
    transactionIndex: place === null ? null : countToQuantity(place.index),
    // The account, not the controller that signed for it: clients look for transactions of the account whose message it is.
    from: toHex(isDevTransaction(transaction) ? transaction.from : sender),
    to: transaction.to === null ? null : toHex(transaction.to),
    nonce: toQuantity(transaction.nonce),
    gas: toQuantity(transaction.gasLimit),
    value: toQuantity(transaction.value),
    input: toHex(transaction.data),
    ...feeFields(transaction, place),
    ...(transaction.chainId === null ? {} : { chainId: toQuantity(transaction.chainId) }),
    ...(isDevTransaction(transaction) ? { salt: toHex(transaction.salt) } : {}),
    ...signatureFields(transaction),
  }
}

/** `gasPrice` of a type 2 transaction is what it paid, and its cap until it is in a block: as geth. */
function feeFields(transaction: Transaction, place: TransactionPlace | null): Readonly<Record<string, Hex>> {
  if (transaction.type !== 2) return { gasPrice: toQuantity(transaction.gasPrice) }
  const { maxFeePerGas, maxPriorityFeePerGas } = transaction
  const wanted = place === null ? maxFeePerGas : place.baseFeePerGas + maxPriorityFeePerGas
  return {
    maxFeePerGas: toQuantity(maxFeePerGas),
    maxPriorityFeePerGas: toQuantity(maxPriorityFeePerGas),
    gasPrice: toQuantity(wanted < maxFeePerGas ? wanted : maxFeePerGas),
  }
}

function signatureFields(transaction: Transaction): Readonly<Record<string, unknown>> {
  const r = toQuantity(transaction.r)
  const s = toQuantity(transaction.s)
  if (transaction.type === 0) {
    return { v: toQuantity(legacyV(transaction)), r, s }
  }
  const parity = countToQuantity(transaction.yParity)
  return { accessList: accessListView(transaction.accessList), v: parity, yParity: parity, r, s }
}

export function accessListView(list: readonly AccessListEntry[]): readonly object[] {
  return list.map(({ address, storageKeys }) => ({ address: toHex(address), storageKeys: storageKeys.map(toHex) }))
}
