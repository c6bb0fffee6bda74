/** When an account came to be what it is, found by halving: no index has it. */
import { ChainError } from '../../chain/chainService.ts'
import type { Account } from '../../types/account.ts'
import type { RpcContext } from './context.ts'

/**
 * The first block after which `isSo` is true of an account, which stays so once it is. Null where it is not so now; 0
 * for the genesis.
 * @throws ChainError `history-unavailable` where it was so at the block that this node began with.
 */
export async function firstBlockWhere(
  { backend: { chain } }: Pick<RpcContext, 'backend'>,
  address: Uint8Array,
  isSo: (account: Account | null) => boolean,
): Promise<bigint | null> {
  const isSoAfter = async (number: bigint) => isSo(await chain.account(address, { number }))
  const head = chain.head().header.number
  if (!(await isSoAfter(head))) return null
  if (await isSoAfter(chain.base)) {
    if (chain.base === 0n) return 0n
    throw new ChainError(
      'history-unavailable',
      `the block in question is not on this node: it started from a snapshot at block ${chain.base} and has the blocks after it; ask a node that has them all`,
    )
  }
  let before = chain.base
  let upTo = head
  while (before + 1n < upTo) {
    const middle = (before + upTo) / 2n
    if (await isSoAfter(middle)) upTo = middle
    else before = middle
  }
  return upTo
}
