/** Starts one server, has the load program ask and send, and gives what that took. */
import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { encodeDeployData, encodeFunctionData, type Hex, keccak256, parseAbi, parseEther, parseGwei, toHex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { type RpcClient, rpcClient } from './jsonRpc.ts'
import { type LoadResult, type LoadTask, RECEIPT_TIMEOUT_MS } from './loadTask.ts'
import { usageOfTree } from './processTree.ts'
import { type Subject, start } from './subjects.ts'

const LOAD = fileURLToPath(new URL('load.ts', import.meta.url))
const START_TIMEOUT_MS = 60_000
const START_POLL_MS = 2
/** Before what idles is looked at. */
const IDLE_MS = 2_000
const ABI = parseAbi([
  'constructor(string name, string symbol, uint256 supply)',
  'function transfer(address to, uint256 value) returns (bool)',
  'function balanceOf(address owner) view returns (uint256)',
])
/** The first account of the mnemonic that hardhat, anvil and `devnet up` share: it has ether in each of them. */
const OWNER = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const GAS_LIMIT = 300_000n
const DEPLOY_GAS_LIMIT = 12_000_000n
const MAX_FEE = parseGwei('50')
const TIP = parseGwei('1')

export interface Sizes {
  readonly transactions: number
  readonly senders: number
  /** One at a time, of each kind. */
  readonly receipts: number
  readonly calls: number
}

/** Milliseconds and MiB; null where it did not work, or this system does not say. */
export interface Figures {
  readonly coldStart: number
  readonly tokensPerSecond: number | null
  readonly processorPerTransfer: number | null
  readonly receipt: number | null
  readonly tokenReceipt: number | null
  readonly slowSend: number | null
  readonly call: number | null
  readonly estimate: number | null
  readonly idleMemory: number | null
  readonly loadedMemory: number | null
}

/** @param say what did not work */
export async function measure(
  subject: Subject,
  { port, home, sizes, say }: { port: number; home: string; sizes: Sizes; say: (line: string) => void },
): Promise<Figures> {
  const load = fork(LOAD, { stdio: 'inherit' })
  const began = performance.now()
  const running = start(subject, port, home)
  const url = `http://127.0.0.1:${port}`
  const client = rpcClient(url)
  try {
    await answers(client)
    const coldStart = performance.now() - began
    await sleep(IDLE_MS)
    const idle = usageOfTree(running.pid)
    const run = async (task: LoadTask): Promise<LoadResult | null> => {
      const result = await ask(load, task)
      for (const failure of result.failures) say(`${subject.name}: ${task.kind}: ${failure}`)
      return result.failures.length === 0 ? result : null
    }
    const world = await prepare(client, subject, sizes)

    const receipts = await run({ kind: 'receipts', url, transactions: await world.transfers(sizes.receipts) })
    const tokenReceipts = await run({ kind: 'receipts', url, transactions: await world.tokens(0, sizes.receipts) })
    const question = { from: world.senders[0]!.address, to: world.token }
    const balance = encodeFunctionData({ abi: ABI, functionName: 'balanceOf', args: [OWNER.address] })
    const ask1 = (method: string, data: Hex, ...rest: unknown[]) =>
      run({ kind: 'repeat', url, method, params: [{ ...question, data }, ...rest], times: sizes.calls })
    const calls = await ask1('eth_call', balance, 'latest')
    const estimates = await ask1('eth_estimateGas', transferData(OWNER.address, 1n))

    const each = Math.ceil(sizes.transactions / sizes.senders)
    const queues = await Promise.all(world.senders.map((_, i) => world.tokens(i, each)))
    const before = usageOfTree(running.pid)
    const burst = await run({ kind: 'burst', url, queues })
    const after = usageOfTree(running.pid)
    const count = each * sizes.senders
    return {
      coldStart,
      tokensPerSecond: burst && (count / burst.milliseconds) * 1_000,
      processorPerTransfer: burst && before && after && (after.processorMs - before.processorMs) / count,
      receipt: receipts && percentile(receipts.each, 50),
      tokenReceipt: tokenReceipts && percentile(tokenReceipts.each, 50),
      slowSend: burst && percentile(burst.each, 99),
      call: calls && percentile(calls.each, 50),
      estimate: estimates && percentile(estimates.each, 50),
      idleMemory: idle && idle.residentBytes / 2 ** 20,
      loadedMemory: after && after.residentBytes / 2 ** 20,
    }
  } finally {
    client.close()
    load.disconnect()
    await running.stop()
  }
}

async function answers(client: RpcClient): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    try {
      await client.call('eth_blockNumber', [])
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(START_POLL_MS)
    }
  }
}

