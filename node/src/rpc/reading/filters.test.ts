import { describe, expect, test } from 'vitest'
import { logOf } from '../../../test/rpc/fakeNode.ts'
import { createHarness } from '../../../test/rpc/harness.ts'
import { keyOf } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'

describe('block and pending transaction filters', () => {
  test('give what is new since the last call', async () => {
    const { call, node } = createHarness()
    node.mine()
    const blocks = (await call('eth_newBlockFilter')).result
    const pending = (await call('eth_newPendingTransactionFilter')).result
    expect((await call('eth_getFilterChanges', blocks)).result).toEqual([])
    const mined = [node.mine(), node.mine()].map(({ block }) => toHex(block.hash))
    const transaction = node.transaction(1n)
    node.offer(transaction)
    expect((await call('eth_getFilterChanges', blocks)).result).toEqual(mined)
    expect((await call('eth_getFilterChanges', blocks)).result).toEqual([])
    expect((await call('eth_getFilterChanges', pending)).result).toEqual([toHex(transaction.hash)])
    expect((await call('eth_getFilterChanges', pending)).result).toEqual([])
  })

  test('one that fell behind what is kept is gone, and says so', async () => {
    const { call, node } = createHarness({ maxFilterBlocks: 4 })
    const slow = (await call('eth_newBlockFilter')).result
    for (let i = 0; i < 7; i++) node.mine()
    expect((await call('eth_getFilterChanges', slow)).result).toHaveLength(7)
    for (let i = 0; i < 8; i++) node.mine()
    expect((await call('eth_getFilterChanges', slow)).error).toMatchObject({
      code: -32000,
      message: 'filter not found',
    })
  })

  test('give every hash in its place, however many there were before', async () => {
    const { call, node } = createHarness({ maxFilterBlocks: 50 })
    for (let i = 0; i < 40; i++) node.mine()
    const filter = (await call('eth_newBlockFilter')).result
    // More than the first array of the list has room for, and then more than it keeps.
    for (const many of [30, 45, 49, 1, 50]) {
      const mined = Array.from({ length: many }, () => toHex(node.mine().block.hash))
      expect((await call('eth_getFilterChanges', filter)).result).toEqual(mined)
    }
  })

  test('unknown, removed and expired filters are not found', async () => {
    const { call, node } = createHarness({ filterLifetime: 1_000 })
    const [a, b] = [(await call('eth_newBlockFilter')).result, (await call('eth_newBlockFilter')).result]
    expect((await call('eth_uninstallFilter', a)).result).toBe(true)
    expect((await call('eth_uninstallFilter', a)).result).toBe(false)
    node.clock.jump(900)
    expect((await call('eth_getFilterChanges', b)).result).toEqual([])
    node.clock.jump(900)
    expect((await call('eth_getFilterChanges', b)).result).toEqual([])
    node.clock.jump(1_001)
    for (const id of [a, b, '0x1234']) {
      expect((await call('eth_getFilterChanges', id)).error?.message).toBe('filter not found')
    }
    const blocks = (await call('eth_newBlockFilter')).result
    expect((await call('eth_getFilterLogs', blocks)).error?.message).toBe('filter not found')
  })

  test('over maxFilters expired ones go, then what the client that has most has not asked for longest', async () => {
    const { call, node, dispatcher, context, visitor } = createHarness({ maxFilters: 3, filterLifetime: 1_000 })
    const newFilter = async () => (await call('eth_newBlockFilter')).result
    const body = new TextEncoder().encode('{"jsonrpc":"2.0","id":1,"method":"eth_newBlockFilter","params":[]}')
    const another = { ...context, caller: { kind: 'page', name: 'https://app.example' } } as const
    const ofAnother = JSON.parse((await dispatcher.answer(body, another, visitor))!).result
    node.clock.jump(10)
    const [first, second] = [await newFilter(), await newFilter()]
    const isThere = async (id: string) => (await call('eth_getFilterChanges', id)).error === undefined
    node.clock.jump(10)
    expect(await isThere(first)).toBe(true)
    const third = await newFilter()
    const there = [ofAnother, first, second, third].map(isThere)
    expect(await Promise.all(there)).toEqual([true, true, false, true])
    node.clock.jump(1_001)
    const fresh = [await newFilter(), await newFilter(), await newFilter()]
    expect(await Promise.all(fresh.map(isThere))).toEqual([true, true, true])
  })
})

