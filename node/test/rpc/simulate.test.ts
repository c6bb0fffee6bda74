/** eth_simulateV1 against a live node: what it says comes to pass, as viem reads it, and what cannot be is refused. */
import { createPublicClient, createWalletClient, encodeFunctionData, type Hex, http, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LIVE_CHAIN as chain, type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'
import { encodedValue, probeAbi, probeBytecode, REASON } from './probe.ts'

const [alice, bob, , pauper] = PRIVATE_KEYS.map((key) => privateKeyToAccount(key).address) as [Hex, Hex, Hex, Hex]
const NOBODY = `0x${'99'.repeat(20)}` as Hex
const COINBASE = `0x${'ee'.repeat(20)}` as Hex

let node: LiveNode
let probe: Hex
const client = () => createPublicClient({ chain, transport: http(node.http, { retryCount: 0 }), pollingInterval: 20 })
const wallet = (account: Hex) => createWalletClient({ account, chain, transport: http(node.http) })
const ECRECOVER = `0x${'00'.repeat(19)}01` as Hex
const SHA256 = `0x${'00'.repeat(19)}02` as Hex
const moves = (...to: Hex[]) =>
  Object.fromEntries([ECRECOVER, SHA256].map((from, index) => [from, { movePrecompileToAddress: to[index] }]))
const quantity = (value: bigint | number): Hex => `0x${value.toString(16)}`

interface Simulated {
  readonly [field: string]: unknown
  readonly number: Hex
  readonly stateRoot: Hex
  readonly calls: {
    status: Hex
    returnData: Hex
    gasUsed: Hex
    logs: Record<string, unknown>[]
    error?: { code: number }
  }[]
}
const simulate = (blockStateCalls: unknown[], more: object = {}, block = 'latest') =>
  client().request({
    method: 'eth_simulateV1',
    params: [{ blockStateCalls, ...more }, block] as never,
  }) as unknown as Promise<Simulated[]>
async function refusal(...args: Parameters<typeof simulate>): Promise<{ code: number; message: string }> {
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'eth_simulateV1',
    params: [{ blockStateCalls: args[0], ...args[1] }, args[2] ?? 'latest'],
  }
  const headers = { 'content-type': 'application/json' }
  const answer = await (await fetch(node.http, { method: 'POST', headers, body: JSON.stringify(body) })).json()
  return (answer as { error: { code: number; message: string } }).error
}

beforeAll(async () => {
  node = await startLiveNode({ sendHold: 500 })
  const hash = await wallet(alice).deployContract({ abi: probeAbi, bytecode: probeBytecode() })
  probe = (await client().waitForTransactionReceipt({ hash })).contractAddress as Hex
})
afterAll(async () => {
  await node.close()
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([])
})

test('a simulated block has the state root and the receipts of the block that then comes', async () => {
  const head = await client().getBlock()
  const fees = { maxFeePerGas: 5_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n }
  const nonce = await client().getTransactionCount({ address: alice })
  const transactions = [
    { to: NOBODY, value: 7n, gas: 21_000n },
    { to: probe, data: encodeFunctionData({ abi: probeAbi, functionName: 'set', args: [11n] }), gas: 200_000n },
    { to: probe, data: '0xdeadbeef' as Hex, gas: 100_000n },
    { to: probe, data: encodeFunctionData({ abi: probeAbi, functionName: 'set', args: [0n] }), gas: 200_000n },
    { data: probeBytecode(), gas: 3_000_000n },
  ].map((one, index) => ({ ...one, ...fees, nonce: nonce + index }))
  const calls = transactions.map((one) => ({
    ...Object.fromEntries(
      Object.entries(one).map(([name, value]) => [name, typeof value === 'string' ? value : quantity(value)]),
    ),
    from: alice,
  }))
  const overrides = { time: quantity(head.timestamp + 1n), feeRecipient: COINBASE }
  const [simulated] = await simulate([{ blockOverrides: overrides, calls }], { validation: true })
  node.paused = true
  try {
    await Promise.all(transactions.map((one) => wallet(alice).sendTransaction(one as never)))
    await node.seal()
  } finally {
    node.paused = false
  }
  const block = await client().request({ method: 'eth_getBlockByNumber', params: ['latest', false] })
  for (const field of [
    'number',
    'parentHash',
    'stateRoot',
    'receiptsRoot',
    'logsBloom',
    'gasUsed',
    'baseFeePerGas',
  ] as const) {
    expect(simulated![field], field).toBe(block![field])
  }
  const receipts = (await client().request({
    method: 'eth_getBlockReceipts' as never,
    params: ['latest'] as never,
  })) as {
    status: Hex
    gasUsed: Hex
    logs: { topics: Hex[] }[]
  }[]
  expect(simulated!.calls.map(({ status, gasUsed }) => [status, gasUsed])).toEqual(
    receipts.map(({ status, gasUsed }) => [status, gasUsed]),
  )
  expect(simulated!.calls[1]!.logs).toMatchObject([
    { address: probe, topics: receipts[1]!.logs[0]!.topics, logIndex: '0x0' },
  ])
  expect(simulated!.calls[2]).toMatchObject({ status: '0x0', error: { code: 3 }, logs: [] })
})

