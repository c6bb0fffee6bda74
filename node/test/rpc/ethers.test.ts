/** ethers' providers against a live node: batches over HTTP, subscriptions over WebSocket, and its error codes. */
import {
  Contract,
  ContractFactory,
  type EthersError,
  isCallException,
  JsonRpcProvider,
  parseEther,
  parseUnits,
  Wallet,
  WebSocketProvider,
} from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'
import { DENIED_AMOUNT, probeAbi, probeBytecode, REASON } from './probe.ts'

let node: LiveNode
let provider: JsonRpcProvider
let alice: Wallet
let pauper: Wallet
let probe: Contract

/** ethers reads the JSON ABI as viem has it. */
const abi = JSON.stringify(probeAbi)

beforeAll(async () => {
  node = await startLiveNode()
  provider = new JsonRpcProvider(node.http, undefined, { batchMaxCount: 100, batchStallTime: 5, cacheTimeout: -1 })
  provider.pollingInterval = 20
  alice = new Wallet(PRIVATE_KEYS[0]!, provider)
  pauper = new Wallet(PRIVATE_KEYS[3]!, provider)
  const deployed = await new ContractFactory(abi, probeBytecode(), alice).deploy()
  await deployed.waitForDeployment()
  probe = new Contract(await deployed.getAddress(), abi, alice)
})
afterAll(async () => {
  provider.destroy()
  await node.close()
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([])
})

async function codeOf(promise: Promise<unknown>): Promise<EthersError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Error)
  return error as EthersError
}

/** Sends as it is signed here, without asking the node for anything. */
async function send(wallet: Wallet, fields: object): Promise<string> {
  const signed = await wallet.signTransaction({
    chainId: 31_337,
    type: 2,
    nonce: await provider.getTransactionCount(wallet.address),
    to: pauper.address,
    gasLimit: 21_000n,
    maxFeePerGas: parseUnits('5', 'gwei'),
    maxPriorityFeePerGas: parseUnits('1', 'gwei'),
    ...fields,
  })
  return provider.send('eth_sendRawTransaction', [signed])
}

test('many calls at once go as a batch', async () => {
  const [network, head, fees, balance, code, block] = await Promise.all([
    provider.getNetwork(),
    provider.getBlockNumber(),
    provider.getFeeData(),
    provider.getBalance(alice.address),
    provider.getCode(await probe.getAddress()),
    provider.getBlock('latest', true),
  ])
  expect(network.chainId).toBe(31_337n)
  expect(head).toBeGreaterThan(0)
  expect(fees.maxFeePerGas).toBeGreaterThan(fees.maxPriorityFeePerGas!)
  expect(balance).toBeLessThan(parseEther('100'))
  expect(code).toMatch(/^0xeff000/)
  expect(block!.prefetchedTransactions.length).toBe(block!.length)
})

test('transfer, wait, receipt', async () => {
  const to = Wallet.createRandom().address
  const sent = await alice.sendTransaction({ to, value: 5n })
  const receipt = await sent.wait()
  expect(receipt).toMatchObject({ status: 1, gasUsed: 21_000n, from: alice.address, to })
  expect(await provider.getBalance(to)).toBe(5n)
  expect(await provider.getTransaction(sent.hash)).toMatchObject({
    hash: sent.hash,
    value: 5n,
    type: 2,
    chainId: 31_337n,
  })
  expect(await provider.getTransactionReceipt(`0x${'1'.repeat(64)}`)).toBeNull()
})

test('a contract: write, read, events', async () => {
  const sent = await probe['set']!(11n)
  const receipt = await sent.wait()
  expect(receipt.logs).toHaveLength(1)
  expect(receipt.logs[0]).toMatchObject({ fragment: { name: 'Set' }, args: [11n] })
  expect(await probe['value']!()).toBe(11n)
  const events = await probe.queryFilter(probe.filters['Set']!(11n), 0)
  expect(events).toHaveLength(1)
})

describe('error codes', () => {
  test('CALL_EXCEPTION with a reason, a custom error, a trap', async () => {
    const refused = await codeOf(probe['refuse']!())
    expect(isCallException(refused) && refused.reason).toBe(REASON)
    const denied = await codeOf(probe['deny']!())
    expect(isCallException(denied) && denied.revert).toMatchObject({ name: 'Denied', args: [DENIED_AMOUNT] })
    const trapped = await codeOf(probe['trap']!())
    expect(trapped).toMatchObject({ code: 'CALL_EXCEPTION' })
    expect(JSON.stringify(trapped.info)).toContain('broken')
    expect(await codeOf(probe['refuse']!.estimateGas())).toMatchObject({
      code: 'CALL_EXCEPTION',
      action: 'estimateGas',
    })
  })

  test('CALL_EXCEPTION for a transaction that failed in its block', async () => {
    const data = probe.interface.encodeFunctionData('refuse')
    const sent = await alice.sendTransaction({ to: probe, data, gasLimit: 100_000n })
    const failed = await codeOf(sent.wait())
    expect(failed).toMatchObject({ code: 'CALL_EXCEPTION', receipt: { status: 0 } })
  })

  test('INSUFFICIENT_FUNDS', async () => {
    expect(await codeOf(send(pauper, { value: 1n }))).toMatchObject({ code: 'INSUFFICIENT_FUNDS' })
    // ethers reports every failed estimate but this one and an old nonce as CALL_EXCEPTION.
    const estimate = provider.estimateGas({ from: pauper.address, to: alice.address, value: parseEther('1') })
    expect(await codeOf(estimate)).toMatchObject({ code: 'INSUFFICIENT_FUNDS' })
  })

  test('NONCE_EXPIRED', async () => {
    expect(await codeOf(send(alice, { nonce: 0 }))).toMatchObject({ code: 'NONCE_EXPIRED' })
  })

  test('REPLACEMENT_UNDERPRICED', async () => {
    node.paused = true
    try {
      await send(alice, { value: 1n })
      expect(await codeOf(send(alice, { value: 2n }))).toMatchObject({ code: 'REPLACEMENT_UNDERPRICED' })
    } finally {
      await node.seal()
      node.paused = false
    }
  })

  test('UNSUPPORTED_OPERATION', async () => {
    expect(await codeOf(provider.send('eth_mining', []))).toMatchObject({ code: 'UNSUPPORTED_OPERATION' })
  })
})

test('WebSocketProvider: blocks, logs and pending transactions', async () => {
  const socket = new WebSocketProvider(node.ws)
  try {
    const overSocket = new Contract(await probe.getAddress(), abi, socket)
    const [block, log, pending] = [Promise.withResolvers(), Promise.withResolvers(), Promise.withResolvers()]
    await socket.on('block', block.resolve)
    await socket.on('pending', pending.resolve)
    await overSocket.on('Set', (value) => log.resolve(value))
    // `on` resolves before the subscription is there; asking for anything waits for it.
    await socket.getBlockNumber()
    const timer = setInterval(() => void probe['set']!(77n).catch(() => {}), 50)
    expect(await log.promise).toBe(77n)
    expect(await block.promise).toBeGreaterThan(0)
    expect(await pending.promise).toMatch(/^0x[0-9a-f]{64}$/)
    clearInterval(timer)
  } finally {
    await socket.destroy()
  }
})