describe('log filters', () => {
  test('give matching logs of new blocks, each once', async () => {
    const { call, node } = createHarness()
    node.mine([[node.transaction(0n), [logOf('A')]]])
    const filter = (await call('eth_newFilter', { topics: [toHex(logOf('A').topics[0]!)] })).result
    expect((await call('eth_getFilterChanges', filter)).result).toEqual([])
    node.mine([[node.transaction(1n), [logOf('B'), logOf('A')]]])
    node.mine([[node.transaction(2n), [logOf('A')]]])
    const [one, two] = await Promise.all([call('eth_getFilterChanges', filter), call('eth_getFilterChanges', filter)])
    expect(one.result).toMatchObject([
      { blockNumber: '0x2', logIndex: '0x1', transactionIndex: '0x0', removed: false, data: '0x010203' },
      { blockNumber: '0x3', logIndex: '0x0' },
    ])
    expect(two.result).toEqual([])
  })

  test('come in parts when there are more than maxLogs, and none is lost', async () => {
    const { call, node } = createHarness({ maxLogs: 3 })
    const filter = (await call('eth_newFilter', {})).result
    for (let i = 0; i < 4; i++) node.mine([[node.transaction(BigInt(i)), [logOf('A'), logOf('A')]]])
    // A single block over the limit comes whole: its gas bounds it.
    node.mine([[node.transaction(9n), Array.from({ length: 5 }, () => logOf('A'))]])
    const seen: string[] = []
    for (let i = 0; i < 6; i++) {
      for (const log of (await call('eth_getFilterChanges', filter)).result)
        seen.push(`${log.blockNumber}/${log.logIndex}`)
    }
    expect(new Set(seen).size).toBe(13)
    expect(seen).toHaveLength(13)
  })

  test('come in parts when their text is longer than an answer may be', async () => {
    const { call, node } = createHarness({ maxResponseLength: 2_000 })
    const filter = (await call('eth_newFilter', {})).result
    for (let i = 0; i < 8; i++) node.mine([[node.transaction(BigInt(i)), [logOf('A')]]])
    const seen: string[] = []
    for (let i = 0; i < 8; i++) {
      for (const log of (await call('eth_getFilterChanges', filter)).result) seen.push(log.blockNumber)
    }
    expect(new Set(seen).size).toBe(8)
    expect(seen).toHaveLength(8)
  })

  test('eth_getFilterLogs gives the whole range', async () => {
    const { call, node } = createHarness()
    node.mine([[node.transaction(0n), [logOf('A')]]])
    const filter = (await call('eth_newFilter', { fromBlock: 'earliest' })).result
    node.mine([[node.transaction(1n), [logOf('A')]]])
    expect((await call('eth_getFilterLogs', filter)).result).toHaveLength(2)
    expect((await call('eth_getFilterChanges', filter)).result).toHaveLength(1)
  })

  test('with a block hash they are refused', async () => {
    const { call } = createHarness()
    expect((await call('eth_newFilter', { blockHash: `0x${'1'.repeat(64)}` })).error?.code).toBe(-32602)
  })
})

