/** Every public action of viem. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPublicClient,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  hashMessage,
  http,
  keccak256,
  numberToHex,
  type PublicActions,
  parseEther,
  publicActions,
  type TransactionReceipt,
  webSocket,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createSiweMessage } from 'viem/siwe'
import { describe, expect } from 'vitest'
import { contractWith } from '../contracts.ts'
import { E2E_TIMEOUT_MS } from '../harness.ts'
import { chain, type Fixture, SUPPLY, stranger, TRANSFERRED, tokenAbi } from './fixture.ts'
import { type Row, testTable } from './table.ts'

const NODE = 1

export interface PublicAt extends Fixture {
  readonly client: ReturnType<typeof clientOf>
  readonly socket: ReturnType<typeof socketOf>
}

const clientOf = ({ rpc }: Fixture) =>
  createPublicClient({
    ...{ chain, transport: http(rpc(NODE), { retryCount: 0, timeout: E2E_TIMEOUT_MS }), pollingInterval: 50 },
    cacheTime: 0,
  })
const socketOf = ({ ws }: Fixture) =>
  createPublicClient({ chain, transport: webSocket(ws(NODE), { reconnect: false }) })

/** Makes a block with a transfer of the token in it. */
async function transferOne({ network, token }: Fixture): Promise<TransactionReceipt> {
  const wallet = network.wallet(NODE, 0)
  return wallet.writeContractSync({
    ...{ address: token, abi: tokenAbi, functionName: 'transfer', args: [stranger, 1n] },
    // viem's own is 15 s, and a machine may have more to do.
    timeout: E2E_TIMEOUT_MS,
  })
}

/** What a watcher is told first, once there is something to tell. */
async function firstSeen<T>(
  at: Fixture,
  watch: (seen: (value: T) => void, failed: (error: Error) => void) => () => void,
) {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const stop = watch(resolve, reject)
  let isSeen = false
  // A subscription may begin after the first of these. One after the other, as two at a time would have one nonce.
  const transfers = async () => {
    while (!isSeen) {
      await sleep(250)
      await transferOne(at)
    }
  }
  const running = transfers().catch(reject)
  try {
    return await promise
  } finally {
    isSeen = true
    stop()
    await running
  }
}

/** Runs once the changes of a filter are there. */
async function changesOf({ client }: PublicAt, filter: { id: Hex }): Promise<readonly unknown[]> {
  return client.getFilterChanges({ filter: filter as never })
}

const simulated = ({ address }: Fixture) => ({
  blocks: [
    {
      stateOverrides: [{ address: stranger, balance: parseEther('1') } as const],
      calls: [
        { from: stranger, to: address(1), value: 5n },
        { from: stranger, to: address(1), data: '0x' },
      ] as const,
    },
  ],
})
const noEns = /does not support contract "ensUniversalResolver"/

