/** Accounts that the node signs for, as viem and ethers use them, and who may have it sign. */
import { verifyMessage as ethersVerifyMessage, verifyTypedData as ethersVerifyTypedData, JsonRpcProvider } from 'ethers'
import {
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  parseTransaction,
  recoverTransactionAddress,
  verifyMessage,
  verifyTypedData,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHarness } from './harness.ts'
import { LIVE_CHAIN as chain, type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'
import { probeAbi, probeBytecode } from './probe.ts'

const [alice, bob] = PRIVATE_KEYS.map((key) => privateKeyToAccount(key).address) as [Hex, Hex]
const STRANGER = `0x${'77'.repeat(20)}` as Hex

let node: LiveNode
let provider: JsonRpcProvider
const wallet = (account: Hex) => createWalletClient({ account, chain, transport: http(node.http, { retryCount: 0 }) })
const client = () => createPublicClient({ chain, transport: http(node.http), pollingInterval: 20 })

beforeAll(async () => {
  node = await startLiveNode({ sendHold: 500 })
  provider = new JsonRpcProvider(node.http, undefined, { polling: true, pollingInterval: 20 })
})
afterAll(async () => {
  provider.destroy()
  await node.close()
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([])
  // Nor does the log have a key.
  for (const key of PRIVATE_KEYS) expect(JSON.stringify(node.logged)).not.toContain(key.slice(2))
})

test('viem: addresses, a transfer, a deployment and a write without a key of its own', async () => {
  const addresses = await wallet(alice).getAddresses()
  expect(addresses).toEqual(PRIVATE_KEYS.map((key) => privateKeyToAccount(key).address))
  expect(await wallet(alice).requestAddresses()).toEqual(addresses)
  const hash = await wallet(alice).sendTransaction({ to: STRANGER, value: 5n })
  expect(await client().getTransactionReceipt({ hash })).toMatchObject({ status: 'success', from: alice.toLowerCase() })
  const deployed = await wallet(bob).deployContract({ abi: probeAbi, bytecode: probeBytecode() })
  const { contractAddress } = await client().waitForTransactionReceipt({ hash: deployed })
  const address = contractAddress as Hex
  await wallet(bob).writeContract({ address, abi: probeAbi, functionName: 'set', args: [9n] })
  expect(await client().readContract({ address, abi: probeAbi, functionName: 'value' })).toBe(9n)
  await expect(
    wallet(bob).sendTransaction({ to: address, data: '0xdeadbeef' }),
    'what would fail is refused, as no gas is given',
  ).rejects.toThrow('revert')
})

test('twenty sends at a time of one account get a nonce each', async () => {
  const before = await client().getTransactionCount({ address: alice })
  const transport = http(node.http, { batch: true, retryCount: 0 })
  const batching = createWalletClient({ account: alice, chain, transport })
  const hashes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => batching.sendTransaction({ to: STRANGER, value: BigInt(index) })),
  )
  const nonces = await Promise.all(hashes.map(async (hash) => (await client().getTransaction({ hash })).nonce))
  expect(nonces.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => before + index))
})

test('eth_sendTransactionSync gives the receipt', async () => {
  const receipt = await client().request({
    method: 'eth_sendTransactionSync' as never,
    params: [{ from: alice, to: STRANGER, value: '0x1' }] as never,
  })
  expect(receipt).toMatchObject({ status: '0x1', from: alice.toLowerCase() })
})

test('a transaction that is only signed', async () => {
  const raw = (await wallet(alice).signTransaction({ to: STRANGER, value: 3n, nonce: 1_000 } as never)) as Hex
  expect(parseTransaction(raw)).toMatchObject({ type: 'eip1559', nonce: 1_000, value: 3n, gas: 21_000n })
  expect(await recoverTransactionAddress({ serializedTransaction: raw as `0x02${string}` })).toBe(alice)
})

