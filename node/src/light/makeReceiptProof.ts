/** A receipt's place in its block, shown by the two tries that the header commits to. */
import { equalBytes } from '../codec/bytes.ts'
import { encodeRlp } from '../codec/rlp.ts'
import { integerItem } from '../codec/rlpFields.ts'
import { orderedTrie } from '../trie/orderedTrie.ts'
import { createProof } from '../trie/proof.ts'
import type { Block } from '../types/block.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { encodeReceipt } from '../types/receiptCodec.ts'
import type { ReceiptClaim } from './proofFile.ts'

/** `receipts`: all of the block, in its order. Null when the transaction is not in the block. */
export function makeReceiptProof(
  block: Block,
  receipts: readonly ReceiptRecord[],
  transactionHash: Uint8Array,
  log: number | null,
): ReceiptClaim | null {
  const index = block.transactions.findIndex(({ hash }) => equalBytes(hash, transactionHash))
  if (index === -1) return null
  const key = encodeRlp(integerItem(index))
  const transactions = block.transactions.map(({ raw }) => raw)
  const encoded = receipts.map(({ receipt }) => encodeReceipt(receipt))
  return {
    kind: 'receipt',
    transactionHash,
    index,
    transaction: transactions[index]!,
    receipt: encoded[index]!,
    transactionProof: createProof(orderedTrie(transactions), key),
    receiptProof: createProof(orderedTrie(encoded), key),
    log,
  }
}