const rows: Readonly<Record<keyof PublicActions, Row<PublicAt>>> = {
  async call({ client, token }) {
    const { data } = await client.call({
      ...{ to: token, data: encodeFunctionData({ abi: tokenAbi, functionName: 'totalSupply' }) },
    })
    expect(data).toBe(numberToHex(SUPPLY, { size: 32 }))
  },
  async createAccessList({ client, token, address }) {
    const data = encodeFunctionData({ abi: tokenAbi, functionName: 'transfer', args: [stranger, 1n] })
    const { accessList, gasUsed } = await client.createAccessList({ account: address(0), to: token, data })
    expect(accessList.map((entry) => entry.address.toLowerCase())).toContain(token.toLowerCase())
    expect(gasUsed).toBeGreaterThan(21_000n)
  },
  async createBlockFilter(at) {
    const filter = await at.client.createBlockFilter()
    const { blockHash } = await transferOne(at)
    expect(await changesOf(at, filter)).toContain(blockHash)
  },
  async createContractEventFilter(at) {
    const filter = await at.client.createContractEventFilter({
      ...{ address: at.token, abi: tokenAbi, eventName: 'Transfer', args: { to: stranger } },
    })
    const { transactionHash } = await transferOne(at)
    expect(await at.client.getFilterChanges({ filter })).toMatchObject([{ args: { value: 1n }, transactionHash }])
  },
  async createEventFilter(at) {
    const filter = await at.client.createEventFilter({ address: at.token, event: tokenAbi[7], strict: true })
    const { transactionHash } = await transferOne(at)
    expect(await at.client.getFilterChanges({ filter })).toMatchObject([{ args: { to: stranger }, transactionHash }])
  },
  async createPendingTransactionFilter(at) {
    const filter = await at.client.createPendingTransactionFilter()
    const { transactionHash } = await transferOne(at)
    expect(await changesOf(at, filter)).toContain(transactionHash)
  },
  async estimateContractGas({ client, token, address }) {
    const gas = await client.estimateContractGas({
      ...{ address: token, abi: tokenAbi, functionName: 'approve', args: [stranger, 1n], account: address(1) },
    })
    expect(gas).toBeGreaterThan(40_000n)
  },
  async estimateGas({ client, address }) {
    expect(await client.estimateGas({ account: address(1), to: stranger, value: 1n })).toBe(21_000n)
  },
  async estimateFeesPerGas({ client }) {
    const { maxFeePerGas, maxPriorityFeePerGas } = await client.estimateFeesPerGas()
    expect(maxFeePerGas).toBeGreaterThan(maxPriorityFeePerGas)
  },
  async estimateMaxPriorityFeePerGas({ client }) {
    expect(await client.estimateMaxPriorityFeePerGas()).toBe(1_000_000_000n)
  },
  async fillTransaction({ client, address }) {
    const { transaction } = await client.fillTransaction({ account: address(1), to: stranger, value: 1n })
    expect(transaction).toMatchObject({ gas: 21_000n, value: 1n, type: 'eip1559' })
  },
  async getBalance({ client, address }) {
    expect(await client.getBalance({ address: address(9), blockTag: 'earliest' })).toBe(parseEther('10000'))
  },
  async getBlobBaseFee({ client }) {
    expect(await client.getBlobBaseFee()).toBe(0n)
  },
  async getBlock({ client, transfer }) {
    const { blockHash, blockNumber, transactionHash } = transfer
    const block = await client.getBlock({ blockNumber, includeTransactions: true })
    expect(block).toMatchObject({ hash: blockHash, transactions: [{ hash: transactionHash }] })
    expect(await client.getBlock({ blockHash })).toMatchObject({ number: blockNumber, transactions: [transactionHash] })
  },
  async getBlockNumber({ client, transfer }) {
    expect(await client.getBlockNumber()).toBeGreaterThanOrEqual(transfer.blockNumber)
  },
  async getBlockReceipts({ client, transfer }) {
    expect(await client.getBlockReceipts({ blockNumber: transfer.blockNumber })).toEqual([transfer])
  },
  async getBlockTransactionCount({ client, transfer }) {
    expect(await client.getBlockTransactionCount({ blockHash: transfer.blockHash })).toBe(1)
  },
  async getBytecode({ client, token, artifact }) {
    expect(await client.getBytecode({ address: token })).toBe(artifact.deployedBytecode)
  },
  async getChainId({ client }) {
    expect(await client.getChainId()).toBe(chain.id)
  },
  async getCode({ client, token, artifact }) {
    expect(await client.getCode({ address: token })).toBe(artifact.deployedBytecode)
    expect(await client.getCode({ address: stranger })).toBeUndefined()
  },
  async getContractEvents({ client, token, transfer: { blockNumber } }) {
    const events = await client.getContractEvents({
      ...{ address: token, abi: tokenAbi, eventName: 'Transfer', fromBlock: blockNumber, toBlock: blockNumber },
    })
    expect(events).toMatchObject([{ args: { to: stranger, value: TRANSFERRED } }])
  },
  async getDelegation({ client, address }) {
    expect(await client.getDelegation({ address: address(0) })).toBeUndefined()
  },
  async getEip712Domain({ client }) {
    const domain = encodeAbiParameters(
      ['bytes1', 'string', 'string', 'uint256', 'address', 'bytes32', 'uint256[]'].map((type) => ({ type })),
      ['0x0f', 'Note', '1', 31_337n, stranger, numberToHex(0, { size: 32 }), []],
    )
    const bytes = domain.slice(2).replace(/../g, '\\$&')
    const code = contractWith(
      `(call $write_result (i32.const 0) (i32.const ${(domain.length - 2) / 2})) (i32.const 0)`,
      `(data (i32.const 0) "${bytes}")`,
    )
    const address = '0x00000000000000000000000000000000000c0712'
    await client.request({
      method: 'anvil_setCode',
      params: [address, `0x${Buffer.from(code).toString('hex')}`],
    } as never)
    expect(await client.getEip712Domain({ address })).toMatchObject({
      domain: { name: 'Note', version: '1', chainId: 31_337, verifyingContract: stranger },
    })
    await expect(client.getEip712Domain({ address: stranger })).rejects.toThrow(/No EIP-712 domain found/)
  },
  getEnsAddress: [noEns, ({ client }) => client.getEnsAddress({ name: 'touchstone.eth' })],
  getEnsAvatar: [noEns, ({ client }) => client.getEnsAvatar({ name: 'touchstone.eth' })],
  getEnsName: [noEns, ({ client }) => client.getEnsName({ address: stranger })],
  getEnsResolver: [noEns, ({ client }) => client.getEnsResolver({ name: 'touchstone.eth' })],
  getEnsText: [noEns, ({ client }) => client.getEnsText({ name: 'touchstone.eth', key: 'url' })],
  async getFeeHistory({ client }) {
    const { baseFeePerGas, reward } = await client.getFeeHistory({ blockCount: 2, rewardPercentiles: [50] })
    expect([baseFeePerGas.length, reward?.length]).toEqual([3, 2])
  },
  async getFilterChanges(at) {
    const filter = await at.client.createBlockFilter()
    expect(await changesOf(at, filter)).toEqual([])
  },
  async getFilterLogs({ client, token, transfer: { blockNumber } }) {
    const range = { fromBlock: blockNumber, toBlock: blockNumber }
    const filter = await client.createContractEventFilter({ address: token, abi: tokenAbi, ...range })
    expect(await client.getFilterLogs({ filter })).toMatchObject([{ eventName: 'Transfer' }])
  },
  async getGasPrice({ client }) {
    expect(await client.getGasPrice()).toBeGreaterThan(1_000_000_000n)
  },
  async getLogs({ client, transfer: { blockHash, logs } }) {
    expect(await client.getLogs({ blockHash })).toEqual(logs)
  },
  async getProof({ client, token }) {
    const { storageProof, accountProof } = await client.getProof({ address: token, storageKeys: [word(2)] })
    expect(storageProof).toMatchObject([{ key: word(2), value: SUPPLY }])
    expect(accountProof.length).toBeGreaterThan(0)
  },
  async getRawTransaction({ client, transfer }) {
    const raw = await client.getRawTransaction({ hash: transfer.transactionHash })
    expect(keccak256(raw)).toBe(transfer.transactionHash)
  },
  async getStorageAt({ client, token }) {
    expect(await client.getStorageAt({ address: token, slot: '0x2' })).toBe(numberToHex(SUPPLY, { size: 32 }))
  },
  async getStorageValues({ client, token }) {
    const values = await client.getStorageValues({ requests: { [token]: [word(2), word(77)] } } as never)
    expect(values).toEqual({ [token]: [numberToHex(SUPPLY, { size: 32 }), word(0)] })
  },
  async getTransaction({ client, transfer: { transactionHash, blockNumber } }) {
    expect(await client.getTransaction({ hash: transactionHash })).toMatchObject({ blockNumber, chainId: chain.id })
    expect(await client.getTransaction({ blockNumber, index: 0 })).toMatchObject({ hash: transactionHash })
  },
  async getTransactionConfirmations({ client, transfer }) {
    expect(await client.getTransactionConfirmations({ transactionReceipt: transfer })).toBeGreaterThan(0n)
  },
  async getTransactionCount({ client, address }) {
    expect(await client.getTransactionCount({ address: address(0) })).toBeGreaterThan(1)
  },
  async getTransactionReceipt({ client, transfer }) {
    expect(await client.getTransactionReceipt({ hash: transfer.transactionHash })).toEqual(transfer)
  },
  async iterateLogs({ client, token, transfer: { blockNumber, transactionHash } }) {
    const range = { fromBlock: 0n, toBlock: blockNumber, batchSize: 2n }
    const seen: unknown[] = []
    for await (const logs of client.iterateLogs({ address: token, ...range } as never) as AsyncIterable<unknown>)
      seen.push(logs)
    expect(JSON.stringify(seen, text)).toContain(transactionHash)
  },
  async multicall({ client, token, address }) {
    const contract = { address: token, abi: tokenAbi } as const
    const contracts = [
      { ...contract, functionName: 'symbol' },
      { ...contract, functionName: 'transfer', args: [stranger, SUPPLY * 2n] },
    ] as const
    const [symbol, transfer] = await client.multicall({ contracts, account: address(0) } as never)
    expect(symbol).toEqual({ status: 'success', result: 'GLD' })
    expect(String(transfer!.error)).toContain('ERC20InsufficientBalance')
  },
  async prepareTransactionRequest({ client, address }) {
    const to = { account: address(1), to: stranger } as const
    expect(await client.prepareTransactionRequest(to)).toMatchObject({ gas: 21_000n, type: 'eip1559' })
  },
  async readContract({ client, token }) {
    expect(await client.readContract({ address: token, abi: tokenAbi, functionName: 'name' })).toBe('Gold')
  },
  async sendRawTransaction({ client, network }) {
    const wallet = network.wallet(NODE, 1)
    const request = await wallet.prepareTransactionRequest({ to: stranger, value: 1n })
    const hash = await client.sendRawTransaction({ serializedTransaction: await wallet.signTransaction(request) })
    expect((await client.waitForTransactionReceipt({ hash })).status).toBe('success')
  },
  async sendRawTransactionSync({ client, network }) {
    const wallet = network.wallet(NODE, 1)
    const request = await wallet.prepareTransactionRequest({ to: stranger, value: 1n })
    const serializedTransaction = await wallet.signTransaction(request)
    expect((await client.sendRawTransactionSync({ serializedTransaction })).status).toBe('success')
  },
  simulate: simulatesBlocks((at) => at.client.simulate(simulated(at))),
  simulateBlocks: simulatesBlocks((at) => at.client.simulateBlocks(simulated(at))),
  async simulateCalls({ client, token, address }) {
    const { results, assetChanges } = await client.simulateCalls({
      account: address(0),
      calls: [
        { to: stranger, value: 3n },
        { to: token, abi: tokenAbi, functionName: 'symbol' },
      ],
    })
    expect(results).toMatchObject([{ status: 'success' }, { status: 'success', result: 'GLD' }])
    expect(assetChanges).toEqual([])
    // To trace these it has EVM code run, which finds nothing here (docs/devnet.md, "What tools expect").
    const traced = await client.simulateCalls({
      ...{ account: address(0), calls: [{ to: stranger, value: 3n }], traceAssetChanges: true },
    })
    expect([traced.results[0]?.status, traced.assetChanges]).toEqual(['success', []])
  },
  async simulateContract({ client, token, address }) {
    const { result } = await client.simulateContract({
      ...{ address: token, abi: tokenAbi, functionName: 'approve', args: [stranger, 1n], account: address(1) },
    })
    expect(result).toBe(true)
  },
  async token(at) {
    const { client, token, address } = at
    expect(Object.keys(client.token).sort()).toEqual(['getAllowance', 'getBalance', 'getMetadata', 'getTotalSupply'])
    expect(await client.token.getMetadata({ token })).toMatchObject({ name: 'Gold', symbol: 'GLD', decimals: 18 })
    expect(await client.token.getTotalSupply({ token })).toMatchObject({ amount: SUPPLY })
    expect((await client.token.getBalance({ token, account: stranger })).amount).toBeGreaterThanOrEqual(TRANSFERRED)
    const none = await client.token.getAllowance({ token, account: address(8), spender: stranger })
    expect(none).toMatchObject({ amount: 0n })
  },
  async uninstallFilter({ client }) {
    const filter = await client.createBlockFilter()
    expect(await client.uninstallFilter({ filter })).toBe(true)
    await expect(client.getFilterChanges({ filter })).rejects.toThrow(/filter not found/)
  },
  async verifyHash({ client, privateKey }) {
    const { address, sign } = privateKeyToAccount(privateKey(1))
    const hash = keccak256('0x01')
    const signature = await sign({ hash })
    expect(await client.verifyHash({ address, hash, signature })).toBe(true)
    expect(await client.verifyHash({ address: stranger, hash, signature })).toBe(false)
  },
  async verifyMessage({ client, privateKey }) {
    const { address, signMessage } = privateKeyToAccount(privateKey(1))
    const signature = await signMessage({ message: 'hello' })
    expect(await client.verifyMessage({ address, message: 'hello', signature })).toBe(true)
    expect(await client.verifyMessage({ address, message: 'hallo', signature })).toBe(false)
    expect(await client.verifyHash({ address, hash: hashMessage('hello'), signature })).toBe(true)
  },
  async verifySiweMessage({ client, privateKey }) {
    const { address, signMessage } = privateKeyToAccount(privateKey(1))
    const page = { domain: 'example.com', uri: 'https://example.com', version: '1', nonce: 'abcdefgh' } as const
    const message = createSiweMessage({ address, chainId: chain.id, ...page })
    const signature = await signMessage({ message })
    expect(await client.verifySiweMessage({ message, signature, domain: 'example.com' })).toBe(true)
    expect(await client.verifySiweMessage({ message, signature, domain: 'example.org' })).toBe(false)
  },
  async verifyTypedData({ client, privateKey }) {
    const { address, signTypedData } = privateKeyToAccount(privateKey(1))
    const types = { Note: [{ name: 'text', type: 'string' }] } as const
    const typed = { types, primaryType: 'Note', message: { text: 'hello' } } as const
    const signature = await signTypedData(typed)
    expect(await client.verifyTypedData({ ...typed, address, signature })).toBe(true)
    expect(await client.verifyTypedData({ ...typed, message: { text: 'hallo' }, address, signature })).toBe(false)
  },
  async waitForTransactionReceipt({ client, network }) {
    const hash = await network.wallet(NODE, 1).sendTransaction({ to: stranger, value: 1n })
    expect(await client.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success', to: stranger })
  },
  async watchBlockHeaders(at) {
    const seen = await firstSeen<{ number: bigint }>(at, (onBlockHeader, onError) =>
      at.socket.watchBlockHeaders({ onBlockHeader, onError } as never),
    )
    expect(seen.number).toBeGreaterThan(at.transfer.blockNumber)
  },
  async watchBlocks(at) {
    const seen = await firstSeen<{ number: bigint }>(at, (onBlock, onError) =>
      at.socket.watchBlocks({ onBlock, onError } as never),
    )
    expect(seen.number).toBeGreaterThan(at.transfer.blockNumber)
  },
  async watchBlockNumber(at) {
    const seen = await firstSeen<bigint>(at, (onBlockNumber, onError) =>
      at.socket.watchBlockNumber({ onBlockNumber, onError }),
    )
    expect(seen).toBeGreaterThan(at.transfer.blockNumber)
  },
  async watchContractEvent(at) {
    const watched = { address: at.token, abi: tokenAbi, eventName: 'Transfer' } as const
    const seen = await firstSeen<readonly unknown[]>(at, (onLogs, onError) =>
      at.socket.watchContractEvent({ ...watched, onLogs, onError } as never),
    )
    expect(seen[0]).toMatchObject({ args: { to: stranger, value: 1n } })
  },
  async watchEvent(at) {
    const seen = await firstSeen<readonly unknown[]>(at, (onLogs, onError) =>
      at.socket.watchEvent({ address: at.token, onLogs, onError } as never),
    )
    expect(seen[0]).toMatchObject({ address: at.token, data: numberToHex(1, { size: 32 }) })
  },
  async watchPendingTransactions(at) {
    const seen = await firstSeen<readonly Hex[]>(at, (onTransactions, onError) =>
      at.socket.watchPendingTransactions({ onTransactions, onError }),
    )
    expect(seen[0]).toMatch(/^0x[0-9a-f]{64}$/)
  },
}

function word(value: number): Hex {
  return numberToHex(value, { size: 32 })
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function simulatesBlocks(simulate: (at: PublicAt) => Promise<readonly unknown[]>): Row<PublicAt> {
  return async (at) => {
    const [block] = await simulate(at)
    expect(block).toMatchObject({
      calls: [
        { status: 'success', gasUsed: 21_000n },
        { status: 'success', gasUsed: 21_000n },
      ],
      gasUsed: 42_000n,
    })
  }
}

export function testPublicActions(fixture: () => Fixture): void {
  describe("viem's public actions", () => {
    let at: PublicAt | null = null
    testTable(
      rows,
      ({ client }) => Object.keys(publicActions(client)),
      () => (at ??= { ...fixture(), client: clientOf(fixture()), socket: socketOf(fixture()) }),
    )
  })
}