test('messages verify with viem and ethers, by eth_sign and personal_sign alike', async () => {
  for (const message of ['', 'hello', 'ä€😀'.repeat(50)]) {
    const signature = await wallet(bob).signMessage({ message })
    expect(await verifyMessage({ address: bob, message, signature })).toBe(true)
    expect(ethersVerifyMessage(message, signature)).toBe(bob)
    const signer = await provider.getSigner(bob)
    expect(await signer.signMessage(message)).toBe(signature)
    expect(await signer._legacySignMessage(message)).toBe(signature)
    // RFC 6979: one key and one message have one signature.
    expect(await privateKeyToAccount(PRIVATE_KEYS[1]!).signMessage({ message })).toBe(signature)
  }
})

test('typed data verifies with viem and ethers', async () => {
  const domain = { name: 'Ether Mail', version: '1', chainId: 31_337, verifyingContract: STRANGER } as const
  const types = {
    Mail: [
      { name: 'to', type: 'address' },
      { name: 'amounts', type: 'uint256[]' },
    ],
  } as const
  const message = { to: alice, amounts: [1n, 2n ** 255n] }
  const signature = await wallet(bob).signTypedData({ domain, types, primaryType: 'Mail', message })
  expect(await verifyTypedData({ address: bob, domain, types, primaryType: 'Mail', message, signature })).toBe(true)
  const mutable = { Mail: [...types.Mail] }
  expect(ethersVerifyTypedData(domain, mutable, message, signature)).toBe(bob)
  expect(await (await provider.getSigner(bob)).signTypedData(domain, mutable, message)).toBe(signature)
})

test('ethers: a signer of the node sends', async () => {
  const signer = await provider.getSigner(0)
  expect(await signer.getAddress()).toBe(alice)
  const sent = await signer.sendTransaction({ to: STRANGER, value: 1n })
  expect(await sent.wait()).toMatchObject({ status: 1, from: alice })
})

const SIGNING = [
  ['eth_sendTransaction', { from: STRANGER, to: STRANGER }],
  ['eth_sendTransactionSync', { from: STRANGER, to: STRANGER }],
  ['eth_signTransaction', { from: STRANGER, to: STRANGER }],
  ['eth_sign', STRANGER, '0x'],
  ['personal_sign', '0x', STRANGER],
  ['eth_signTypedData_v4', STRANGER, { types: { A: [] }, primaryType: 'A', domain: {}, message: {} }],
] as const

async function post(method: string, params: readonly unknown[], headers: Record<string, string> = {}) {
  const response = await fetch(node.http, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return (await response.json()) as { result?: unknown; error?: { code: number; message: string } }
}

test.each(SIGNING)(
  '%s: an account of somebody else, a page of a stranger, and a node without keys',
  async (...call) => {
    const [method, ...params] = call
    expect((await post(method, params)).error).toMatchObject({
      code: -32000,
      message: expect.stringContaining('unknown account'),
    })
    const asked = await post(method, params, { origin: 'https://evil.example' })
    expect(asked.error).toMatchObject({ code: 4100, message: expect.stringContaining('--allow-origin') })
    expect((await createHarness().call(method, ...params)).error).toMatchObject({
      code: -32601,
      message: expect.stringContaining('keeps no keys'),
    })
  },
)

test('a page of a stranger sees no accounts, one of this machine does', async () => {
  expect((await post('eth_accounts', [], { origin: 'https://evil.example' })).result).toEqual([])
  expect((await post('eth_requestAccounts', [], { origin: 'https://evil.example' })).error?.code).toBe(4100)
  expect((await post('eth_requestAccounts', [], { origin: 'http://localhost:3000' })).result).toHaveLength(4)
  expect((await createHarness().call('eth_accounts')).result).toEqual([])
})

test('a transaction without a sender says what is missing', async () => {
  expect((await post('eth_sendTransaction', [{ to: STRANGER }])).error).toMatchObject({
    code: -32602,
    message: expect.stringContaining('transaction.from'),
  })
})
