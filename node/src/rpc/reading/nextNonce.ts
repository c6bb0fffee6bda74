/** The nonce of an account's next transaction, those waiting in the pool counted. */
import type { RpcBackend } from '../backend.ts'

export async function nextNonce({ chain, txpool }: RpcBackend, account: Uint8Array): Promise<bigint> {
  const nonce = (await chain.account(account, 'latest'))?.nonce ?? 0n
  const pending = txpool.pendingNonce(account)
  return pending !== undefined && pending > nonce ? pending : nonce
}