interface World {
  readonly token: Hex
  readonly senders: readonly PrivateKeyAccount[]
  /** Signed plain transfers of the owner. */
  transfers(count: number): Promise<string[]>
  /** Signed token transfers of a sender, to accounts that have tokens already. */
  tokens(sender: number, count: number): Promise<string[]>
}

/** Deploys the token, and gives each sender ether and tokens. */
async function prepare(client: RpcClient, subject: Subject, sizes: Sizes): Promise<World> {
  const chainId = subject.token === null ? 1 : Number(await client.call('eth_chainId', []))
  const nonces = new Map<string, number>()
  const sign = (
    account: PrivateKeyAccount,
    to: Hex | null,
    { value = 0n, data = '0x' as Hex, gas = GAS_LIMIT } = {},
  ) => {
    const nonce = nonces.get(account.address) ?? 0
    nonces.set(account.address, nonce + 1)
    const fees = { maxFeePerGas: MAX_FEE, maxPriorityFeePerGas: TIP }
    return account.signTransaction({ type: 'eip1559', chainId, nonce, to, value, data, gas, ...fees })
  }
  const settle = async (raw: string) => {
    const hash = await client.call('eth_sendRawTransaction', [raw])
    const deadline = performance.now() + RECEIPT_TIMEOUT_MS
    for (;;) {
      const receipt = (await client.call('eth_getTransactionReceipt', [hash])) as Receipt | null
      if (receipt?.status === '0x1') return receipt
      if (receipt !== null) throw new Error(`${subject.name}: a transaction of the preparation failed`)
      if (performance.now() > deadline) throw new Error(`${subject.name}: a transaction of the preparation stalls`)
      await sleep(START_POLL_MS)
    }
  }
  const senders = Array.from({ length: sizes.senders }, (_, i) => privateKeyToAccount(keccak256(toHex(`sender ${i}`))))
  const args = ['Token', 'TKN', parseEther('1000000')] as const
  const data = encodeDeployData({ abi: ABI, bytecode: subject.token ?? '0x00', args })
  const { contractAddress } = await settle(await sign(OWNER, null, { data, gas: DEPLOY_GAS_LIMIT }))
  const token = contractAddress ?? OWNER.address
  for (const { address } of senders) {
    await settle(await sign(OWNER, address, { value: parseEther('100') }))
    await settle(await sign(OWNER, token, { data: transferData(address) }))
  }
  const many = (count: number, one: () => Promise<string>) => Promise.all(Array.from({ length: count }, one))
  return {
    token,
    senders,
    transfers: (count) => many(count, () => sign(OWNER, senders[0]!.address, { value: 1n })),
    tokens(sender, count) {
      const to = transferData(senders[(sender + 1) % senders.length]!.address, 1n)
      return many(count, () => sign(senders[sender]!, token, { data: to }))
    },
  }
}

interface Receipt {
  readonly status: string
  readonly contractAddress?: Hex | null
}

function transferData(to: Hex, value = parseEther('1')): Hex {
  return encodeFunctionData({ abi: ABI, functionName: 'transfer', args: [to, value] })
}

function ask(load: ChildProcess, task: LoadTask): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    load.once('message', (result) => resolve(result as LoadResult))
    load.send(task, (error) => error !== null && reject(error))
  })
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]!
}
