/**
 * A network as it is made by default, in dev mode, driven as test suites drive anvil and hardhat: every test action of
 * viem works, or is refused with the reason, through any node; and four nodes hold the same states after all of it.
 */
import { gunzipSync } from 'node:zlib'
import {
  concat,
  createTestClient,
  createWalletClient,
  encodeDeployData,
  getContractAddress,
  type Hex,
  hexToBytes,
  http,
  keccak256,
  numberToHex,
  parseAbi,
  parseEther,
  publicActions,
  stringToHex,
  type TestActions,
  testActions,
  walletActions,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { create2FactoryAddress, multicall3Address } from '../../src/network/predeployAddresses.ts'
import { authorsTests } from './authorsTests.ts'
import { readExample } from './contracts.ts'
import { chain, E2E_TIMEOUT_MS, expectSameChain, startTestNetwork, type TestNetwork, until } from './harness.ts'
import { pageFlows } from './page.ts'
import { walletFlows } from './wallet.ts'

const nodes = [1, 2, 3, 4]
/** Nobody has their keys. */
const someone = '0x00000000000000000000000000000000000d0001'
const contract = '0x00000000000000000000000000000000000d0002'
const receiver = '0x00000000000000000000000000000000000d0003'
const token = readExample('token', 'Token')
const timeAbi = parseAbi(['function getCurrentBlockTimestamp() view returns (uint256)'])
let network: TestNetwork

beforeAll(async () => {
  network = await startTestNetwork()
}, E2E_TIMEOUT_MS)
afterAll(() => network?.dispose())

function clientOf(mode: 'anvil' | 'hardhat', node: number) {
  const transport = http(network.ready.nodes[node - 1]!.rpc, { retryCount: 0, timeout: E2E_TIMEOUT_MS })
  return createTestClient({ mode, chain, transport, pollingInterval: 50, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)
}
type Client = ReturnType<typeof clientOf>

const account = (index: number) => privateKeyToAccount(network.ready.accounts[index]!.privateKey as Hex)
/** Any control has a block of its own; the time of one that only shows the time. */
const nextTime = async (client: Client) => {
  await client.mine({ blocks: 1 })
  return (await client.getBlock()).timestamp
}
const raw = (client: Client, method: string, ...params: readonly unknown[]): Promise<unknown> =>
  client.request({ method, params } as never)

/** A check that an action works, seen through the same node. */
type Works = (client: Client) => Promise<void>
/** The reason, and the action. */
type Refused = readonly [RegExp, (client: Client) => Promise<unknown>]

const possible = /not possible on this chain: /
const cases: Readonly<Record<keyof TestActions, Works | Refused>> = {
  async setBalance(client) {
    await client.setBalance({ address: someone, value: parseEther('5') })
    expect(await client.getBalance({ address: someone })).toBe(parseEther('5'))
  },
  async setNonce(client) {
    await client.setNonce({ address: someone, nonce: 9 })
    expect(await client.getTransactionCount({ address: someone })).toBe(9)
  },
  async setCode(client) {
    await client.setCode({ address: contract, bytecode: token.deployedBytecode })
    expect(await client.getCode({ address: contract })).toBe(token.deployedBytecode)
    expect(await client.readContract({ address: contract, abi: token.abi, functionName: 'decimals' })).toBe(18)
    const evm = client.setCode({ address: contract, bytecode: '0x6080604052' })
    await expect(evm).rejects.toThrow(/neither a WebAssembly module/)
  },
  async setStorageAt(client) {
    // Solidity's layout: `totalSupply` is the third field.
    await client.setStorageAt({ address: contract, index: 2, value: numberToHex(77, { size: 32 }) })
    expect(await client.getStorageAt({ address: contract, slot: '0x2' })).toBe(numberToHex(77, { size: 32 }))
    expect(await client.readContract({ address: contract, abi: token.abi, functionName: 'totalSupply' })).toBe(77n)
  },
  async impersonateAccount(client) {
    const send = () => client.sendTransaction({ account: contract, to: receiver, value: 3n })
    await client.setBalance({ address: contract, value: 10n })
    await expect(send()).rejects.toThrow(/unknown account|does not sign for/i)
    await client.impersonateAccount({ address: contract })
    const before = await client.getBalance({ address: receiver })
    const receipt = await client.waitForTransactionReceipt({ hash: await send() })
    expect(receipt).toMatchObject({ status: 'success', from: contract, effectiveGasPrice: 0n })
    expect(await client.getBalance({ address: receiver })).toBe(before + 3n)
    expect(await client.getBalance({ address: contract })).toBe(7n)
  },
  async stopImpersonatingAccount(client) {
    await client.stopImpersonatingAccount({ address: contract })
    const sent = client.sendTransaction({ account: contract, to: receiver, value: 1n })
    await expect(sent).rejects.toThrow(/unknown account|does not sign for/i)
  },
  async sendUnsignedTransaction(client) {
    await client.setBalance({ address: someone, value: 10n })
    const before = await client.getBalance({ address: receiver })
    const hash = await client.sendUnsignedTransaction({ from: someone, to: receiver, value: 4n })
    expect((await client.waitForTransactionReceipt({ hash })).status).toBe('success')
    expect(await client.getBalance({ address: receiver })).toBe(before + 4n)
    expect(await client.getTransaction({ hash })).toMatchObject({
      ...{ from: someone, gasPrice: 0n, typeHex: '0x7d' },
      salt: expect.stringMatching(/^0x[0-9a-f]{32}$/),
    })
  },
  async mine(client) {
    const before = await client.getBlock()
    await client.mine({ blocks: 3, interval: 60 })
    const after = await client.getBlock()
    expect(after.number).toBe(before.number + 3n)
    expect(after.timestamp).toBeGreaterThanOrEqual(before.timestamp + 120n)
    await expect(client.mine({ blocks: 1_001 })).rejects.toThrow(/1 to 1000 are mined at a time/)
  },
  async setAutomine(client) {
    await client.setAutomine(false)
    expect(await client.getAutomine()).toBe(false)
    const before = await client.getBlock()
    const hash = await client.sendTransaction({ account: account(1), to: receiver, value: 1n })
    await expect(client.getTransactionReceipt({ hash })).rejects.toThrow(/could not be found/)
    expect((await client.getBlock()).number).toBe(before.number)
    expect(await client.getTxpoolStatus()).toEqual({ pending: 1, queued: 0 })
    await client.mine({ blocks: 1 })
    expect(await client.getTransactionReceipt({ hash })).toMatchObject({
      status: 'success',
      blockNumber: before.number + 1n,
    })
    await client.setAutomine(true)
  },
  async getAutomine(client) {
    for (const on of [false, true, false, true]) {
      await client.setAutomine(on)
      expect(await client.getAutomine()).toBe(on)
    }
  },
  async setIntervalMining(client) {
    await client.setIntervalMining({ interval: 1 })
    expect(await client.getAutomine()).toBe(false)
    const { number } = await client.getBlock()
    await until('two blocks without a transaction', async () => (await client.getBlock()).number >= number + 2n)
    const { transactions } = await client.getBlock()
    expect(transactions).toEqual([])
    await client.setIntervalMining({ interval: 0 })
    expect(await client.getAutomine()).toBe(true)
  },
  async increaseTime(client) {
    const before = await nextTime(client)
    await client.increaseTime({ seconds: 10_000 })
    expect(await nextTime(client)).toBeGreaterThanOrEqual(before + 10_000n)
  },
  async setNextBlockTimestamp(client) {
    const { timestamp } = await client.getBlock()
    await client.setNextBlockTimestamp({ timestamp: timestamp + 5_000n })
    expect(await nextTime(client)).toBe(timestamp + 5_000n)
    const past = client.setNextBlockTimestamp({ timestamp: timestamp - 1n })
    await expect(past).rejects.toThrow(/that of the newest block is/)
  },
  async setBlockTimestampInterval(client) {
    await client.setBlockTimestampInterval({ interval: 30 })
    const first = await nextTime(client)
    expect(await nextTime(client)).toBe(first + 30n)
  },
  async removeBlockTimestampInterval(client) {
    await client.removeBlockTimestampInterval()
    const first = await nextTime(client)
    expect(await nextTime(client)).toBeLessThan(first + 30n)
  },
  async setBlockGasLimit(client) {
    await client.setBlockGasLimit({ gasLimit: 20_000_000n })
    await client.mine({ blocks: 1 })
    expect((await client.getBlock()).gasLimit).toBe(20_000_000n)
    await expect(client.setBlockGasLimit({ gasLimit: 1n })).rejects.toThrow(/100000 to 120000000 are allowed/)
  },
  async setNextBlockBaseFeePerGas(client) {
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: 123n })
    await client.mine({ blocks: 1 })
    expect((await client.getBlock()).baseFeePerGas).toBe(123n)
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: 0n })
    const hash = await client.sendTransaction({ account: account(3), to: someone, value: 1n, gasPrice: 0n })
    expect(await client.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success', effectiveGasPrice: 0n })
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: 1_000_000_000n })
  },
  async setCoinbase(client) {
    await client.setCoinbase({ address: someone })
    await client.mine({ blocks: 1 })
    expect((await client.getBlock()).miner).toBe(someone)
  },
  async snapshot(client) {
    expect(BigInt(await client.snapshot())).toBeGreaterThan(0n)
  },
  async revert(client) {
    const signed = await account(2).signTransaction({
      ...{ type: 'eip1559', chainId: chain.id, to: receiver, value: 1n, gas: 21_000n },
      ...{ maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 1n },
      nonce: await client.getTransactionCount({ address: account(2).address }),
    })
    const id = await client.snapshot()
    const before = await client.getBalance({ address: receiver })
    const first = await client.sendRawTransactionSync({ serializedTransaction: signed })
    expect(await client.getBalance({ address: receiver })).toBe(before + 1n)
    await client.revert({ id })
    expect(await client.getBalance({ address: receiver })).toBe(before)
    // The same bytes, with the nonce that is right again.
    const second = await client.sendRawTransactionSync({ serializedTransaction: signed })
    expect(second).toMatchObject({ status: 'success', transactionHash: first.transactionHash })
    expect(second.blockNumber).toBeGreaterThan(first.blockNumber)
    expect(await client.getBalance({ address: receiver })).toBe(before + 1n)
    // Used up.
    expect(await raw(client, 'evm_revert', id)).toBe(false)
  },
  async reset(client) {
    await client.setBlockGasLimit({ gasLimit: 25_000_000n })
    await client.setBalance({ address: someone, value: 1n })
    const { number } = await client.getBlock()
    await client.reset()
    expect(await client.getBalance({ address: someone })).toBe(0n)
    expect(await client.getTransactionCount({ address: account(2).address })).toBe(0)
    await client.mine({ blocks: 1 })
    const block = await client.getBlock()
    expect(block.gasLimit).toBe(30_000_000n)
    expect(block.number).toBeGreaterThan(number)
    await expect(client.reset({ jsonRpcUrl: 'https://mainnet.example' })).rejects.toThrow(/no fork of another one/)
  },
  async dumpState(client) {
    await client.setBalance({ address: someone, value: 99n })
    const dump = await client.dumpState()
    const { accounts } = JSON.parse(gunzipSync(hexToBytes(dump)).toString())
    expect(accounts[someone].balance).toBe('0x63')
    expect(accounts[multicall3Address.toLowerCase()].code).toMatch(/^0x(00|ef)/)
    // Another node says the same, byte for byte.
    const [one, other] = [clientOf('anvil', 1), clientOf('anvil', 4)]
    const { number } = await client.getBlock()
    await until('nodes 1 and 4 at that block', async () => {
      const heights = await Promise.all([one, other].map((node) => node.getBlockNumber()))
      return heights.every((height) => height >= number)
    })
    expect(await other.dumpState()).toBe(await one.dumpState())
  },
  async loadState(client) {
    await client.setCode({ address: contract, bytecode: token.deployedBytecode })
    await client.setStorageAt({ address: contract, index: 2, value: numberToHex(77, { size: 32 }) })
    const sender = account(3).address
    const nonce = await client.getTransactionCount({ address: sender })
    await client.setNonce({ address: sender, nonce: nonce + 5 })
    const state = await client.dumpState()
    await client.reset()
    expect(await client.getCode({ address: contract })).toBe(undefined)
    await client.loadState({ state })
    expect(await client.readContract({ address: contract, abi: token.abi, functionName: 'totalSupply' })).toBe(77n)
    expect(await client.getTransactionCount({ address: sender })).toBe(nonce + 5)
    // More than one piece; the nonce of an account that has sent more since stays.
    await client.setNonce({ address: sender, nonce: nonce + 9 })
    const slots = Array.from({ length: 1_500 }, (_, at) => [numberToHex(at + 1_000), numberToHex(at + 1)])
    const accounts = {
      [contract]: { nonce: 1, balance: '0x5', code: token.deployedBytecode, storage: Object.fromEntries(slots) },
      [sender]: { nonce: 1, balance: '0x64', code: '0x', storage: {} },
    }
    const { number } = await client.getBlock()
    await client.loadState({ state: stringToHex(JSON.stringify({ accounts })) })
    expect((await client.getBlock()).number).toBe(number + 2n)
    expect(await client.getStorageAt({ address: contract, slot: numberToHex(2_499) })).toBe(
      numberToHex(1_500, { size: 32 }),
    )
    expect(await client.getBalance({ address: sender })).toBe(100n)
    expect(await client.getTransactionCount({ address: sender })).toBe(nonce + 9)
    const evm = { [receiver]: { code: '0x6080' } }
    const refusedEvm = client.loadState({ state: stringToHex(JSON.stringify({ accounts: evm })) })
    await expect(refusedEvm).rejects.toThrow(/begins with 0x6080: EVM bytecode/)
    await client.reset()
  },
  async dropTransaction(client) {
    await client.setAutomine(false)
    const sender = account(9)
    const nonce = await client.getTransactionCount({ address: sender.address })
    const send = (at: number) =>
      client.sendTransaction({ account: sender, to: receiver, value: 1n, nonce: nonce + at, gas: 21_000n })
    const [first, second, third] = [await send(0), await send(1), await send(2)]
    const gone = async (count: number) => {
      for (const node of nodes) {
        const { pending, queued } = await clientOf('anvil', node).getTxpoolStatus()
        if (pending + queued !== count) return false
      }
      return true
    }
    await until('all three at every node', () => gone(3))
    await client.dropTransaction({ hash: second })
    await until('two at every node', () => gone(2))
    expect(await client.getTxpoolStatus()).toEqual({ pending: 1, queued: 1 })
    expect(await raw(client, 'anvil_dropTransaction', second)).toBe(null)
    expect(await raw(client, 'hardhat_dropTransaction', second)).toBe(false)
    expect(await raw(client, 'hardhat_dropTransaction', third)).toBe(true)
    await until('one at every node', () => gone(1))
    await raw(client, 'anvil_dropAllTransactions')
    await until('none at any node', () => gone(0))
    await client.mine({ blocks: 1 })
    await expect(client.getTransactionReceipt({ hash: first })).rejects.toThrow(/could not be found/)
    await client.setAutomine(true)
  },
  async getTxpoolContent(client) {
    expect(await client.getTxpoolContent()).toEqual({ pending: {}, queued: {} })
  },
  async getTxpoolStatus(client) {
    expect(await client.getTxpoolStatus()).toEqual({ pending: 0, queued: 0 })
  },
  async inspectTxpool(client) {
    expect(await client.inspectTxpool()).toEqual({ pending: {}, queued: {} })
  },
  setLoggingEnabled: [/the log is an option of the node/, (client) => client.setLoggingEnabled(true)],
  setMinGasPrice: [/fees are those of EIP-1559/, (client) => client.setMinGasPrice({ gasPrice: 1n })],
  setRpcUrl: [/no chain that this one is a fork of/, (client) => client.setRpcUrl('https://mainnet.example')],
}

