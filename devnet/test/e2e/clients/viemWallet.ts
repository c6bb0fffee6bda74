/** Every wallet action of viem: with a key of its own, and with an account that the node signs for. */
import {
  createWalletClient,
  type Hex,
  http,
  recoverMessageAddress,
  recoverTransactionAddress,
  recoverTypedDataAddress,
  type WalletActions,
  walletActions,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { recoverAuthorizationAddress } from 'viem/utils'
import { describe, expect } from 'vitest'
import { E2E_TIMEOUT_MS } from '../harness.ts'
import { chain, type Fixture, stranger, tokenAbi } from './fixture.ts'
import { type Row, testTable } from './table.ts'

const NODE = 2
/** Nobody else in these tables sends from them. */
const [OWN, OF_NODE] = [2, 3]

interface WalletAt extends Fixture {
  /** Signs itself. */
  readonly own: ReturnType<typeof ownClient>
  /** Has an address only: the node signs. */
  readonly ofNode: ReturnType<typeof nodeClient>
}

const shared = ({ rpc }: Fixture) => ({
  ...{ chain, transport: http(rpc(NODE), { retryCount: 0, timeout: E2E_TIMEOUT_MS }), pollingInterval: 50 },
})
const ownClient = (at: Fixture) =>
  createWalletClient({ account: privateKeyToAccount(at.privateKey(OWN)), ...shared(at) })
const nodeClient = (at: Fixture) => createWalletClient({ account: at.address(OF_NODE), ...shared(at) })

/** A wallet's own questions (EIP-747, EIP-2255, EIP-3085, EIP-3326, EIP-5792), which no node answers. */
const notAWallet = /answered by wallets, and this is a node/

async function succeeded({ network }: Fixture, hash: Hex): Promise<void> {
  const { status } = await network.client(NODE).waitForTransactionReceipt({ hash })
  expect(status).toBe('success')
}

const approval = ({ token }: Fixture) =>
  ({ address: token, abi: tokenAbi, functionName: 'approve', args: [stranger, 3n] }) as const
const one = { to: stranger, value: 1n } as const
const note = {
  types: { Note: [{ name: 'text', type: 'string' }] },
  primaryType: 'Note',
  message: { text: 'hello' },
} as const

const rows: Readonly<Record<keyof WalletActions, Row<WalletAt>>> = {
  addChain: [notAWallet, ({ own }) => own.addChain({ chain })],
  async deployContract(at) {
    const { abi, bytecode } = at.artifact
    for (const client of [at.own, at.ofNode])
      await succeeded(at, await client.deployContract({ abi, bytecode, args: ['Silver', 'SLV', 7n] } as never))
  },
  async fillTransaction({ own }) {
    const { transaction } = await own.fillTransaction(one)
    expect(transaction).toMatchObject({ gas: 21_000n, type: 'eip1559', chainId: chain.id })
  },
  async getAddresses({ ofNode, own, address }) {
    expect(await ofNode.getAddresses()).toEqual(Array.from({ length: 10 }, (_, index) => address(index)))
    expect(await own.getAddresses()).toEqual([address(OWN)])
  },
  async getCallsStatus({ ofNode }) {
    const sent = await ofNode.sendCalls({ calls: [one], experimental_fallback: true })
    const { receipts } = await ofNode.waitForCallsStatus(sent)
    expect(await ofNode.getCallsStatus(sent)).toMatchObject({ status: 'success', statusCode: 200, atomic: false })
    expect(receipts).toMatchObject([{ status: 'success' }])
    await expect(ofNode.getCallsStatus({ id: '0x01' })).rejects.toThrow(notAWallet)
  },
  getCapabilities: [notAWallet, ({ own }) => own.getCapabilities()],
  async getChainId({ own }) {
    expect(await own.getChainId()).toBe(chain.id)
  },
  getPermissions: [notAWallet, ({ own }) => own.getPermissions()],
  async prepareAuthorization({ own }) {
    expect(await own.prepareAuthorization({ contractAddress: stranger })).toMatchObject({ chainId: chain.id })
  },
  async prepareTransactionRequest({ own }) {
    expect(await own.prepareTransactionRequest(one)).toMatchObject({ gas: 21_000n, type: 'eip1559' })
  },
  async requestAddresses({ ofNode, address }) {
    expect(await ofNode.requestAddresses()).toContain(address(OF_NODE))
  },
  requestPermissions: [notAWallet, ({ own }) => own.requestPermissions({ eth_accounts: {} })],
  async sendCalls(at) {
    const { id } = await at.ofNode.sendCalls({ calls: [one, { ...one, value: 2n }], experimental_fallback: true })
    expect(await at.ofNode.waitForCallsStatus({ id })).toMatchObject({ status: 'success' })
    await expect(at.ofNode.sendCalls({ calls: [one] })).rejects.toThrow(notAWallet)
  },
  async sendCallsSync({ ofNode }) {
    const { status, receipts } = await ofNode.sendCallsSync({ calls: [one], experimental_fallback: true })
    expect([status, receipts?.length]).toEqual(['success', 1])
  },
  async sendRawTransaction(at) {
    const serializedTransaction = await at.own.signTransaction(await at.own.prepareTransactionRequest(one))
    await succeeded(at, await at.own.sendRawTransaction({ serializedTransaction }))
  },
  async sendRawTransactionSync({ own }) {
    const serializedTransaction = await own.signTransaction(await own.prepareTransactionRequest(one))
    expect((await own.sendRawTransactionSync({ serializedTransaction })).status).toBe('success')
  },
  async sendTransaction(at) {
    for (const client of [at.own, at.ofNode]) await succeeded(at, await client.sendTransaction(one))
    const authorization = await at.own.signAuthorization({ contractAddress: stranger })
    const delegated = at.own.sendTransaction({ ...one, gas: 100_000n, authorizationList: [authorization] })
    await expect(delegated).rejects.toThrow(/type/)
  },
  async sendTransactionSync({ own, ofNode }) {
    for (const client of [own, ofNode]) expect((await client.sendTransactionSync(one)).status).toBe('success')
  },
  showCallsStatus: [notAWallet, ({ own }) => own.showCallsStatus({ id: '0x01' })],
  async signAuthorization({ own, address }) {
    const authorization = await own.signAuthorization({ contractAddress: stranger })
    expect(await recoverAuthorizationAddress({ authorization })).toBe(address(OWN))
  },
  async signMessage({ own, ofNode, address }) {
    const message = 'hello'
    for (const [client, account] of [[own, OWN] as const, [ofNode, OF_NODE] as const]) {
      const signature = await client.signMessage({ message })
      expect(await recoverMessageAddress({ message, signature })).toBe(address(account))
    }
  },
  async signTransaction({ ofNode, address }) {
    const signed = await ofNode.signTransaction({ ...one, type: 'eip1559', gas: 21_000n } as never)
    const serializedTransaction = signed as `0x02${string}`
    expect(await recoverTransactionAddress({ serializedTransaction })).toBe(address(OF_NODE))
  },
  async signTypedData({ own, ofNode, address }) {
    for (const [client, account] of [[own, OWN] as const, [ofNode, OF_NODE] as const]) {
      const signature = await client.signTypedData(note)
      expect(await recoverTypedDataAddress({ ...note, signature })).toBe(address(account))
    }
  },
  switchChain: [notAWallet, ({ own }) => own.switchChain({ id: chain.id })],
  async token(at) {
    const { own, token, address, network } = at
    const actions = ['approve', 'approveSync', 'transfer', 'transferSync']
    expect(Object.keys(own.token)).toEqual(expect.arrayContaining(actions))
    const from = createWalletClient({ account: address(0), ...shared(at) })
    await succeeded(at, await from.token.transfer({ token, to: address(OWN), amount: 9n }))
    const { receipt } = await own.token.transferSync({ token, to: stranger, amount: 2n })
    expect(receipt.status).toBe('success')
    await succeeded(at, await own.token.approve({ token, spender: stranger, amount: 4n }))
    await own.token.approveSync({ token, spender: stranger, amount: 5n })
    const args = [address(OWN), stranger] as const
    const read = network.client(NODE).readContract({ address: token, abi: tokenAbi, functionName: 'allowance', args })
    expect(await read).toBe(5n)
  },
  async waitForCallsStatus({ ofNode }) {
    const { id } = await ofNode.sendCalls({ calls: [one], experimental_fallback: true })
    expect(await ofNode.waitForCallsStatus({ id })).toMatchObject({ statusCode: 200 })
  },
  watchAsset: [
    notAWallet,
    ({ own, token }) => own.watchAsset({ type: 'ERC20', options: { address: token, decimals: 18, symbol: 'GLD' } }),
  ],
  async writeContract(at) {
    for (const client of [at.own, at.ofNode]) await succeeded(at, await client.writeContract(approval(at)))
  },
  async writeContractSync(at) {
    for (const client of [at.own, at.ofNode])
      expect((await client.writeContractSync(approval(at))).status).toBe('success')
  },
}

export function testWalletActions(fixture: () => Fixture): void {
  describe("viem's wallet actions", () => {
    let at: WalletAt | null = null
    testTable(
      rows,
      ({ own }) => Object.keys(walletActions(own)),
      () => (at ??= { ...fixture(), own: ownClient(fixture()), ofNode: nodeClient(fixture()) }),
    )
  })
}
