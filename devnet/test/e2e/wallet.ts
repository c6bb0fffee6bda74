/**
 * The requests that MetaMask sends, in its order, and what it makes of the answers. Read in its sources: network-controller
 * (lookupNetwork, EIP-1559), eth-block-tracker, gas-fee-controller (eth_feeHistory), nonce-tracker, and
 * transaction-controller (gas, PendingTransactionTracker). It asks as a browser extension, so as a page of another site.
 */
import { createTestClient, type Hex, hexToBigInt, http, numberToHex, parseEther, parseGwei } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { chain, E2E_TIMEOUT_MS, type TestNetwork, until } from './harness.ts'

const extension = 'chrome-extension://nkbihfbeogaeaoehlefnkodbefgpgknn'
const receiver = '0x00000000000000000000000000000000000d0007'
/** PendingTransactionTracker: a transaction that is sent again and answered so is left as it is. */
const KNOWN_ERRORS = [/replacement transaction underpriced/, /known transaction/, /nonce too low/]

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

/** One account in the wallet, with the activity that it remembers. */
class Wallet {
  readonly #url: string
  readonly account: ReturnType<typeof privateKeyToAccount>
  /** Nonces of transactions that it has seen in a block. */
  readonly confirmed: number[] = []

  constructor(url: string, privateKey: Hex) {
    this.#url = url
    this.account = privateKeyToAccount(privateKey)
  }

  async ask(method: string, params: readonly unknown[] = []): Promise<Answer> {
    const id = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', origin: extension },
      body: JSON.stringify({ id, jsonrpc: '2.0', method, params }),
    })
    expect(response.headers.get('access-control-allow-origin')).toMatch(/^(\*|chrome-extension:)/)
    const answer = (await response.json()) as Answer & { readonly id: unknown }
    expect(answer.id).toBe(id)
    return answer
  }

  async result<T = Hex>(method: string, params: readonly unknown[] = []): Promise<T> {
    const { result, error } = await this.ask(method, params)
    if (error !== undefined) throw new Error(`${method}: ${error.code} ${error.message}`)
    return result as T
  }

  /** nonce-tracker: the count at the block it knows, unless it has seen higher nonces confirmed. */
  async nextNonce(): Promise<number> {
    const block = await this.result('eth_blockNumber')
    const count = await this.result('eth_getTransactionCount', [this.account.address, block])
    return Math.max(Number(count), ...this.confirmed.map((nonce) => nonce + 1))
  }

  /** The fields that its confirmation shows, and the signed bytes. */
  async sign(nonce: number, value: bigint): Promise<Hex> {
    const { address } = this.account
    expect(await this.result('eth_getCode', [receiver, 'latest'])).toBe('0x')
    const gas = await this.result('eth_estimateGas', [{ from: address, to: receiver, value: numberToHex(value) }])
    const history = await this.result<{ baseFeePerGas: Hex[]; reward: Hex[][] }>('eth_feeHistory', [
      '0x5',
      'latest',
      [10, 20, 30],
    ])
    const baseFee = hexToBigInt(history.baseFeePerGas.at(-1)!)
    return this.account.signTransaction({
      ...{ chainId: chain.id, type: 'eip1559', nonce, to: receiver, value, gas: hexToBigInt(gas) },
      ...{ maxFeePerGas: 2n * baseFee + parseGwei('2'), maxPriorityFeePerGas: parseGwei('1') },
    })
  }

  /** Asks until there is one, as with each block that it sees. */
  receipt(hash: Hex): Promise<Readonly<Record<string, Hex>>> {
    return until(`a receipt of ${hash}`, () =>
      this.result<Record<string, Hex> | null>('eth_getTransactionReceipt', [hash]),
    )
  }
}

