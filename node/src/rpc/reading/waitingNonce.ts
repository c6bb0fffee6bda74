import { isDevTransaction } from '../../types/transaction.ts'
import type { RpcBackend } from '../backend.ts'

/** Why a transaction that was just added cannot run yet; null when it can, or already did. */
export function waitsForEarlierNonce({ txpool }: RpcBackend, hash: Uint8Array): string | null {
  const waiting = txpool.get(hash)
  // Messages of impersonated accounts have no place in a queue.
  if (waiting === undefined || isDevTransaction(waiting.transaction)) return null
  const next = txpool.pendingNonce(waiting.sender)
  const { nonce } = waiting.transaction
  if (next !== undefined && next > nonce) return null
  return `The transaction was added to the pool but waits for earlier ones of its sender: its nonce is ${nonce}${
    next === undefined ? '' : `, the next is ${next}`
  }.`
}