describe('eth_getLogs', () => {
  const setUp = (limits = {}) => {
    const harness = createHarness(limits)
    const { node } = harness
    node.mine([[node.transaction(0n), [logOf('A'), logOf('B')]]])
    node.mine([
      [node.transaction(1n), [logOf('B')]],
      [node.transaction(2n), [logOf('A', new Uint8Array(20).fill(6))]],
    ])
    return harness
  }
  const at = (logs: readonly { blockNumber: string; logIndex: string }[]) =>
    logs.map(({ blockNumber, logIndex }) => `${blockNumber}/${logIndex}`)

  test('by range, address and topics', async () => {
    const { call } = setUp({ logRangeStep: 1 })
    const find = async (filter: object) => at((await call('eth_getLogs', filter)).result)
    const [a, b] = ['A', 'B'].map((name) => toHex(logOf(name).topics[0]!))
    expect(await find({ fromBlock: 'earliest' })).toEqual(['0x1/0x0', '0x1/0x1', '0x2/0x0', '0x2/0x1'])
    expect(await find({})).toEqual(['0x2/0x0', '0x2/0x1'])
    expect(await find({ fromBlock: '0x0', toBlock: '0x1' })).toEqual(['0x1/0x0', '0x1/0x1'])
    expect(await find({ fromBlock: '0x0', topics: [a] })).toEqual(['0x1/0x0', '0x2/0x1'])
    expect(await find({ fromBlock: '0x0', topics: [[a, b]] })).toHaveLength(4)
    expect(await find({ fromBlock: '0x0', topics: [null] })).toHaveLength(4)
    expect(await find({ fromBlock: '0x0', topics: [[]] })).toHaveLength(4)
    expect(await find({ fromBlock: '0x0', topics: [null, a] })).toEqual([])
    expect(await find({ fromBlock: '0x0', address: `0x${'06'.repeat(20)}` })).toEqual(['0x2/0x1'])
    expect(await find({ fromBlock: '0x0', address: [] })).toHaveLength(4)
    // One block past the head is how clients poll.
    expect(await find({ fromBlock: '0x3' })).toEqual([])
    expect(await find({ fromBlock: '0x3', toBlock: 'latest' })).toEqual([])
    expect(await find({ fromBlock: '0x1', toBlock: '0xffff' })).toHaveLength(4)
  })

  test('by block hash', async () => {
    const { call, node } = setUp()
    const { hash } = (await node.backend.chain.block('latest'))!.block
    const logs = (await call('eth_getLogs', { blockHash: toHex(hash), topics: [toHex(logOf('B').topics[0]!)] })).result
    expect(at(logs)).toEqual(['0x2/0x0'])
    expect((await call('eth_getLogs', { blockHash: `0x${'1'.repeat(64)}` })).error).toMatchObject({ code: -32000 })
  })

  test('bounds: range and number', async () => {
    const { call } = setUp({ maxLogRange: 2, maxLogs: 2 })
    expect((await call('eth_getLogs', { fromBlock: '0x0' })).error).toMatchObject({
      code: -32005,
      message: /^block range too wide: .*maxLogRange/,
    })
    expect((await call('eth_getLogs', { fromBlock: '0x1' })).error).toMatchObject({
      code: -32005,
      message: /^query returned more than 2 results/,
    })
    expect((await call('eth_getLogs', { fromBlock: '0x2', toBlock: '0x1' })).error).toMatchObject({ code: -32602 })
    expect((await call('eth_getLogs', { fromBlock: '0x2', blockHash: `0x${'1'.repeat(64)}` })).error?.code).toBe(-32602)
  })
})

