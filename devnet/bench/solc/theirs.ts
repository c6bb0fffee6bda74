/** Solidity's side: anvil or hardhat, over their RPC. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Abi, encodeDeployData, encodeFunctionData, type Hex, toHex } from 'viem'
import { account, type SendOptions } from '../../../contracts/test/testChain.ts'
import type { RpcClient } from '../rpc/jsonRpc.ts'
import { RECEIPT_TIMEOUT_MS } from '../rpc/loadTask.ts'
import type { Called, ContractName, Stage } from './calls.ts'
import type { SolcContract } from './compile.ts'

const ACCOUNTS = 4
const RICH = 10n ** 24n
/** Enough for either creation, and less than a transaction may have (EIP-7825). */
const GAS_LIMIT = 5_000_000n
const RECEIPT_POLL_MS = 5

interface Receipt extends Pick<Called, 'logs'> {
  readonly status: Hex
  readonly gasUsed: Hex
  readonly contractAddress: Hex | null
}

export class TheirStage implements Stage {
  readonly #client: RpcClient
  readonly #compiled: Readonly<Record<ContractName, SolcContract>>
  readonly #addresses = new Map<ContractName, Hex>()

  private constructor(client: RpcClient, compiled: Readonly<Record<ContractName, SolcContract>>) {
    this.#client = client
    this.#compiled = compiled
  }

  /** Makes the accounts that {@link Stage} promises, with the names of these methods that hardhat and anvil both have. */
  static async open(client: RpcClient, compiled: Readonly<Record<ContractName, SolcContract>>): Promise<TheirStage> {
    for (let i = 0; i < ACCOUNTS; i++) {
      await client.call('hardhat_setBalance', [account(i), toHex(RICH)])
      await client.call('hardhat_impersonateAccount', [account(i)])
    }
    return new TheirStage(client, compiled)
  }

  async deploy(name: ContractName, args: readonly unknown[]): Promise<void> {
    const { abi, bytecode } = this.#compiled[name]
    const { contractAddress } = await this.#send({ data: encodeDeployData({ abi, bytecode, args }) })
    if (contractAddress === null) throw new Error(`${name}: the receipt of its creation names no address`)
    this.#addresses.set(name, contractAddress)
  }

  async call(
    name: ContractName,
    functionName: string,
    args: readonly unknown[] = [],
    options: SendOptions = {},
  ): Promise<Called> {
    const abi: Abi = this.#compiled[name].abi
    const data = encodeFunctionData({ abi, functionName, args })
    const { gasUsed, logs } = await this.#send({ to: this.#addresses.get(name)!, data, ...options })
    return { gasUsed: BigInt(gasUsed), logs }
  }

  async passTime(seconds: number): Promise<void> {
    await this.#client.call('evm_increaseTime', [seconds])
  }

  async #send({ from = account(0), value = 0n, ...rest }: SendOptions & { data: Hex; to?: Hex }): Promise<Receipt> {
    const transaction = { ...rest, from, value: toHex(value), gas: toHex(GAS_LIMIT) }
    const hash = await this.#client.call('eth_sendTransaction', [transaction])
    const deadline = performance.now() + RECEIPT_TIMEOUT_MS
    for (;;) {
      const receipt = (await this.#client.call('eth_getTransactionReceipt', [hash])) as Receipt | null
      if (receipt?.status === '0x1') return receipt
      if (receipt !== null) throw new Error(`a transaction failed: ${JSON.stringify(transaction)}`)
      if (performance.now() > deadline) throw new Error(`a transaction stalls: ${JSON.stringify(transaction)}`)
      await sleep(RECEIPT_POLL_MS)
    }
  }
}
