/** eth_sendRawTransaction with `sendHold`: the hash comes after the block, unless the block does not come. */
import { JsonRpcProvider, Wallet } from 'ethers'
import { createPublicClient, type Hex, http, parseGwei } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toHex } from '../../src/codec/hex.ts'
import { type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'

const alice = privateKeyToAccount(PRIVATE_KEYS[0] as Hex)
/** No test waits this long: the block comes. */
const LONG = 60_000
let node: LiveNode
let hasty: LiveNode

beforeAll(async () => {
  node = await startLiveNode({ sendHold: LONG, maxHeldSends: 1 })
  hasty = await startLiveNode({ sendHold: 50, maxHeldSends: 1 })
})
afterAll(async () => {
  await node.close()
  await hasty.close()
})

async function send(to: LiveNode, nonce: number): Promise<{ hash: Hex; hasReceipt: boolean }> {
  const client = createPublicClient({ transport: http(to.http, { retryCount: 0 }) })
  const fields = {
    chainId: 31_337,
    type: 'eip1559',
    gas: 21_000n,
    to: alice.address,
    maxFeePerGas: parseGwei('5'),
  } as const
  const serializedTransaction = await alice.signTransaction({ ...fields, nonce })
  const hash = await client.sendRawTransaction({ serializedTransaction })
  const receipt = await client.request({ method: 'eth_getTransactionReceipt', params: [hash] })
  return { hash, hasReceipt: receipt !== null }
}

test('the receipt is there at the first look', async () => {
  for (let nonce = 0; nonce < 10; nonce++) expect((await send(node, nonce)).hasReceipt).toBe(true)
})

test('ethers, which takes a nonce for current for a quarter of a second, sends one after the other', async () => {
  const provider = new JsonRpcProvider(node.http, undefined, { pollingInterval: 4_000 })
  const wallet = new Wallet(PRIVATE_KEYS[1]!, provider)
  for (let count = 0; count < 4; count++) {
    const receipt = await (await wallet.sendTransaction({ to: alice.address, value: 1n })).wait()
    expect(receipt?.status).toBe(1)
  }
  provider.destroy()
})

test('what waits for an earlier nonce is answered although its block cannot come', async () => {
  expect((await send(node, 20)).hasReceipt).toBe(false)
})

test('a refusal is answered and holds nothing', async () => {
  await expect(send(node, 3)).rejects.toThrow('nonce too low')
  expect((await send(node, 10)).hasReceipt).toBe(true)
})

test('where more are held than may be, the one that was held longest is answered', async () => {
  node.paused = true
  let others: Promise<{ hash: Hex; hasReceipt: boolean }>
  try {
    const first = send(node, 11)
    await expect.poll(() => node.pool.counts().pending).toBe(1)
    others = send(node, 12)
    expect((await first).hasReceipt).toBe(false)
  } finally {
    node.paused = false
  }
  // Its block takes the other one along.
  expect((await send(node, 13)).hasReceipt).toBe(true)
  await others
})

test('without a block the hash comes all the same, and the transaction stays in the pool', async () => {
  hasty.paused = true
  const { hash, hasReceipt } = await send(hasty, 0)
  expect(hasReceipt).toBe(false)
  expect([...hasty.pool.transactions()].map((transaction) => toHex(transaction.hash))).toEqual([hash])
})