test('blocks follow each other: state stays, gaps are filled, times and numbers rise', async () => {
  const head = await client().getBlock()
  const set = (value: bigint) => ({
    from: bob,
    to: probe,
    input: encodeFunctionData({ abi: probeAbi, functionName: 'set', args: [value] }),
  })
  const read = { to: probe, input: encodeFunctionData({ abi: probeAbi, functionName: 'value' }) }
  const blocks = await simulate([
    { calls: [set(41n), read] },
    {
      blockOverrides: { number: quantity(head.number + 4n), time: quantity(head.timestamp + 2_000_000_000n) },
      calls: [read],
    },
    { stateOverrides: { [probe]: { stateDiff: { [encodedValue(0n)]: encodedValue(77n) } } }, calls: [read] },
    { stateOverrides: { [probe]: { state: {} } }, calls: [read] },
  ])
  expect(blocks.map(({ number }) => BigInt(number) - head.number)).toEqual([1n, 2n, 3n, 4n, 5n, 6n])
  for (const [index, block] of blocks.entries()) {
    expect(block['parentHash']).toBe(index === 0 ? head.hash : blocks[index - 1]!['hash'])
  }
  const values = blocks.map(({ calls }) => calls.at(-1)?.returnData)
  expect(values).toEqual([
    encodedValue(41n),
    undefined,
    undefined,
    encodedValue(41n),
    encodedValue(77n),
    encodedValue(0n),
  ])
  // Nothing of it is on the chain.
  expect(await client().getBlockNumber()).toBe(head.number)
  expect(await client().readContract({ address: probe, abi: probeAbi, functionName: 'value' })).toBe(0n)
})

test('overrides give money; transfers are logged where that is asked for, and are no part of the receipts', async () => {
  const block = { stateOverrides: { [pauper]: { balance: quantity(parseEther('2')) } } }
  const calls = [{ from: pauper, to: NOBODY, value: quantity(parseEther('1')) }]
  const [plain] = await simulate([{ ...block, calls }])
  const [traced] = await simulate([{ ...block, calls }], { traceTransfers: true, returnFullTransactions: true })
  expect(plain!.calls[0]).toMatchObject({ status: '0x1', gasUsed: '0x5208', logs: [] })
  expect(traced!.calls[0]!.logs).toMatchObject([
    { address: `0x${'ee'.repeat(20)}`, data: encodedValue(parseEther('1')), topics: { length: 3 } },
  ])
  expect(traced!['receiptsRoot']).toBe(plain!['receiptsRoot'])
  expect(traced!['transactions']).toMatchObject([{ from: pauper.toLowerCase(), value: quantity(parseEther('1')) }])
})

test('viem reads it', async () => {
  const [block] = await client().simulateBlocks({
    blocks: [
      {
        blockOverrides: { time: 3_000_000_000n },
        stateOverrides: [{ address: pauper, balance: parseEther('1') }],
        calls: [
          { account: pauper, to: probe, abi: probeAbi, functionName: 'set', args: [5n] },
          { to: probe, abi: probeAbi, functionName: 'value' },
          { to: probe, abi: probeAbi, functionName: 'refuse' },
        ],
      },
    ],
  } as never)
  expect(block).toMatchObject({ timestamp: 3_000_000_000n, baseFeePerGas: 0n })
  expect(block!.calls).toMatchObject([{ status: 'success' }, { status: 'success', result: 5n }, { status: 'failure' }])
  expect(String((block!.calls[2] as { error: Error }).error)).toContain(REASON)
  const { results } = await client().simulateCalls({
    account: alice,
    calls: [{ to: probe, abi: probeAbi, functionName: 'value' }],
  } as never)
  expect(results).toMatchObject([{ status: 'success', result: 0n }])
})

