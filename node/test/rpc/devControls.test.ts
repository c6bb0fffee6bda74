/** Dev controls over JSON-RPC, on a chain in this process, where their block is and what the next ones are. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type InProcessNode, startInProcessNode } from '../../src/inProcessNode.ts'

const KEYS = [new Uint8Array(32).fill(0x11), new Uint8Array(32).fill(0x22)]
let node: InProcessNode
let accounts: readonly string[]

beforeAll(async () => {
  node = await startInProcessNode({ keys: KEYS, balance: 10n ** 20n })
  accounts = (await ask('eth_accounts')) as string[]
})
afterAll(() => node.close())

async function answer(method: string, params: readonly unknown[]) {
  return JSON.parse((await node.answer(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })))!) as {
    readonly result?: unknown
    readonly error?: { readonly message: string }
  }
}

async function ask(method: string, ...params: readonly unknown[]): Promise<unknown> {
  const { result, error } = await answer(method, params)
  if (error !== undefined) throw new Error(error.message)
  return result
}

const refusal = async (method: string, ...params: readonly unknown[]) => (await answer(method, params)).error?.message

async function newest() {
  const block = (await ask('eth_getBlockByNumber', 'latest', false)) as Readonly<Record<string, string>>
  return { number: Number(block['number']), timestamp: Number(block['timestamp']), baseFee: block['baseFeePerGas'] }
}

const transfer = (fields: object = {}) => ({ from: accounts[0], to: accounts[1], value: '0x1', ...fields })

async function receiptOf(hash: unknown) {
  return (await ask('eth_getTransactionReceipt', hash)) as Readonly<Record<string, string>> | null
}

test('the next block may have the second after the newest, whatever the clocks say', async () => {
  await ask('evm_mine')
  const { timestamp } = await newest()
  await new Promise((resolve) => setTimeout(resolve, 2_100))
  await ask('evm_setNextBlockTimestamp', timestamp + 1)
  await ask('evm_mine')
  expect((await newest()).timestamp).toBe(timestamp + 1)
})

test('a balance grows by what is added, and not above a word', async () => {
  const stranger = `0x${'a1'.repeat(20)}`
  await ask('anvil_addBalance', stranger, '0x5')
  await ask('anvil_addBalance', stranger, '0x6')
  expect(await ask('eth_getBalance', stranger, 'latest')).toBe('0xb')
  expect(await refusal('anvil_addBalance', stranger, `0x${'f'.repeat(64)}`)).toMatch(/2\^256 or above$/)
})

test('the interval of blocks is told in seconds, and null where there is none', async () => {
  expect(await ask('anvil_getIntervalMining')).toBe(null)
  await ask('evm_setIntervalMining', 90_500)
  expect(await ask('anvil_getIntervalMining')).toBe(90.5)
  await ask('evm_setIntervalMining', 0)
  expect(await ask('anvil_getIntervalMining')).toBe(null)
})

test('a transaction may have no fee where the next block asks for none', async () => {
  await ask('hardhat_setNextBlockBaseFeePerGas', '0x0')
  const hash = await ask('eth_sendTransaction', transfer({ gasPrice: '0x0' }))
  expect(await receiptOf(hash)).toMatchObject({ status: '0x1', effectiveGasPrice: '0x0' })
  await ask('hardhat_setNextBlockBaseFeePerGas', '0x3b9aca00')
  expect(await refusal('eth_sendTransaction', transfer({ gasPrice: '0x1' }))).toMatch(/^max fee per gas less than/)
})

test('a transaction may have the gas of the next block, and not more', async () => {
  const gas = (value: number) => `0x${value.toString(16)}`
  await ask('evm_setBlockGasLimit', gas(60_000_000))
  const hash = await ask('eth_sendTransaction', transfer({ gas: gas(60_000_000) }))
  expect(await receiptOf(hash)).toMatchObject({ status: '0x1' })
  expect(await refusal('eth_sendTransaction', transfer({ gas: gas(60_000_001) }))).toMatch(
    /exceeds the block gas limit/,
  )
  expect(await refusal('eth_sendTransaction', transfer({ gas: '0xfffffffff' }))).toMatch(/gas limit 60000000$/)
  await ask('evm_setBlockGasLimit', gas(20_000_000))
  expect(await refusal('eth_sendTransaction', transfer({ gas: gas(20_000_001) }))).toMatch(
    /exceeds the block gas limit/,
  )
  await ask('evm_setBlockGasLimit', '0x0')
})

test('what waits for more gas than blocks have any more leaves the pool, instead of asking for blocks for ever', async () => {
  await ask('evm_setAutomine', false)
  const hash = await ask('eth_sendTransaction', transfer({ gas: '0x1c9c380' }))
  const small = await ask('eth_sendTransaction', { from: accounts[1], to: accounts[0] })
  await ask('evm_setBlockGasLimit', '0x1312d00')
  expect(await ask('txpool_status')).toEqual({ pending: '0x1', queued: '0x0' })
  expect(await ask('eth_getTransactionByHash', hash)).toBe(null)
  await ask('evm_setAutomine', true)
  await expect.poll(() => receiptOf(small)).toMatchObject({ status: '0x1' })
  await ask('evm_setBlockGasLimit', '0x0')
})
