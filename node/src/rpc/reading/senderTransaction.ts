/** The transaction of a sender with a nonce, wherever it is. No index has it: the block is found by the account's nonce, which only rises. */
import { ChainError } from '../../chain/chainService.ts'
import { equalBytes, keyOf } from '../../codec/bytes.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import type { TransactionInBlock } from './blocks.ts'
import type { RpcContext } from './context.ts'

/** From the pool, or from the chain with its place; null when there is none. @throws ChainError `history-unavailable`. */
export async function transactionOf(
  context: RpcContext,
  sender: Uint8Array,
  nonce: bigint,
): Promise<SenderTransaction | TransactionInBlock | null> {
  const { chain } = context.backend
  const head = chain.head().header.number
  const nonceAfter = async (number: bigint) => (await chain.account(sender, { number }))?.nonce ?? 0n
  if ((await nonceAfter(head)) <= nonce) return waiting(context, sender, nonce)
  if (chain.base > 0n && (await nonceAfter(chain.base)) > nonce) {
    throw new ChainError(
      'history-unavailable',
      `the transaction is not on this node: it started from a snapshot at block ${chain.base} and has the blocks after it; ask a node that has them all`,
    )
  }
  let before = chain.base
  let upTo = head
  while (before + 1n < upTo) {
    const middle = (before + upTo) / 2n
    if ((await nonceAfter(middle)) > nonce) upTo = middle
    else before = middle
  }
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
