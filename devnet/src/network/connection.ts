/** How a command reaches the network: the URL it was given, else the network that runs in the data directory. */
import {
  type Account,
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { CliError, usageError } from '../output/errors.ts'
import { type DevAccount, deriveAccounts } from './accounts.ts'
import { type NetworkPaths, networkPaths } from './paths.ts'
import { readRunning } from './readyFile.ts'

/** Blocks come within milliseconds on a devnet; viem's own 4 s would make every command wait. */
const pollingIntervalMs = 50
const requestTimeoutMs = 30_000

export interface ConnectionOptions {
  /** Overrides everything. */
  readonly rpc: string | undefined
  readonly dataDir: string
  /** Which node of the running network to talk to, from 1. */
  readonly node: number
}

export interface Connection {
  readonly url: string
  readonly paths: NetworkPaths
  readonly accounts: readonly DevAccount[]
  readonly client: PublicClient<Transport, Chain>
  wallet(account: DevAccount): WalletClient<Transport, Chain, Account>
}

/** @throws CliError when nothing answers there. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const paths = networkPaths(options.dataDir)
  const url = options.rpc ?? runningUrl(paths, options.node)
  const transport = http(url, { timeout: requestTimeoutMs, retryCount: 0 })
  const chainId = await createPublicClient({ transport })
    .getChainId()
    .catch((error: Error) => {
      throw new CliError(`no node answers at ${url}`, {
        hint: 'start a network with npm start, or name one with --rpc URL',
        cause: error,
      })
    })
  const chain = defineChain({
    id: chainId,
    name: `Touchstone ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  })
  const shared = { chain, transport, pollingInterval: pollingIntervalMs }
  return {
    url,
    paths,
    accounts: deriveAccounts(readRunning(paths)?.mnemonic),
    client: createPublicClient(shared),
    wallet: (account) => createWalletClient({ ...shared, account: privateKeyToAccount(account.privateKey) }),
  }
}

/** `0` or `@0` for development account 0, or one of their addresses, or a private key. @throws CliError */
export function findAccount(accounts: readonly DevAccount[], text: string): DevAccount {
  if (/^0x[0-9a-f]{64}$/i.test(text))
    return { address: privateKeyToAccount(text as Hex).address, privateKey: text as Hex }
  const index = /^@?(\d+)$/.exec(text)?.[1]
  const found =
    index === undefined
      ? accounts.find(({ address }) => address.toLowerCase() === text.toLowerCase())
      : accounts[Number(index)]
  if (found !== undefined) return found
  throw usageError(
    `"${text}" is not an account to send from`,
    `write 0 to ${accounts.length - 1}, one of the addresses of \`devnet accounts\`, or a private key`,
  )
}

function runningUrl(paths: NetworkPaths, node: number): string {
  const running = readRunning(paths)
  if (running === null) return 'http://127.0.0.1:8545'
  const found = running.nodes.find(({ index }) => index === node)
  if (found === undefined)
    throw usageError(`there is no node ${node}`, `the running network has nodes 1 to ${running.nodes.length}`)
  return found.rpc
}
