import { expect, it } from 'vitest'
import { DEV_TRANSACTION_TYPE } from '../../types/transaction.ts'
import type { RpcBackend } from '../backend.ts'
import { waitsForEarlierNonce } from './waitingNonce.ts'

const hash = new Uint8Array(32)

/** Of a pool with that transaction, whose sender's next nonce is `next`. */
function words(type: number, nonce: bigint, next: bigint | undefined): string | null {
  const waiting = { sender: new Uint8Array(20), transaction: { type, nonce } }
  const txpool = { get: () => waiting, pendingNonce: () => next }
  return waitsForEarlierNonce({ txpool } as unknown as RpcBackend, hash)
}

it('is told of a nonce that is ahead, and never of a message of an impersonated account, which has no queue', () => {
  expect(words(2, 4n, 5n)).toBeNull()
  expect(words(2, 5n, 5n)).toMatch(/its nonce is 5, the next is 5\.$/)
  expect(words(2, 5n, undefined)).toMatch(/its nonce is 5\.$/)
  expect(words(DEV_TRANSACTION_TYPE, 5n, undefined)).toBeNull()
})
