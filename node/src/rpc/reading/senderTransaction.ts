/**
 * The transaction of a sender with a nonce, wherever it is. No index has it: the block is found by the account's nonce,
 * which only rises.
 */
import { equalBytes, keyOf } from '../../codec/bytes.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import type { TransactionInBlock } from './blocks.ts'
import type { RpcContext } from './context.ts'
import { firstBlockWhere } from './firstBlock.ts'

/** From the pool, or from the chain with its place; null when there is none. @throws ChainError `history-unavailable`. */
export async function transactionOf(
  context: RpcContext,
  sender: Uint8Array,
  nonce: bigint,
): Promise<SenderTransaction | TransactionInBlock | null> {
  const upTo = await firstBlockWhere(context, sender, (account) => (account?.nonce ?? 0n) > nonce)
  if (upTo === null) return waiting(context, sender, nonce)
  const block = await context.blocks.executed({ number: upTo })
  const index = block?.receipts.findIndex(
    (receipt, at) => equalBytes(receipt.sender, sender) && block.block.transactions[at]!.transaction.nonce === nonce,
  )
  return block === null || index === undefined || index === -1 ? null : { block, index }
}

function waiting({ backend }: RpcContext, sender: Uint8Array, nonce: bigint): SenderTransaction | null {
  const { pending, queued } = backend.txpool.content()
  const own = [...(pending.get(keyOf(sender)) ?? []), ...(queued.get(keyOf(sender)) ?? [])]
  return own.find(({ transaction }) => transaction.nonce === nonce) ?? null
}
