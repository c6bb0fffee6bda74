/** Controls that make blocks, on a node in this process, and while blocks take their time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness } from '../../../test/rpc/harness.ts'
import { type InProcessNode, startInProcessNode } from '../../inProcessNode.ts'
import type { DevControls } from '../backend.ts'

let node: InProcessNode
beforeAll(async () => {
  node = await startInProcessNode({ keys: [new Uint8Array(32).fill(7)], balance: 10n ** 20n, timestamp: 1_000n })
})
afterAll(() => node.close())

interface Answer<T> {
  readonly result: T
  readonly error?: { readonly message: string }
}

async function ask<T>(method: string, ...params: readonly unknown[]): Promise<Answer<T>> {
  return JSON.parse((await node.answer(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })))!)
}

const height = async () => Number((await ask<string>('eth_blockNumber')).result)
const time = async () => Number((await ask<{ timestamp: string }>('eth_getBlockByNumber', 'latest')).result.timestamp)

describe('evm_mine', () => {
  it('takes a time, or options, as on hardhat and anvil, and never takes a number for one of blocks', async () => {
    const begun = await height()
    await ask('evm_mine', 4_000_000_000)
    expect([await height(), await time()]).toEqual([begun + 2, 4_000_000_000])
    await ask('evm_mine', '0xee6b5000')
    expect([await height(), await time()]).toEqual([begun + 4, 4_000_010_240])
    await ask('evm_mine', { timestamp: 4_000_020_000, blocks: '0x3' })
    expect(await height()).toBe(begun + 8)
    expect(await time()).toBeGreaterThanOrEqual(4_000_020_000)
    await ask('evm_mine', { blocks: 2 })
    await ask('evm_mine')
    expect(await height()).toBe(begun + 11)
    expect((await ask('evm_mine', 5)).error?.message).toMatch(/^timestamp 5: that of the newest block is 40000/)
    expect((await ask('evm_mine', 'now')).error?.message).toContain('options must be a quantity')
  })

  it('puts what waits into the block of the time that is given, as on hardhat', async () => {
    await ask('evm_setAutomine', false)
    const { result: accounts } = await ask<string[]>('eth_accounts')
    const { result: hash } = await ask<string>('eth_sendTransaction', { from: accounts[0], to: accounts[0] })
    await ask('evm_mine', 4_000_030_000)
    const { result } = await ask<{ blockNumber: string }>('eth_getTransactionReceipt', hash)
    expect([Number(result.blockNumber), await time()]).toEqual([await height(), 4_000_030_000])
    await ask('evm_setAutomine', true)
  })

  it('answers after blocks that others have asked for and that are still to come', async () => {
    const begun = await height()
    const many = ask('hardhat_mine', 40)
    await ask('evm_mine')
    expect(await height()).toBe(begun + 41)
    expect((await many).error).toBeUndefined()
  })
})

it('mining takes as long as blocks take, and no longer than the wait for one', async () => {
  const { node, call, context } = createHarness({ requestTimeout: 50 })
  const asked = Promise.withResolvers<Awaited<ReturnType<DevControls['operate']>>>()
  const dev = { settings: () => ({ mineUntil: 9n }), operate: () => asked.promise } as unknown as DevControls
  Object.assign(context.backend, { dev })
  const answer = call('hardhat_mine', 4)
  await Promise.resolve()
  node.clock.jump(60)
  asked.resolve({ ok: true, record: { failure: null } as never, block: 1n })
  await new Promise(setImmediate)
  node.clock.jump(20_000)
  expect((await answer).error?.message).toBe('no block came in 20000 ms; blocks up to 9 are still to be made')
})
