import { expect, it } from 'vitest'
import { DEFAULT_RPC_LIMITS } from '../limits.ts'
import { METHODS } from '../registry.ts'
import { searchHistory } from './accountHistory.ts'
import type { RpcContext } from './context.ts'

const ADDRESS = new Uint8Array(20).fill(1)
const BLOCKS = 9n

/** Every block has one transaction to the address, with a log of so many bytes. The client goes after so many blocks. */
function context(logBytes: number, blocksUntilGone = Infinity): RpcContext {
  const head = { header: { number: BLOCKS, miner: new Uint8Array(20) } }
  const block = { ...head, transactions: [{ raw: new Uint8Array(100), transaction: { to: ADDRESS } }] }
  const log = { address: ADDRESS, topics: [], data: new Uint8Array(logBytes) }
  const receipts = [{ sender: new Uint8Array(20), contractAddress: null, receipt: { logs: [log] } }]
  let looked = 0
  const blocks = {
    block: async () => block,
    executed: async () => {
      looked++
      return { block, receipts }
    },
  }
  const isOver = () => looked >= blocksUntilGone
  const backend = { chain: { base: 0n, head: () => head } }
  return { backend, blocks, isOver, limits: DEFAULT_RPC_LIMITS } as unknown as RpcContext
}

const search = (of: RpcContext, pageSize: number) => searchHistory(of, ADDRESS, BLOCKS, -1n, pageSize)

it('ends a page where its answer would be longer than answers may be', async () => {
  expect(await search(context(10), 100)).toMatchObject({ found: { length: 9 }, isLast: true })
  const third = Math.floor(DEFAULT_RPC_LIMITS.maxResponseLength / 2 / 3.5)
  expect(await search(context(third), 100)).toMatchObject({ found: { length: 3 }, isLast: false })
  // One that is too long by itself is for the server to refuse.
  expect(await search(context(4 * third), 100)).toMatchObject({ found: { length: 1 }, isLast: false })
})

it('ends when nobody gets its answer any more, and waits in the line of searches', async () => {
  await expect(search(context(10, 2), 100)).rejects.toThrow(/came to block 7 \(requestTimeout\)/)
  for (const name of ['ots_searchTransactionsBefore', 'ots_searchTransactionsAfter']) {
    expect(METHODS.get(name)!.pace).toBe('search')
  }
})
