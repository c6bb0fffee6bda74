/** A network of real node processes for a test, and what the tests ask of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPublicClient, createWalletClient, defineChain, type Hex, http, type PublicClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { freePortRange, type Network, type NetworkOptions, startNetwork } from '../../src/index.ts'

export const chain = defineChain({
  id: 31337,
  name: 'Touchstone',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: ['http://127.0.0.1:8545'] } },
})

/** Long enough for a loaded two-core machine; a test that reaches it has failed. */
export const E2E_TIMEOUT_MS = 120_000
const POLL_MS = 50

export interface TestNetwork extends Network {
  readonly dataDir: string
  /** A viem client of node 1, 2, ... */
  client(node: number): PublicClient
  /** A viem wallet of development account `account`, through a node. */
  wallet(node: number, account: number): ReturnType<typeof makeWallet>
  /** Stops the nodes and deletes the directory. */
  dispose(): Promise<void>
}

export async function startTestNetwork(overrides: Partial<NetworkOptions> = {}): Promise<TestNetwork> {
  const dataDir = overrides.dataDir ?? mkdtempSync(join(tmpdir(), 'touchstone-e2e-'))
  const nodes = overrides.nodes ?? 4
  const port = overrides.port ?? (await freePortRange('127.0.0.1', nodes))
  const options: NetworkOptions = {
    dataDir,
    nodes,
    port,
    host: '127.0.0.1',
    reset: false,
    blockTimeMs: undefined,
    logLevel: 'info',
    engine: 'mixed',
    // A loaded machine is slow, and no test is about that.
    calls: { callTimeout: E2E_TIMEOUT_MS },
    ...overrides,
  }
  const network = await startNetwork(options, () => {})
  const url = (node: number) => `http://127.0.0.1:${port + node - 1}`
  return {
    ...network,
    dataDir,
    client: (node) =>
      createPublicClient({
        chain,
        transport: http(url(node), { retryCount: 0, timeout: E2E_TIMEOUT_MS }),
        pollingInterval: POLL_MS,
      }),
    wallet: (node, account) => makeWallet(url(node), network.ready.accounts[account]!.privateKey as Hex),
    async dispose() {
      await network.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function makeWallet(url: string, privateKey: Hex) {
  return createWalletClient({
    account: privateKeyToAccount(privateKey),
    chain,
    transport: http(url, { retryCount: 0, timeout: E2E_TIMEOUT_MS }),
    pollingInterval: POLL_MS,
  })
}

/** Waits until `check` gives something, polling. @throws Error naming what was waited for. */
export async function until<T>(
  what: string,
  check: () => Promise<T | null | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let last: unknown = null
  while (Date.now() < deadline) {
    try {
      const value = await check()
      if (value) return value
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`, { cause: last })
}

/** Every node has reached `height`, and for every height up to it all give the same block. Returns the headers of node 1. */
export async function expectSameChain(network: TestNetwork, height: bigint, nodes: readonly number[]): Promise<void> {
  await until(`nodes ${nodes.join(', ')} at height ${height}`, async () => {
    const heights = await Promise.all(nodes.map((node) => network.client(node).getBlockNumber({ cacheTime: 0 })))
    return heights.every((own) => own >= height)
  })
  for (let number = 0n; number <= height; number++) {
    const blocks = await Promise.all(nodes.map((node) => network.client(node).getBlock({ blockNumber: number })))
    const [first, ...others] = blocks.map(({ hash, stateRoot, receiptsRoot }) => ({
      number,
      hash,
      stateRoot,
      receiptsRoot,
    }))
    for (const other of others) {
      if (JSON.stringify(other, text) !== JSON.stringify(first, text)) {
        throw new Error(`the nodes disagree: ${JSON.stringify(blocks, text)}`)
      }
    }
  }
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
