/** How a command reaches the network: the URL it was given, else the network that runs in the data directory. */
import {
  type Account,
  BaseError,
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  HttpRequestError,
  http,
  type PublicClient,
  ResponseBodyTooLargeError,
  RpcRequestError,
  TimeoutError,
  type Transport,
  type WalletClient,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { CliError, unreachableError, usageError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import type { DevAccount } from './accounts.ts'
import { requireRunning } from './awayNode.ts'
import { devAccounts } from './devAccounts.ts'
import { MAX_ANSWER_BYTES } from './limits.ts'
import { type NetworkPaths, networkPaths } from './paths.ts'
import { readRunning } from './readyFile.ts'

/** Blocks come within milliseconds on a devnet; viem's own 4 s would make every command wait. */
const POLLING_INTERVAL_MS = 50
const REQUEST_TIMEOUT_MS = 30_000

/** UTF-16 units of what a node says that are shown. */
const MAX_REFUSAL = 1_000

/** Where a node is asked when nobody said where, and no network runs in the folder that is looked in then. */
const defaultUrl = 'http://127.0.0.1:8545'

export interface ConnectionOptions {
  /** Overrides everything. */
  readonly rpc: string | undefined
  readonly dataDir: string
  /** Whether somebody said that it is this folder: then no other network is meant. */
  readonly dataIsGiven: boolean
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

/** `note` hears where a node is asked that nobody named. @throws CliError when nothing answers there. */
export async function connect(options: ConnectionOptions, note: (line: string) => void): Promise<Connection> {
  const paths = networkPaths(options.dataDir)
  const { url, hint } = options.rpc === undefined ? nodeOf(paths, options, note) : { url: options.rpc, hint: rpcHint }
  const transport = http(url, { timeout: REQUEST_TIMEOUT_MS, retryCount: 0, maxResponseBodySize: MAX_ANSWER_BYTES })
  const chainId = await createPublicClient({ transport })
    .getChainId()
    .catch((error: Error) => {
      throw unreachableError(`no node answers at ${url}`, hint, error)
    })
  const chain = defineChain({
    id: chainId,
    name: `Touchstone ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  })
  const shared = { chain, transport, pollingInterval: POLLING_INTERVAL_MS }
  return {
    url,
    paths,
    accounts: await devAccounts(readRunning(paths)?.mnemonic),
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

const startHint = 'start a network with npm start, or name one with --data DIR or --rpc URL'
const rpcHint = 'look whether the URL is right and a node runs there'

interface Place {
  readonly url: string
  /** Advice for when nobody answers. */
  readonly hint: string
}

/** @throws CliError */
function nodeOf(paths: NetworkPaths, { node, dataIsGiven }: ConnectionOptions, note: (line: string) => void): Place {
  const running = readRunning(paths)
  if (running === null) {
    if (dataIsGiven) throw unreachableError(`no network runs in ${paths.root}`, startHint)
    note(`no network runs in ${paths.root}; asking ${defaultUrl}`)
    return { url: defaultUrl, hint: startHint }
  }
  const found = running.nodes.find(({ index }) => index === node)
  if (found === undefined)
    throw usageError(`there is no node ${node}`, `the running network has nodes 1 to ${running.nodes.length}`)
  requireRunning(found)
  return { url: found.rpc, hint: 'see `npx devnet status`, or ask another node with --node N' }
}

/**
 * For what was asked of a node in the middle of a command, and not answered or refused; null for any other error.
 */
export function nodeFailure(error: unknown): CliError | null {
  if (!(error instanceof BaseError)) return null
  if (error.walk((cause) => cause instanceof ResponseBodyTooLargeError) !== null)
    return new CliError(`the node's answer has more than ${MAX_ANSWER_BYTES} bytes, and is not taken`, { cause: error })
  const silent = error.walk((cause) => cause instanceof HttpRequestError || cause instanceof TimeoutError)
  if (silent !== null) {
    const { url } = silent as HttpRequestError
    const why = silent instanceof TimeoutError ? 'did not answer in time' : 'does not answer any more'
    return unreachableError(`the node${url === undefined ? '' : ` at ${url}`} ${why}`, startHint, error)
  }
  const refusal = error.walk((cause) => cause instanceof RpcRequestError) as RpcRequestError | null
  if (refusal === null) return null
  const said = printable(refusal.details, MAX_REFUSAL)
  return new CliError(`the node refused: ${said}`, { details: { code: refusal.code }, cause: error })
}
