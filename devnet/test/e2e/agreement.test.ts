/**
 * Four real nodes agree on contract calls: deployed through one node, called through another, read through a third, by
 * viem and by ethers; and everything a node publishes is recomputed by independent libraries.
 */
import { createBlock } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createMPT, verifyMPTWithMerkleProof } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { createTxFromRLP } from '@ethereumjs/tx'
import { hexToBytes, bytesToHex as toHex } from '@ethereumjs/util'
import { ContractFactory, JsonRpcProvider, Wallet } from 'ethers'
import {
  type Abi,
  bytesToHex,
  type Hex,
  hexToBigInt,
  keccak256,
  pad,
  parseEther,
  type TransactionReceipt,
  toRlp,
} from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readExample } from './contracts.ts'
import { chain, E2E_TIMEOUT_MS, expectSameChain, startTestNetwork, type TestNetwork } from './harness.ts'

const nodes = [1, 2, 3, 4]
const token = readExample('token', 'Token')
const exchange = readExample('exchange', 'Exchange')
let network: TestNetwork

beforeAll(async () => {
  network = await startTestNetwork()
}, E2E_TIMEOUT_MS)
afterAll(() => network?.dispose())

async function deploy(node: number, artifact: { abi: Abi; bytecode: Hex }, args: readonly unknown[]): Promise<Hex> {
  const hash = await network.wallet(node, 0).deployContract({ abi: artifact.abi, bytecode: artifact.bytecode, args })
  return (await finalEverywhere(hash)).contractAddress!
}

/** Sends through one node and waits until every node has its block: what follows may be asked of any of them. */
async function send(
  through: number,
  account: number,
  address: Hex,
  abi: Abi,
  functionName: string,
  args: readonly unknown[],
) {
  const wallet = network.wallet(through, account)
  const hash = await wallet.writeContract({ address, abi, functionName, args, account: wallet.account, chain })
  return finalEverywhere(hash)
}

async function finalEverywhere(hash: Hex): Promise<TransactionReceipt> {
  const receipts = await Promise.all(nodes.map((node) => network.client(node).waitForTransactionReceipt({ hash })))
  for (const receipt of receipts) expect(receipt).toEqual(receipts[0])
  expect(receipts[0]!.status).toBe('success')
  return receipts[0]!
}

function read(
  node: number,
  address: Hex,
  abi: Abi,
  functionName: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  return network.client(node).readContract({ address, abi, functionName, args })
}

