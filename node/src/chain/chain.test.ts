import { expect, test } from 'vitest'
import { toHex } from '../codec/hex.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { openChain } from './chain.ts'
import { accounts, appendBlock, genesis, stranger, transaction } from './fixtures.ts'

test('builds and finalises a block of transfers', async () => {
  const chain = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  const block = await appendBlock(chain, [transaction(0, 0), transaction(0, 1), transaction(1, 0)])
  expect(block.transactions.length).toBe(3)
  expect(toHex(chain.head.hash)).toBe(toHex(block.hash))
  expect(chain.stateAt(chain.head.header).balance(stranger)).toBe(3n)
  expect(chain.stateAt(chain.head.header).nonce(accounts[0]!.address)).toBe(2n)
})