test('what cannot be is refused with the codes of execution-apis', async () => {
  const head = await client().getBlockNumber()
  const call = { from: alice, to: NOBODY, value: '0x1' }
  const validated = { validation: true }
  const cases: [number, Parameters<typeof simulate>][] = [
    [-38010, [[{ calls: [{ ...call, nonce: '0x0', maxFeePerGas: '0xffffffffff' }] }], validated]],
    [-38011, [[{ calls: [{ ...call, nonce: '0xffff', maxFeePerGas: '0xffffffffff' }] }], validated]],
    [-38012, [[{ calls: [call] }], validated]],
    [-38013, [[{ calls: [{ ...call, gas: '0x5207' }] }]]],
    [-38014, [[{ calls: [{ from: pauper, to: NOBODY, value: '0x1' }] }]]],
    [-38015, [[{ blockOverrides: { gasLimit: '0x5208' }, calls: [call, { ...call, gas: '0x5208' }] }]]],
    [-38020, [[{ blockOverrides: { number: quantity(head) } }]]],
    [-38021, [[{ blockOverrides: { time: '0x1' } }]]],
    [-38022, [[{ stateOverrides: { [ECRECOVER]: { movePrecompileToAddress: ECRECOVER } } }]]],
    [-38023, [[{ stateOverrides: moves(NOBODY, NOBODY) }]]],
    [-38026, [[{ blockOverrides: { number: quantity(head + 257n) } }]]],
    [-32602, [[]]],
    [-38026, [Array.from({ length: 257 }, () => ({}))]],
    [-32005, [[{ calls: Array.from({ length: 5_001 }, () => call) }]]],
    [-32000, [[{ calls: [{ ...call, chainId: '0x1' }] }]]],
    [-32000, [[{ calls: [call] }], {}, quantity(head + 1n)]],
  ]
  for (const [code, args] of cases) {
    const error = await refusal(...args)
    expect(error?.code, `${JSON.stringify(args).slice(0, 200)}: ${error?.message}`).toBe(code)
  }
})

test('a call that runs out of gas is code -32015, and an answer too large is refused before it is made', async () => {
  const spin = {
    from: alice,
    to: probe,
    gas: '0x186a0',
    input: encodeFunctionData({ abi: probeAbi, functionName: 'spin' }),
  }
  const [block] = await simulate([{ calls: [spin] }])
  expect(block!.calls[0]).toMatchObject({ status: '0x0', gasUsed: '0x186a0', error: { code: -32015 } })
  const small = await startLiveNode({ maxResponseLength: 100 })
  const code = await client().getCode({ address: probe })
  const calls = [{ to: NOBODY, input: encodeFunctionData({ abi: probeAbi, functionName: 'refuse' }) }]
  const request = { blockStateCalls: [{ stateOverrides: { [NOBODY]: { code } }, calls }] }
  const there = createPublicClient({ chain, transport: http(small.http, { retryCount: 0 }) })
  const asked = there.request({ method: 'eth_simulateV1', params: [request, 'latest'] as never })
  await expect(asked).rejects.toThrow('response too large')
  await small.close()
})

test('access lists: viem gives one with which the transaction costs what it says', async () => {
  const data = encodeFunctionData({ abi: probeAbi, functionName: 'set', args: [8n] })
  const { accessList, gasUsed } = await client().createAccessList({ account: alice, to: probe, data })
  expect(accessList).toEqual([{ address: probe, storageKeys: [encodedValue(0n)] }])
  const hash = await wallet(alice).sendTransaction({ to: probe, data, accessList, gas: 200_000n })
  expect((await client().getTransactionReceipt({ hash })).gasUsed).toBe(gasUsed)
  const failing = (await client().request({
    method: 'eth_createAccessList',
    params: [{ from: alice, to: probe, data: encodeFunctionData({ abi: probeAbi, functionName: 'refuse' }) }] as never,
  })) as unknown as { error: string }
  expect(failing.error).toContain(REASON)
})