describe('four nodes', () => {
  const supply = parseEther('1000000')
  const alice = () => network.ready.accounts[0]!.address as Hex
  const bob = () => network.ready.accounts[1]!.address as Hex
  let gold: Hex
  let silver: Hex

  it('agree on the genesis before anything happens', async () => {
    await expectSameChain(network, 0n, nodes)
  })

  it(
    'run a token that viem deploys through node 1, transfers through node 2 and reads through node 3',
    async () => {
      gold = await deploy(1, token, ['Gold', 'GLD', supply])
      const receipt = await send(2, 0, gold, token.abi, 'transfer', [bob(), parseEther('25')])
      expect(receipt.logs).toHaveLength(1)
      expect(await read(3, gold, token.abi, 'balanceOf', [bob()])).toBe(parseEther('25'))
      expect(await read(4, gold, token.abi, 'name')).toBe('Gold')
      expect(await read(4, gold, token.abi, 'totalSupply')).toBe(supply)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'run an exchange that calls two tokens',
    async () => {
      silver = await deploy(2, token, ['Silver', 'SLV', supply])
      const market = await deploy(3, exchange, [gold, silver])
      await send(1, 0, gold, token.abi, 'approve', [market, supply])
      await send(2, 0, silver, token.abi, 'approve', [market, supply])
      const names = exchange.abi.filter((item) => item.type === 'function').map(({ name }) => name)
      expect(names).toEqual(expect.arrayContaining(['addLiquidity', 'swap']))
      await swapThroughEveryNode(market)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'serve ethers the same deployment and calls',
    async () => {
      const provider = new JsonRpcProvider(network.ready.nodes[3]!.rpc, undefined, { pollingInterval: 50 })
      const wallet = new Wallet(network.ready.accounts[5]!.privateKey, provider)
      const factory = new ContractFactory(token.abi as never, token.bytecode, wallet)
      const contract = await factory.deploy('Copper', 'CPR', supply)
      await contract.waitForDeployment()
      const copper = (await contract.getAddress()) as Hex
      const transfer = await contract.getFunction('transfer').send(bob(), 7n)
      const receipt = await transfer.wait()
      expect(receipt?.status).toBe(1)
      await finalEverywhere(transfer.hash as Hex)
      expect(await contract.getFunction('balanceOf').staticCall(bob())).toBe(7n)
      expect(await read(1, copper, token.abi, 'balanceOf', [bob()])).toBe(7n)
      provider.destroy()
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'tell a contract error by its name',
    async () => {
      const tooMuch = read(2, gold, token.abi, 'transferFrom', [bob(), alice(), 1n])
      await expect(tooMuch).rejects.toThrow(/ERC20InsufficientAllowance/)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'hold the same block, state root and receipts root at every height',
    async () => {
      const height = await network.client(1).getBlockNumber({ cacheTime: 0 })
      expect(height).toBeGreaterThan(5n)
      await expectSameChain(network, height, nodes)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'publish hashes and roots that @ethereumjs recomputes',
    async () => {
      const client = network.client(2)
      const height = await client.getBlockNumber({ cacheTime: 0 })
      for (let number = 1n; number <= height; number++) await recomputeBlock(number)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'prove accounts and storage to @ethereumjs',
    async () => {
      const client = network.client(4)
      const slots = [0n, 1n, 2n, 3n, 4n].map((slot) => pad(`0x${slot.toString(16)}` as Hex, { size: 32 }))
      const block = await client.getBlock()
      const proof = await client.getProof({ address: gold, storageKeys: slots, blockNumber: block.number })
      const account = await verifyMPTWithMerkleProof(
        await createMPT({ useKeyHashing: true, root: hexToBytes(block.stateRoot) }),
        hexToBytes(block.stateRoot),
        hexToBytes(gold),
        proof.accountProof.map((node) => hexToBytes(node)),
      )
      const [nonce, balance, storageRoot, codeHash] = RLP.decode(account!) as Uint8Array[]
      expect(toHex(storageRoot!)).toBe(proof.storageHash)
      expect(toHex(codeHash!)).toBe(proof.codeHash)
      expect(hexToBigInt(toHex(nonce!))).toBe(BigInt(proof.nonce))
      expect(balance!.length === 0 ? 0n : hexToBigInt(toHex(balance!))).toBe(proof.balance)
      const used = proof.storageProof.filter(({ value }) => value !== 0n)
      expect(used.length).toBeGreaterThan(0)
      for (const slot of used) {
        const value = await verifyMPTWithMerkleProof(
          await createMPT({ useKeyHashing: true, root: storageRoot! }),
          storageRoot!,
          hexToBytes(pad(slot.key, { size: 32 })),
          slot.proof.map((node) => hexToBytes(node)),
        )
        expect(hexToBigInt(toHex(RLP.decode(value!) as Uint8Array))).toBe(slot.value)
      }
    },
    E2E_TIMEOUT_MS,
  )

  async function swapThroughEveryNode(market: Hex): Promise<void> {
    await send(4, 0, market, exchange.abi, ...addLiquidityCall())
    for (const node of nodes) {
      const before = (await read(node, silver, token.abi, 'balanceOf', [alice()])) as bigint
      await send(node, 0, market, exchange.abi, ...swapCall())
      const after = (await read((node % 4) + 1, silver, token.abi, 'balanceOf', [alice()])) as bigint
      expect(after).toBeGreaterThan(before)
    }
  }

  function addLiquidityCall(): [string, readonly unknown[]] {
    return ['addLiquidity', [parseEther('1000'), parseEther('4000'), 0n, 0n, farFuture]]
  }

  function swapCall(): [string, readonly unknown[]] {
    return ['swap', [gold, parseEther('10'), 1n, farFuture]]
  }

  async function recomputeBlock(number: bigint): Promise<void> {
    const client = network.client(2)
    const block = await client.getBlock({ blockNumber: number, includeTransactions: true })
    const common = new Common({ chain: { ...Mainnet, chainId: chain.id }, hardfork: Hardfork.London })
    const raws = await Promise.all(
      block.transactions.map(({ hash }) =>
        client.request({ method: 'eth_getRawTransactionByHash' as never, params: [hash] as never }),
      ),
    )
    const transactions = raws.map((raw) => createTxFromRLP(hexToBytes(raw as Hex), { common }))
    transactions.forEach((transaction, index) => {
      expect(toHex(transaction.hash())).toBe(block.transactions[index]!.hash)
      expect(transaction.getSenderAddress().toString()).toBe(block.transactions[index]!.from)
    })
    const header = createBlock(
      {
        header: {
          parentHash: block.parentHash,
          uncleHash: block.sha3Uncles,
          coinbase: block.miner,
          stateRoot: block.stateRoot,
          transactionsTrie: block.transactionsRoot,
          receiptTrie: block.receiptsRoot,
          logsBloom: block.logsBloom!,
          difficulty: 0,
          number: block.number,
          gasLimit: block.gasLimit,
          gasUsed: block.gasUsed,
          timestamp: block.timestamp,
          extraData: block.extraData,
          mixHash: block.mixHash,
          nonce: block.nonce!,
          baseFeePerGas: block.baseFeePerGas!,
        },
        transactions: [],
      },
      { common, skipConsensusFormatValidation: true },
    ).header
    expect(toHex(header.hash())).toBe(block.hash)

    const transactionsTrie = await createMPT()
    const receiptsTrie = await createMPT()
    for (const [index, raw] of raws.entries()) {
      const key = RLP.encode(index)
      await transactionsTrie.put(key, hexToBytes(raw as Hex))
      const receipt = await client.getTransactionReceipt({ hash: block.transactions[index]!.hash })
      const payload = toRlp([
        receipt.status === 'success' ? '0x01' : '0x',
        minimal(receipt.cumulativeGasUsed),
        receipt.logsBloom,
        receipt.logs.map(({ address, topics, data }) => [address, [...topics], data]),
      ])
      const prefix = { legacy: '', eip2930: '01', eip1559: '02' }[receipt.type as string]
      expect(prefix).toBeDefined()
      await receiptsTrie.put(key, hexToBytes(`0x${prefix}${payload.slice(2)}`))
    }
    expect(toHex(transactionsTrie.root())).toBe(block.transactionsRoot)
    expect(toHex(receiptsTrie.root())).toBe(block.receiptsRoot)
    expect(raws.every((raw, index) => keccak256(raw as Hex) === block.transactions[index]!.hash)).toBe(true)
  }
})

/** A deadline no test reaches. */
const farFuture = 2n ** 64n - 1n

function minimal(value: bigint): Hex {
  if (value === 0n) return '0x'
  const digits = value.toString(16)
  return bytesToHex(hexToBytes(`0x${digits.length % 2 === 0 ? digits : `0${digits}`}`))
}