export function walletFlows(network: () => TestNetwork): void {
  const walletOf = (node: number, account: number) =>
    new Wallet(network().ready.nodes[node - 1]!.rpc, network().ready.accounts[account]!.privateKey as Hex)

  describe('MetaMask', () => {
    it(
      'adds the network and switches to it',
      async () => {
        const wallet = walletOf(3, 5)
        // wallet_addEthereumChain takes a network whose own word is the id that the page named.
        expect(await wallet.result('eth_chainId')).toBe(numberToHex(chain.id))
        expect(await wallet.result('net_version')).toBe(String(chain.id))
        // EIP-1559 where the newest block has a base fee.
        const block = await wallet.result<Record<string, Hex>>('eth_getBlockByNumber', ['latest', false])
        expect(block['baseFeePerGas']).toMatch(/^0x[1-9a-f]/)
        expect(
          BigInt(await wallet.result('eth_getBalance', [wallet.account.address, block['number']])),
        ).toBeGreaterThan(parseEther('1'))
        const history = await wallet.result<Record<string, unknown[]>>('eth_feeHistory', [
          '0x5',
          'latest',
          [10, 20, 30],
        ])
        expect(history['baseFeePerGas']!.length).toBe(history['gasUsedRatio']!.length + 1)
        for (const tips of history['reward'] as Hex[][]) expect(tips).toHaveLength(3)
        // Where the history is of no use to it.
        expect(await wallet.result('eth_gasPrice')).toMatch(/^0x[1-9a-f]/)
      },
      E2E_TIMEOUT_MS,
    )

    it(
      'sends, sees it confirmed, and is told the same when it sends it again',
      async () => {
        const wallet = walletOf(3, 5)
        const raw = await wallet.sign(await wallet.nextNonce(), 1n)
        const hash = await wallet.result('eth_sendRawTransaction', [raw])
        const receipt = await wallet.receipt(hash)
        expect(receipt).toMatchObject({
          status: '0x1',
          transactionHash: hash,
          from: wallet.account.address.toLowerCase(),
        })
        const block = await wallet.result<Record<string, Hex>>('eth_getBlockByHash', [receipt['blockHash'], false])
        expect([block['number'], block['hash']]).toEqual([receipt['blockNumber'], receipt['blockHash']])
        expect(BigInt(block['timestamp']!)).toBeGreaterThan(0n)
        const again = await wallet.ask('eth_sendRawTransaction', [raw])
        expect(KNOWN_ERRORS.some((words) => words.test(again.error!.message))).toBe(true)
        // The extension has keys of its own and never asks for those of the node, nor for controls.
        for (const method of ['eth_sendTransaction', 'evm_snapshot', 'anvil_setBalance', 'anvil_loadState'])
          expect((await wallet.ask(method, [])).error!.code).toBe(4100)
      },
      E2E_TIMEOUT_MS,
    )

    it(
      'comes to terms with a chain that went back, once its activity is cleared',
      async () => {
        const wallet = walletOf(3, 6)
        const tests = createTestClient({
          ...{ mode: 'anvil', chain, pollingInterval: 50 },
          transport: http(network().ready.nodes[2]!.rpc, { retryCount: 0, timeout: E2E_TIMEOUT_MS }),
        })
        const id = await tests.snapshot()
        const nonce = await wallet.nextNonce()
        const before = BigInt(await wallet.result('eth_blockNumber'))
        const first = await wallet.result('eth_sendRawTransaction', [await wallet.sign(nonce, 1n)])
        await wallet.receipt(first)
        wallet.confirmed.push(nonce)
        await tests.revert({ id })
        // Numbers of blocks go on, so that no block it knows is unknown to the node.
        expect(BigInt(await wallet.result('eth_blockNumber'))).toBeGreaterThan(before + 1n)
        expect(await wallet.nextNonce()).toBe(nonce + 1)
        const early = await wallet.result('eth_sendRawTransaction', [await wallet.sign(nonce + 1, 2n)])
        expect(await wallet.result('eth_getTransactionReceipt', [early])).toBe(null)
        expect(await wallet.result('txpool_status')).toEqual({ pending: '0x0', queued: '0x1' })
        // Not dropped: its nonce is not below that of the network.
        expect(Number(await wallet.result('eth_getTransactionCount', [wallet.account.address]))).toBe(nonce)
        wallet.confirmed.length = 0
        expect(await wallet.nextNonce()).toBe(nonce)
        const second = await wallet.result('eth_sendRawTransaction', [await wallet.sign(nonce, 3n)])
        expect(await wallet.receipt(second)).toMatchObject({ status: '0x1' })
        expect(await wallet.receipt(early)).toMatchObject({ status: '0x1' })
      },
      E2E_TIMEOUT_MS,
    )
  })
}