describe('subscriptions', () => {
  test('newHeads, logs and pending transactions; nothing before the answer or after the end', async () => {
    const { call, node, notifications } = createHarness()
    const heads = (await call('eth_subscribe', 'newHeads')).result
    const logs = (await call('eth_subscribe', 'logs', { topics: [toHex(logOf('A').topics[0]!)] })).result
    const hashes = (await call('eth_subscribe', 'newPendingTransactions')).result
    const whole = (await call('eth_subscribe', 'newPendingTransactions', true)).result
    const transaction = node.transaction(0n)
    node.offer(transaction)
    const { block } = node.mine([[transaction, [logOf('B'), logOf('A')]]])
    // The answers that waited for the block come first.
    expect(notifications).toEqual([])
    node.clock.jump(0)
    const seen = notifications.map((text) => JSON.parse(text).params)
    expect(seen).toMatchObject([
      { subscription: hashes, result: toHex(transaction.hash) },
      { subscription: whole, result: { hash: toHex(transaction.hash), blockHash: null } },
      { subscription: heads, result: { hash: toHex(block.hash), number: '0x1' } },
      { subscription: logs, result: { logIndex: '0x1', blockHash: toHex(block.hash) } },
    ])
    for (const id of [heads, logs, hashes, whole]) expect((await call('eth_unsubscribe', id)).result).toBe(true)
    expect((await call('eth_unsubscribe', heads)).result).toBe(false)
    node.mine()
    node.clock.jump(0)
    expect(notifications).toHaveLength(4)
  })

  test('a subscription that ends, or starts, when a block has come is not told of it', async () => {
    const { call, node, notifications } = createHarness()
    const ended = (await call('eth_subscribe', 'newHeads')).result
    node.mine()
    await call('eth_unsubscribe', ended)
    const started = (await call('eth_subscribe', 'newHeads')).result
    node.clock.jump(0)
    expect(notifications).toEqual([])
    node.mine()
    node.clock.jump(0)
    expect(notifications.map((text) => JSON.parse(text).params)).toMatchObject([
      { subscription: started, result: { number: '0x2' } },
    ])
  })

  test('syncing: how it is at once, then beginning and end', async () => {
    const { call, node, notifications } = createHarness()
    const results = () => notifications.splice(0).map((text) => JSON.parse(text).params.result)
    const id = (await call('eth_subscribe', 'syncing')).result
    expect(results()).toEqual([false])
    node.clock.jump(5_000)
    expect(results()).toEqual([])
    Object.assign(node.sync, { syncing: true, startingBlock: 1n, currentBlock: 2n, highestBlock: 31n })
    node.clock.jump(1_000)
    const status = { startingBlock: '0x1', currentBlock: '0x2', highestBlock: '0x1f' }
    expect(results()).toEqual([{ syncing: true, status }])
    node.clock.jump(1_000)
    expect(results()).toEqual([])
    // One more is told how it is now.
    const other = (await call('eth_subscribe', 'syncing')).result
    expect(results()).toEqual([{ syncing: true, status }])
    node.sync.syncing = false
    node.clock.jump(1_000)
    expect(results()).toEqual([false, false])
    for (const one of [id, other]) expect((await call('eth_unsubscribe', one)).result).toBe(true)
    node.sync.syncing = true
    node.clock.jump(5_000)
    expect(results()).toEqual([])
  })

  test('start when the answer with their id is sent, not before', async () => {
    const { raw, call, node, notifications } = createHarness()
    const { promise, resolve } = Promise.withResolvers<void>()
    node.answers.call = async () => {
      await promise
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    // A batch is answered as a whole: the slow call holds back the subscription's id.
    const batch = raw(
      JSON.stringify([
        { jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] },
        { jsonrpc: '2.0', id: 2, method: 'eth_call', params: [{}] },
      ]),
    )
    await new Promise(setImmediate)
    await call('eth_chainId')
    node.mine()
    expect(notifications).toEqual([])
    resolve()
    await batch
    node.mine()
    node.clock.jump(0)
    expect(notifications.map((text) => JSON.parse(text).params.result.number)).toEqual(['0x2'])
  })

  test('bounds and wrong parameters', async () => {
    const { call } = createHarness({ maxSubscriptionsPerSocket: 1 })
    expect((await call('eth_subscribe', 'sync')).error?.message).toContain('"newHeads", "logs"')
    expect((await call('eth_subscribe', 'newPendingTransactions', 1)).error?.code).toBe(-32602)
    expect((await call('eth_subscribe', 'logs', { address: '0x1' })).error?.code).toBe(-32602)
    await call('eth_subscribe', 'newHeads')
    expect((await call('eth_subscribe', 'newHeads')).error?.message).toContain('maxSubscriptionsPerSocket')
  })
})

test('recent blocks are kept up to their number, with their transactions', async () => {
  const { context, node } = createHarness({ recentBlocks: 3 })
  const transactions = Array.from({ length: 5 }, (_, i) => node.transaction(BigInt(i)))
  for (const transaction of transactions) node.mine([[transaction, []]])
  const kept = transactions.map(({ hash }) => context.blocks.recentTransaction(hash) !== undefined)
  expect(kept).toEqual([false, false, true, true, true])
  // The others are still found, in the chain.
  for (const { hash } of transactions) {
    const found = await context.blocks.transaction(hash)
    expect(keyOf(found!.block.transaction(found!.index)!.hash)).toBe(keyOf(hash))
  }
})