describe.each([
  ['anvil', 1],
  ['hardhat', 2],
] as const)("viem's test client in %s mode through node %i", (mode, node) => {
  it('has no action that this table leaves out', () => {
    const actions = Object.keys(testActions({ mode })(clientOf(mode, node)))
    expect(Object.keys(cases).sort()).toEqual(actions.sort())
  })

  for (const [action, entry] of Object.entries(cases)) {
    it(
      `${action} ${typeof entry === 'function' ? 'works' : 'is refused'}`,
      async () => {
        const client = clientOf(mode, node)
        if (typeof entry === 'function') return await entry(client)
        const [reason, call] = entry
        await expect(call(client)).rejects.toThrow(possible)
        await expect(call(client)).rejects.toThrow(reason)
      },
      E2E_TIMEOUT_MS,
    )
  }
})

describe('what anvil and hardhat have besides', () => {
  it(
    'puts what waits at every node into the first block that is asked for',
    async () => {
      const client = clientOf('anvil', 3)
      await client.setAutomine(false)
      const hashes = await Promise.all(
        nodes.map((node) => {
          const sender = createWalletClient({
            ...{ account: account(3 + node), chain },
            transport: http(network.ready.nodes[node - 1]!.rpc, { retryCount: 0, timeout: E2E_TIMEOUT_MS }),
          })
          return sender.sendTransaction({ to: receiver, value: 1n })
        }),
      )
      await raw(client, 'evm_mine')
      const { number } = await client.getBlock()
      const receipts = await Promise.all(hashes.map((hash) => client.getTransactionReceipt({ hash })))
      expect(receipts.map(({ blockNumber }) => blockNumber)).toEqual(nodes.map(() => number))
      await client.setAutomine(true)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'keeps what waits when a control changes the state, and drops what can run no more',
    async () => {
      const client = clientOf('anvil', 1)
      await client.setAutomine(false)
      const hash = await client.sendTransaction({ account: account(8), to: receiver, value: 1n })
      const nonce = await client.getTransactionCount({ address: account(8).address })
      await client.setBalance({ address: someone, value: 8n })
      expect(await client.getTxpoolStatus()).toEqual({ pending: 1, queued: 0 })
      await client.setNonce({ address: account(8).address, nonce: nonce + 1 })
      await until('a pool without it', async () => (await client.getTxpoolStatus()).pending === 0)
      await client.mine({ blocks: 1 })
      await expect(client.getTransactionReceipt({ hash })).rejects.toThrow(/could not be found/)
      await client.setAutomine(true)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'deals tokens whose layout is that of Solidity, and says of others how to do it',
    async () => {
      const client = clientOf('anvil', 2)
      const { abi, bytecode } = token
      const hash = await client.deployContract({ account: account(0), abi, bytecode, args: ['Gold', 'GLD', 5n] })
      const address = (await client.waitForTransactionReceipt({ hash })).contractAddress!
      await raw(client, 'anvil_dealERC20', someone, address, numberToHex(1234n))
      expect(await client.readContract({ address, abi, functionName: 'balanceOf', args: [someone] })).toBe(1234n)
      expect(await client.readContract({ address, abi, functionName: 'totalSupply' })).toBe(5n)
      await raw(client, 'anvil_setERC20Allowance', someone, receiver, address, numberToHex(77n))
      const allowance = { address, abi, functionName: 'allowance', args: [someone, receiver] } as const
      expect(await client.readContract(allowance)).toBe(77n)
      const noToken = raw(client, 'anvil_dealERC20', someone, receiver, '0x1')
      await expect(noToken).rejects.toThrow(
        /no slot of balances among the first 32 of the token: set it by setStorageAt/,
      )
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'sets the time, tells how far it is from the clocks, and says what the next block will be',
    async () => {
      const client = clientOf('anvil', 4)
      const { timestamp } = await client.getBlock()
      const later = timestamp + 1_000_000n
      await raw(client, 'evm_setTime', numberToHex(later))
      const set = await nextTime(client)
      expect(set).toBeGreaterThanOrEqual(later)
      expect(set).toBeLessThan(later + 600n)
      const offset = BigInt((await raw(client, 'evm_increaseTime', 0)) as Hex)
      expect(BigInt((await raw(client, 'evm_increaseTime', 7)) as Hex)).toBe(offset + 7n)
      // Time does not go back: the next block is not before this one.
      await raw(client, 'evm_setTime', numberToHex(set - 5_000n))
      const now = (await client.getBlock()).timestamp
      expect(await nextTime(client)).toBe(now)
      const { number, hash } = await client.getBlock()
      expect(await raw(client, 'anvil_nodeInfo')).toMatchObject({
        currentBlockNumber: numberToHex(number),
        currentBlockHash: hash,
      })
      expect(await raw(client, 'hardhat_metadata')).toMatchObject({ chainId: chain.id, latestBlockHash: hash })
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'estimates, calls and prices in the next block as controls have set it',
    async () => {
      const client = clientOf('anvil', 1)
      const { timestamp } = await client.getBlock()
      await client.increaseTime({ seconds: 500_000 })
      const pending = await client.getBlock({ blockTag: 'pending' })
      expect(pending.timestamp).toBeGreaterThanOrEqual(timestamp + 500_000n)
      const read = { address: multicall3Address, abi: timeAbi, functionName: 'getCurrentBlockTimestamp' } as const
      expect(await client.readContract({ ...read, blockTag: 'pending' })).toBeGreaterThanOrEqual(pending.timestamp)
      const fee = 7_654_321_000n
      await client.setNextBlockBaseFeePerGas({ baseFeePerGas: fee })
      expect((await client.getBlock({ blockTag: 'pending' })).baseFeePerGas).toBe(fee)
      expect(await client.getGasPrice()).toBeGreaterThan(fee)
      const { baseFeePerGas, reward } = await client.getFeeHistory({ blockCount: 5, rewardPercentiles: [10, 90] })
      expect(baseFeePerGas.at(-1)).toBe(fee)
      // Controls pay nothing, and say nothing of tips.
      expect(reward!.at(-1)).toEqual([0n, 0n])
      const hash = await client.sendTransaction({ account: account(0), to: receiver, value: 1n })
      const { blockNumber } = await client.waitForTransactionReceipt({ hash })
      expect((await client.getBlock({ blockNumber })).baseFeePerGas).toBe(fee)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'impersonates every account when asked, through every node',
    async () => {
      await raw(clientOf('anvil', 1), 'anvil_autoImpersonateAccount', true)
      const client = clientOf('anvil', 4)
      const send = () => client.sendTransaction({ account: someone, to: receiver, value: 0n })
      const hash = await until('node 4 at that block', send)
      expect((await client.waitForTransactionReceipt({ hash })).from).toBe(someone)
      await raw(client, 'anvil_autoImpersonateAccount', false)
      await expect(send()).rejects.toThrow(/not impersonated|does not sign|unknown account/i)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'answers many calls in one, deploys at addresses known before, and verifies what accounts have signed',
    async () => {
      const client = clientOf('anvil', 2)
      const { abi, bytecode } = token
      const initCode = encodeDeployData({ abi, bytecode, args: ['Gold', 'GLD', 5n] })
      const salt = keccak256('0x05')
      const address = getContractAddress({ opcode: 'CREATE2', from: create2FactoryAddress, salt, bytecode: initCode })
      const data = concat([salt, initCode])
      const hash = await client.sendTransaction({ account: account(0), to: create2FactoryAddress, data })
      expect((await client.waitForTransactionReceipt({ hash })).status).toBe('success')
      const contracts = [
        { address, abi, functionName: 'symbol' },
        { address, abi, functionName: 'balanceOf', args: [create2FactoryAddress] },
        { address: receiver, abi, functionName: 'symbol' },
      ] as const
      const read = await client.multicall({ contracts, multicallAddress: multicall3Address })
      expect(read.map(({ result }) => result)).toEqual(['GLD', 5n, undefined])
      expect(read[2]!.error).toMatchObject({ name: 'ContractFunctionExecutionError' })
      const evm = client.sendTransaction({
        account: account(0),
        to: create2FactoryAddress,
        data: concat([salt, '0x6080']),
      })
      await expect(evm).rejects.toThrow(/EVM bytecode\? This chain runs WebAssembly/)

      const signer = account(1)
      const message = 'for whom it may concern'
      const signature = await signer.signMessage({ message })
      expect(await client.verifyMessage({ address: signer.address, message, signature })).toBe(true)
      expect(await client.verifyMessage({ address: someone, message, signature })).toBe(false)
      const typed = {
        types: { Note: [{ name: 'text', type: 'string' }] },
        primaryType: 'Note',
        message: { text: message },
      } as const
      const typedSignature = await signer.signTypedData(typed)
      expect(await client.verifyTypedData({ ...typed, address: signer.address, signature: typedSignature })).toBe(true)
      await expect(client.getEnsAddress({ name: 'touchstone.eth' })).rejects.toThrow(
        /does not support contract "ensUniversalResolver"/,
      )
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'refuses to undo blocks',
    async () => {
      await expect(raw(clientOf('anvil', 1), 'anvil_reorg', { depth: 1 })).rejects.toThrow(/final and never replaced/)
      await expect(raw(clientOf('anvil', 1), 'anvil_rollback', 1)).rejects.toThrow(/final and never replaced/)
    },
    E2E_TIMEOUT_MS,
  )
})

walletFlows(() => network)
pageFlows(() => network)
// Node 4 was killed and started by then: its peers name bundles to it of before the chain went back.
authorsTests(() => network)

it(
  'four nodes have made the same of all of it',
  async () => {
    const height = (await clientOf('anvil', 1).getBlock()).number
    expect(height).toBeGreaterThan(100n)
    await expectSameChain(network, height, nodes)
  },
  E2E_TIMEOUT_MS,
)
