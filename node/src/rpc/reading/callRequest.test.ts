/** In which block calls run, what they may change of it, and whose chain they name. */
import { expect, test } from 'vitest'
import { createFakeNode } from '../../../test/rpc/fakeNode.ts'
import { createHarness } from '../../../test/rpc/harness.ts'
import { type DevSettings, settingsOf } from '../../execution/dev/devStorage.ts'
import { nextBlock } from './callRequest.ts'

const TO = { to: `0x${'11'.repeat(20)}` }

test('estimates and fills run in the next block, made now; calls do where the block is "pending"', async () => {
  const { call, node } = createHarness()
  node.clock.jump(2_000_000_000_999)
  const next = { next: 2_000_000_001n }
  const whereOf = async (method: string, ...params: unknown[]) => {
    expect((await call(method, ...params)).error).toBeUndefined()
    return node.asked.at(-1)!.at
  }
  expect(await whereOf('eth_estimateGas', TO)).toEqual(next)
  for (const tag of ['latest', 'safe', 'finalized', 'pending', null, { blockNumber: 'pending' }]) {
    expect(await whereOf('eth_estimateGas', TO, tag)).toEqual(next)
  }
  expect(await whereOf('eth_estimateGas', TO, '0x0')).toEqual({ number: 0n })
  expect(await whereOf('eth_estimateGas', TO, 'earliest')).toBe('earliest')
  expect(await whereOf('eth_fillTransaction', TO)).toEqual(next)
  expect(await whereOf('eth_call', TO)).toBe('latest')
  for (const tag of ['latest', 'safe', 'finalized', null]) expect(await whereOf('eth_call', TO, tag)).toBe('latest')
  for (const tag of ['pending', { blockNumber: 'pending' }]) expect(await whereOf('eth_call', TO, tag)).toEqual(next)
  expect(await whereOf('eth_call', TO, { blockNumber: '0x0' })).toEqual({ number: 0n })
})

test('the next block of a chain in dev mode is the one that controls have set', () => {
  const { backend, clock } = createFakeNode()
  const { chain } = backend
  const { header } = chain.head()
  clock.jump(Number(header.timestamp) * 1_000)
  const now = BigInt(Math.floor(clock.now() / 1_000))
  const nextOf = (settings: Partial<DevSettings>) =>
    nextBlock({ ...backend, devSettings: () => ({ ...settingsOf([]), ...settings }) })
  const fields = { gasLimit: chain.genesis.gasLimit, baseFee: chain.genesis.baseFeePerGas }
  expect(nextOf({})).toEqual({ next: now, fields })
  expect(nextOf({ timeOffset: 500n })).toEqual({ next: now + 500n, fields })
  const set = { nextTimestamp: { value: 9n ** 9n, block: 1n }, nextBaseFee: { value: 7n, block: 1n }, gasLimit: 8n }
  expect(nextOf(set)).toEqual({ next: 9n ** 9n, fields: { gasLimit: 8n, baseFee: 7n } })
  // Time never goes back.
  expect(nextOf({ timeOffset: -500n })).toEqual({ next: header.timestamp, fields })
})

test('the fourth parameter changes what the call sees of its block', async () => {
  const { call, node } = createHarness()
  const told = {
    number: '0x5',
    time: '0x7fffffff',
    gasLimit: '0x1',
    feeRecipient: `0x${'22'.repeat(20)}`,
    prevRandao: `0x${'33'.repeat(32)}`,
    baseFeePerGas: '0x0',
    blobBaseFee: '0x1',
    difficulty: '0x0',
    withdrawals: [],
  }
  for (const method of ['eth_call', 'eth_estimateGas']) {
    expect((await call(method, TO, 'latest', {}, told)).error).toBeUndefined()
    expect(node.asked.at(-1)!.block).toEqual({
      number: 5n,
      timestamp: 0x7fffffffn,
      gasLimit: 1n,
      coinbase: new Uint8Array(20).fill(0x22),
      prevRandao: new Uint8Array(32).fill(0x33),
      baseFee: 0n,
    })
    expect((await call(method, TO, 'latest', null, null)).error).toBeUndefined()
    expect(node.asked.at(-1)!.block).toEqual({})
    const wrong: [object, string][] = [
      [{ timestamp: '0x1' }, 'blockOverrides has "timestamp", which this chain does not have; known are number, time'],
      [{ withdrawals: [{}] }, '"withdrawals"'],
      [{ beaconRoot: `0x${'44'.repeat(32)}` }, '"beaconRoot"'],
      [{ number: 5 }, 'blockOverrides.number must be a quantity'],
      [{ time: '0x10000000000000000' }, 'below 2^64'],
    ]
    for (const [given, words] of wrong) {
      const { error } = await call(method, TO, 'latest', {}, given)
      expect(error).toMatchObject({ code: -32602, message: expect.stringContaining(words) })
    }
  }
})

test('a request for another chain is refused by whatever runs it, in the words of geth', async () => {
  const { call, node } = createHarness()
  const message = "chainId does not match node's (have=1, want=31337)"
  for (const method of ['eth_call', 'eth_estimateGas', 'eth_fillTransaction']) {
    expect((await call(method, { ...TO, chainId: '0x1' })).error).toEqual({ code: -32000, message })
    expect(node.asked).toEqual([])
  }
  for (const method of ['eth_call', 'eth_estimateGas', 'eth_fillTransaction']) {
    expect((await call(method, { ...TO, chainId: '0x7a69' })).error).toBeUndefined()
  }
})

test('percentiles of eth_feeHistory ascend strictly, as in geth', async () => {
  const { call } = createHarness()
  expect((await call('eth_feeHistory', '0x1', 'latest', [10, 10])).error).toEqual({
    code: -32602,
    message: 'invalid params: rewardPercentiles[1] is not above the one before it; percentiles ascend',
  })
  expect((await call('eth_feeHistory', '0x1', 'latest', [10, 10.5])).error).toBeUndefined()
})

test('a number that lost digits in a double is not shown as if it were what was sent', async () => {
  const { raw } = createHarness()
  const body = '{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":[9007199254740993]}'
  expect(await raw(body)).toContain('not a number of 2^53 or more')
})
