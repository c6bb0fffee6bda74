/**
 * Bundled into the page of page.ts: a dapp's own code, and a wallet's provider (EIP-1193) that signs with the node's
 * accounts.
 */
import {
  createPublicClient,
  createWalletClient,
  custom,
  defineChain,
  type EIP1193RequestFn,
  type Hex,
  http,
  type PublicClient,
  type RpcError,
  type WalletClient,
  webSocket,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

interface Place {
  readonly rpc: string
  readonly ws: string
}

const chain = defineChain({
  id: 31337,
  name: 'Touchstone',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: ['http://127.0.0.1:8545'] } },
})
const receiver = '0x00000000000000000000000000000000000d0008'
const POLL_MS = 100
/** A node takes some seconds to start. */
const reconnect = { attempts: 1_000, delay: 200 }
let reader: PublicClient
let wallet: WalletClient
let account: Hex
/** The newest block that each way of watching has shown. */
const newest = { polling: 0n, socket: 0n }

/** Requests of the provider go to the node, by HTTP. */
function provider(url: string): { request: EIP1193RequestFn } {
  const { request } = http(url, { retryCount: 30, retryDelay: 200 })({ chain })
  return { request: request as EIP1193RequestFn }
}

async function connect({ rpc, ws }: Place): Promise<Hex> {
  const transport = custom(provider(rpc))
  reader = createPublicClient({ chain, transport, pollingInterval: POLL_MS, cacheTime: 0 })
  wallet = createWalletClient({ chain, transport })
  account = (await wallet.requestAddresses())[0]!
  reader.watchBlockNumber({
    emitOnBegin: true,
    onBlockNumber(number) {
      newest.polling = number
    },
  })
  const socket = createPublicClient({ chain, transport: webSocket(ws, { reconnect }) })
  await socket.transport.subscribe({
    params: ['newHeads'],
    onData({ result }) {
      newest.socket = BigInt((result as { readonly number: Hex }).number)
    },
  })
  return account
}

async function read(): Promise<object> {
  return { chainId: await wallet.getChainId(), hasBalance: (await reader.getBalance({ address: account })) > 0n }
}

async function send(): Promise<object> {
  const hash = await wallet.sendTransaction({ account, chain, to: receiver, value: 1n })
  const { status, blockNumber } = await reader.waitForTransactionReceipt({ hash })
  return { status, number: String(blockNumber) }
}

/**
 * Sends until both ways of watching have come to the block of what was sent; over a WebSocket that was cut, only later
 * ones come.
 */
async function watch(): Promise<string> {
  for (;;) {
    const { number } = (await send()) as { readonly number: string }
    const isThere = () => newest.polling >= BigInt(number) && newest.socket >= BigInt(number)
    for (let looked = 0; looked < 20; looked++) {
      if (isThere()) return number
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

async function asStranger({ rpc, ws, key }: Place & { readonly key: Hex }): Promise<object> {
  const own = createPublicClient({ chain, transport: http(rpc, { retryCount: 0 }), pollingInterval: POLL_MS })
  const local = createWalletClient({ account: privateKeyToAccount(key), chain, transport: http(rpc) })
  const hash = await local.sendTransaction({ to: receiver, value: 1n })
  const { status } = await own.waitForTransactionReceipt({ hash })
  const codeOf = async (asked: Promise<unknown>): Promise<number | null> => {
    try {
      await asked
      return null
    } catch (error) {
      return (error as RpcError).code
    }
  }
  const raw = (client: PublicClient, method: string, params: readonly unknown[]): Promise<unknown> =>
    client.request({ method, params } as never)
  const request = { from: local.account.address, to: receiver, value: '0x1' }
  const socket = createPublicClient({ chain, transport: webSocket(ws, { retryCount: 0 }) })
  return {
    ...{ chainId: await own.getChainId(), accounts: await raw(own, 'eth_accounts', []), signed: status },
    sent: await codeOf(raw(own, 'eth_sendTransaction', [request])),
    controlled: await codeOf(raw(own, 'evm_snapshot', [])),
    overSocket: await codeOf(raw(socket as PublicClient, 'evm_snapshot', [])),
  }
}

Object.assign(globalThis, { dapp: { connect, read, send, watch, asStranger } })
