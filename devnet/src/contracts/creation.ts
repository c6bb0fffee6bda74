/** The transaction that created a contract, found by the states of the chain: no node keeps an index of them. */
import { BaseError, type Hex, RpcRequestError } from 'viem'
import type { Connection } from '../network/connection.ts'

export interface Creation {
  readonly blockNumber: bigint
  /** Null for a contract that another one created, and for one of the genesis. */
  readonly transaction: { readonly hash: Hex; readonly from: Hex; readonly input: Hex } | null
}

/** Null when the node has let go of the states in which the contract was not there yet. */
export async function findCreation({ client }: Connection, address: Hex): Promise<Creation | null> {
  const isThere = async (blockNumber: bigint) => {
    const code = await client.getCode({ address, blockNumber })
    return code !== undefined && code !== '0x'
  }
  try {
    // Of the blocks that may be the first with the contract. Each question halves them.
    let [from, to] = [0n, await client.getBlockNumber()]
    while (from < to) {
      const middle = (from + to) / 2n
      if (await isThere(middle)) to = middle
      else from = middle + 1n
    }
    const { transactions } = await client.getBlock({ blockNumber: from, includeTransactions: true })
    for (const { hash, from: sender, to: receiver, input } of transactions) {
      if (receiver !== null) continue
      const { contractAddress } = await client.getTransactionReceipt({ hash })
      if (contractAddress?.toLowerCase() === address.toLowerCase()) {
        return { blockNumber: from, transaction: { hash, from: sender, input } }
      }
    }
    return { blockNumber: from, transaction: null }
  } catch (error) {
    // A node that has no such state says so; one that does not answer is another matter.
    if (error instanceof BaseError && error.walk((cause) => cause instanceof RpcRequestError) !== null) return null
    throw error
  }
}
