/** ethers: every method of its providers and of a signer of the node, in batches over HTTP and over WebSocket. */
import {
  Contract,
  ContractFactory,
  type EventLog,
  JsonRpcProvider,
  JsonRpcSigner,
  verifyMessage,
  verifyTypedData,
  Wallet,
  WebSocketProvider,
} from 'ethers'
import { numberToHex } from 'viem'
import { afterAll, describe, expect } from 'vitest'
import { chain, type Fixture, SUPPLY, stranger, TRANSFERRED } from './fixture.ts'
import { type Row, testTable } from './table.ts'

const NODE = 3
/** Nobody else in these tables sends from it. */
const SENDER = 4

interface EthersAt extends Fixture {
  readonly http: JsonRpcProvider
  readonly socket: WebSocketProvider
  readonly signer: JsonRpcSigner
  readonly gold: Contract
}

const one = { to: stranger, value: 1n }
/** ethers looks for a registry of names on the chains that it knows, and this is none of them. */
const noEns = /network does not support ENS/
const typed = [{ name: 'Note' }, { Note: [{ name: 'text', type: 'string' }] }, { text: 'hello' }] as const

/** What a listener is told first, over either way of connecting. */
async function firstOf(at: EthersAt, listen: (heard: (...values: unknown[]) => void) => Promise<unknown>) {
  const { promise, resolve, reject } = Promise.withResolvers<unknown[]>()
  await listen((...values) => resolve(values))
  const timer = setInterval(() => void at.signer.sendTransaction(one).catch(reject), 250)
  try {
    return await promise
  } finally {
    clearInterval(timer)
  }
}

const providerRows: Readonly<Record<string, Row<EthersAt>>> = {
  async broadcastTransaction({ http, privateKey }) {
    const wallet = new Wallet(privateKey(5), http)
    const signed = await wallet.signTransaction(await wallet.populateTransaction(one))
    const sent = await http.broadcastTransaction(signed)
    expect((await sent.wait())?.status).toBe(1)
  },
  async call({ http, gold, token }) {
    const data = gold.interface.encodeFunctionData('totalSupply')
    expect(await http.call({ to: token, data })).toBe(numberToHex(SUPPLY, { size: 32 }))
  },
  async estimateGas({ http, address }) {
    expect(await http.estimateGas({ from: address(1), ...one })).toBe(21_000n)
  },
  getAvatar: [noEns, ({ http }) => http.getAvatar('touchstone.eth')],
  async getBalance({ http, address }) {
    expect(await http.getBalance(address(9), 0)).toBe(10n ** 22n)
  },
  async getBlock({ http, transfer }) {
    const block = await http.getBlock(Number(transfer.blockNumber), true)
    expect(block).toMatchObject({
      hash: transfer.blockHash,
      prefetchedTransactions: [{ hash: transfer.transactionHash }],
    })
    expect((await http.getBlock(transfer.blockHash))?.number).toBe(Number(transfer.blockNumber))
  },
  async getBlockNumber({ http, transfer }) {
    expect(await http.getBlockNumber()).toBeGreaterThanOrEqual(Number(transfer.blockNumber))
  },
  async getCode({ http, token, artifact }) {
    expect(await http.getCode(token)).toBe(artifact.deployedBytecode)
  },
  async getFeeData({ http }) {
    const { maxFeePerGas, maxPriorityFeePerGas } = await http.getFeeData()
    expect(maxFeePerGas).toBeGreaterThan(maxPriorityFeePerGas!)
  },
  async getLogs({ http, token, transfer: { blockNumber, transactionHash } }) {
    const range = { fromBlock: Number(blockNumber), toBlock: Number(blockNumber) }
    expect(await http.getLogs({ address: token, ...range })).toMatchObject([{ transactionHash }])
  },
  async getNetwork({ http, socket }) {
    for (const provider of [http, socket]) expect((await provider.getNetwork()).chainId).toBe(BigInt(chain.id))
  },
  getResolver: [noEns, ({ http }) => http.getResolver('touchstone.eth')],
  async getStorage({ http, token }) {
    expect(await http.getStorage(token, 2)).toBe(numberToHex(SUPPLY, { size: 32 }))
  },
  async getTransaction({ http, transfer: { transactionHash, blockNumber } }) {
    expect(await http.getTransaction(transactionHash)).toMatchObject({ blockNumber: Number(blockNumber), type: 2 })
  },
  async getTransactionCount({ http, address }) {
    expect(await http.getTransactionCount(address(0))).toBeGreaterThan(1)
  },
  async getTransactionReceipt({ http, transfer: { transactionHash, gasUsed } }) {
    expect(await http.getTransactionReceipt(transactionHash)).toMatchObject({ status: 1, gasUsed })
  },
  // ethers itself has none of it over JSON-RPC.
  getTransactionResult: [
    /unsupported method: getTransactionResult/,
    ({ http, transfer }) => http.getTransactionResult(transfer.transactionHash),
  ],
  lookupAddress: [noEns, ({ http }) => http.lookupAddress(stranger)],
  resolveName: [noEns, ({ http }) => http.resolveName('touchstone.eth')],
  waitForBlock: [/not implemented yet/, ({ http }) => http.waitForBlock(1)],
  async waitForTransaction({ http, transfer: { transactionHash } }) {
    expect(await http.waitForTransaction(transactionHash)).toMatchObject({ status: 1 })
  },
  async send({ http }) {
    expect(await http.send('eth_chainId', [])).toBe(numberToHex(chain.id))
  },
  async listAccounts({ http, address }) {
    expect((await http.listAccounts()).map((signer) => signer.address)).toEqual([...Array(10).keys()].map(address))
  },
  async getSigner({ http, address }) {
    expect(await (await http.getSigner(0)).getAddress()).toBe(address(0))
    await expect(http.getSigner(stranger)).rejects.toThrow(/invalid account/)
  },
  async on(at) {
    expect(Number((await firstOf(at, (heard) => at.http.once('block', heard)))[0])).toBeGreaterThan(0)
    expect(Number((await firstOf(at, (heard) => at.socket.once('block', heard)))[0])).toBeGreaterThan(0)
    expect((await firstOf(at, (heard) => at.socket.once('pending', heard)))[0]).toMatch(/^0x[0-9a-f]{64}$/)
  },
}

