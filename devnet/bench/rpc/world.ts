/** What a load needs on a chain: a token, senders with ether and tokens, and their signed transactions. */
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeDeployData, encodeFunctionData, type Hex, keccak256, parseAbi, parseEther, parseGwei, toHex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { RpcClient } from './jsonRpc.ts'
import { RECEIPT_TIMEOUT_MS } from './loadTask.ts'
import type { Subject } from './subjects.ts'

const RECEIPT_POLL_MS = 2
export const TOKEN_ABI = parseAbi([
  'constructor(string name, string symbol, uint256 supply)',
  'function transfer(address to, uint256 value) returns (bool)',
  'function balanceOf(address owner) view returns (uint256)',
])
/** The first account of the mnemonic that hardhat, anvil and `devnet up` share: it has ether in each of them. */
export const OWNER = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const GAS_LIMIT = 300_000n
const DEPLOY_GAS_LIMIT = 12_000_000n
const MAX_FEE = parseGwei('50')
const TIP = parseGwei('1')
/** Of each sender. */
const FUNDS = parseEther('100')

export interface World {
  readonly token: Hex
  readonly senders: readonly PrivateKeyAccount[]
  /** Signed plain transfers of the owner. */
  transfers(count: number): Promise<string[]>
  /** Signed token transfers of a sender, to accounts that have tokens already. */
  tokens(sender: number, count: number): Promise<string[]>
}

/** Deploys the token, and gives each sender ether and tokens. */
export async function prepare(
  client: RpcClient,
  subject: Pick<Subject, 'name' | 'token'>,
  count: number,
): Promise<World> {
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
      await sleep(RECEIPT_POLL_MS)
    }
  }
  const senders = Array.from({ length: count }, (_, i) => privateKeyToAccount(keccak256(toHex(`sender ${i}`))))
  const args = ['Token', 'TKN', parseEther('1000000')] as const
  const data = encodeDeployData({ abi: TOKEN_ABI, bytecode: subject.token ?? '0x00', args })
  const { contractAddress } = await settle(await sign(OWNER, null, { data, gas: DEPLOY_GAS_LIMIT }))
  const token = contractAddress ?? OWNER.address
  for (const { address } of senders) {
    await settle(await sign(OWNER, address, { value: FUNDS }))
    await settle(await sign(OWNER, token, { data: transferData(address) }))
  }
  const many = (times: number, one: () => Promise<string>) => Promise.all(Array.from({ length: times }, one))
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

export function transferData(to: Hex, value = parseEther('1')): Hex {
  return encodeFunctionData({ abi: TOKEN_ABI, functionName: 'transfer', args: [to, value] })
}