/** Of the two classes, those that ask a node for something; the rest is about listeners, settings and the class itself. */
const ABOUT_ITSELF = new Set([
  ...['_clearTimeout', '_detectNetwork', '_forEachSubscriber', '_getAddress', '_getBlockTag', '_getFilter'],
  ...[
    '_getProvider',
    '_getSubscriber',
    '_getTransactionRequest',
    '_perform',
    '_recoverSubscriber',
    '_send',
    '_setTimeout',
  ],
  ...[
    '_getConnection',
    '_start',
    '_waitUntilReady',
    '_wrapBlock',
    '_wrapLog',
    '_wrapTransactionReceipt',
    '_wrapTransactionResponse',
  ],
  ...[
    '_getOption',
    'addListener',
    'attachPlugin',
    'ccipReadFetch',
    'connect',
    'constructor',
    'destroy',
    'emit',
    'getPlugin',
  ],
  ...['getRpcError', 'getRpcRequest', 'getRpcTransaction', 'listenerCount', 'listeners', 'off', 'once', 'pause'],
  ...['removeAllListeners', 'removeListener', 'resume'],
])

const signerRows: Readonly<Record<string, Row<EthersAt>>> = {
  async call({ signer, token, gold }) {
    const data = gold.interface.encodeFunctionData('symbol')
    expect(gold.interface.decodeFunctionResult('symbol', await signer.call({ to: token, data }))).toEqual(['GLD'])
  },
  async estimateGas({ signer }) {
    expect(await signer.estimateGas(one)).toBe(21_000n)
  },
  async getAddress({ signer, address }) {
    expect(await signer.getAddress()).toBe(address(SENDER))
  },
  async getNonce({ signer }) {
    expect(await signer.getNonce()).toBeGreaterThanOrEqual(0)
  },
  async populateTransaction({ signer, address }) {
    expect(await signer.populateTransaction(one)).toMatchObject({ ...one, from: address(SENDER) })
  },
  async populateCall({ signer, address }) {
    expect(await signer.populateCall(one)).toMatchObject({ from: address(SENDER), to: stranger })
  },
  async populateAuthorization({ signer }) {
    expect(await signer.populateAuthorization({ address: stranger })).toMatchObject({ chainId: BigInt(chain.id) })
  },
  authorize: [/authorization not implemented for this signer/, ({ signer }) => signer.authorize({ address: stranger })],
  resolveName: [noEns, ({ signer }) => signer.resolveName('touchstone.eth')],
  async sendTransaction({ signer }) {
    expect(await (await signer.sendTransaction(one)).wait()).toMatchObject({ status: 1 })
  },
  async sendUncheckedTransaction({ signer, http }) {
    const hash = await signer.sendUncheckedTransaction(one)
    expect(await http.waitForTransaction(hash)).toMatchObject({ status: 1 })
  },
  async signMessage({ signer, address }) {
    expect(verifyMessage('hello', await signer.signMessage('hello'))).toBe(address(SENDER))
  },
  async _legacySignMessage({ signer, address }) {
    expect(verifyMessage('hello', await signer._legacySignMessage('hello'))).toBe(address(SENDER))
  },
  async signTransaction({ signer, http }) {
    const nonce = await signer.getNonce()
    const signed = await signer.signTransaction({ ...one, nonce })
    expect(await (await http.broadcastTransaction(signed)).wait()).toMatchObject({ status: 1 })
  },
  async signTypedData({ signer, address }) {
    const [domain, { Note }, value] = typed
    const types = { Note: [...Note] }
    expect(verifyTypedData(domain, types, value, await signer.signTypedData(domain, types, value))).toBe(
      address(SENDER),
    )
  },
  // Accounts of a devnet have no password to be locked with.
  unlock: [/the method personal_unlockAccount does not exist/, ({ signer }) => signer.unlock('password')],
}

const contractRows: Readonly<Record<string, Row<EthersAt>>> = {
  async 'a factory deploys, and a contract is written to and read'({ artifact, signer, address }) {
    const factory = new ContractFactory(artifact.abi as never, artifact.bytecode, signer)
    const silver = (await (await factory.deploy('Silver', 'SLV', 50n)).waitForDeployment()) as Contract
    const receipt = await (await silver['transfer']!(address(6), 8n)).wait()
    expect(receipt.logs).toMatchObject([{ fragment: { name: 'Transfer' }, args: [address(SENDER), address(6), 8n] }])
    expect(await silver['balanceOf']!(address(6))).toBe(8n)
    expect(await silver['transfer']!.staticCall(address(6), 1n)).toBe(true)
    expect(await silver['transfer']!.estimateGas(address(6), 1n)).toBeGreaterThan(21_000n)
    await expect(silver['transfer']!.staticCall(address(6), 51n)).rejects.toMatchObject({
      ...{ code: 'CALL_EXCEPTION', revert: { name: 'ERC20InsufficientBalance' } },
    })
  },
  async 'events of the past'({ gold }) {
    const events = await gold.queryFilter(gold.filters['Transfer']!(null, stranger), 0)
    expect((events[0] as EventLog).args['value']).toBe(TRANSFERRED)
  },
  async 'events as they come, over HTTP and WebSocket'({ artifact, token, http, socket, privateKey, address }) {
    const sender = new Wallet(privateKey(5), http)
    const abi = artifact.abi as never
    const asked = (provider: JsonRpcProvider | WebSocketProvider) => new Contract(token, abi, provider)
    for (const provider of [http, socket]) {
      const contract = asked(provider)
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      await contract.once('Approval', (_owner, _spender, value) => resolve(value))
      // A subscription stands once something asked after it is answered.
      await provider.getBlockNumber()
      const approve = () =>
        (new Contract(token, abi, sender)['approve']!(address(6), 12n) as Promise<unknown>).catch(reject)
      const timer = setInterval(approve, 300)
      expect(await promise).toBe(12n)
      clearInterval(timer)
    }
  },
  async 'what is asked at once goes as one batch'({ rpc, address }) {
    const provider = new JsonRpcProvider(rpc(NODE), chain.id, { staticNetwork: true, batchStallTime: 20 })
    const sizes: number[] = []
    await provider.on('debug', ({ action, payload }) => {
      if (action === 'sendRpcPayload') sizes.push(Array.isArray(payload) ? payload.length : 1)
    })
    await Promise.all([provider.getBlockNumber(), provider.getBalance(address(1)), provider.getCode(stranger)])
    expect(sizes).toEqual([3])
    provider.destroy()
  },
}

/** Those that ask a node for something, of a class and of all that it extends. */
function methodsOf(prototype: object): string[] {
  if (prototype === Object.prototype) return []
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === 'function' && !ABOUT_ITSELF.has(name))
    .map(([name]) => name)
  return [...new Set([...own, ...methodsOf(Object.getPrototypeOf(prototype))])]
}

export function testEthers(fixture: () => Fixture): void {
  let made: EthersAt | null = null
  const at = (): EthersAt => {
    if (made !== null) return made
    const http = new JsonRpcProvider(fixture().rpc(NODE), chain.id, {
      staticNetwork: true,
      cacheTimeout: -1,
      pollingInterval: 50,
    })
    const socket = new WebSocketProvider(fixture().ws(NODE))
    const signer = new JsonRpcSigner(http, fixture().address(SENDER))
    const gold = new Contract(fixture().token, fixture().artifact.abi as never, http)
    made = { ...fixture(), http, socket, signer, gold }
    return made
  }
  afterAll(async () => {
    made?.http.destroy()
    await made?.socket.destroy()
  })

  describe("ethers' providers", () => testTable(providerRows, () => methodsOf(JsonRpcProvider.prototype), at))
  describe("ethers' signer of the node", () => testTable(signerRows, () => methodsOf(JsonRpcSigner.prototype), at))
  describe("ethers' contracts", () => testTable(contractRows, () => Object.keys(contractRows), at))
}
