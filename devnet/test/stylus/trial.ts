/** Contracts of a network as a user of viem meets them, and the tool that deploys them. */
import { readFileSync } from 'node:fs'
import { codeOf, initCodeOf } from '@touchstone/contracts'
import {
  type Abi,
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  concat,
  decodeEventLog,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  parseAbiParameters,
  type TransactionReceipt,
  toHex,
} from 'viem'
import type { TestNetwork } from '../e2e/harness.ts'
import { type CargoStylus, deployedAt, deployedBy, expectThat } from './cargoStylus.ts'

const GAS = 10_000_000n

export interface Deployed {
  readonly address: Address
  readonly abi: Abi
}

export class Trial {
  readonly nodes: TestNetwork
  readonly cargo: CargoStylus
  readonly endpoint: readonly string[]
  readonly key: readonly string[]
  /** The account that the tool signs for. */
  readonly deployer: Address
  /** The account of {@link send}. */
  readonly sender: Address
  readonly #client: ReturnType<TestNetwork['client']>
  readonly #wallet: ReturnType<TestNetwork['wallet']>

  constructor(nodes: TestNetwork, cargo: CargoStylus) {
    this.nodes = nodes
    this.cargo = cargo
    this.endpoint = ['--endpoint', nodes.ready.nodes[0]!.rpc]
    this.key = ['--private-key', nodes.ready.accounts[0]!.privateKey]
    this.deployer = nodes.ready.accounts[0]!.address as Address
    this.#client = nodes.client(1)
    this.#wallet = nodes.wallet(1, 1)
    this.sender = this.#wallet.account.address
  }

  /** By the tool, in a project; it then finds by the transaction what it built. */
  async deployByTool(cargo: CargoStylus, constructorArgs: readonly string[]): Promise<Address> {
    await cargo.passes('check', this.endpoint, /contract size/)
    const args = constructorArgs.length === 0 ? [] : ['--constructor-args', ...constructorArgs]
    const words = ['--no-verify', ...this.endpoint, ...this.key, ...args]
    const said = await cargo.passes('deploy', words, /deployed code at address/)
    const verified = ['--no-verify', '--skip-clean', '--deployment-tx', deployedBy(said), ...this.endpoint]
    await cargo.passes('verify', verified, /Verification successful/)
    return deployedAt(said)
  }

  /** By viem: a module, with the constructor's arguments where it has one. */
  async deployModule(file: string, args: { readonly types: string; readonly values: readonly unknown[] } | null) {
    const code = codeOf(readFileSync(file))
    if (args === null) return this.#create(toHex(initCodeOf(code, 'store')))
    const encoded = encodeAbiParameters(parseAbiParameters(args.types), args.values as never)
    return this.#create(concat([toHex(initCodeOf(code, 'construct')), encoded]))
  }

  /** Of a build of ours. */
  async deployArtifact(file: string, args: readonly unknown[]): Promise<Deployed> {
    const { abi, bytecode } = JSON.parse(readFileSync(file, 'utf8')) as { abi: Abi; bytecode: Hex }
    const hash = await this.#wallet.deployContract({ abi, bytecode, args: [...args] })
    const { status, contractAddress } = await this.#client.waitForTransactionReceipt({ hash })
    expectThat(status === 'success' && contractAddress != null, `${file} is not deployed`)
    return { address: contractAddress!, abi }
  }

  async #create(data: Hex): Promise<Address> {
    const hash = await this.#wallet.sendTransaction({ data })
    const { status, contractAddress } = await this.#client.waitForTransactionReceipt({ hash })
    expectThat(status === 'success' && contractAddress != null, `the creation ended with ${status}`)
    return contractAddress!
  }

  read({ address, abi }: Deployed, functionName: string, args: readonly unknown[] = []): Promise<unknown> {
    return this.#client.readContract({ address, abi, functionName, args: [...args], account: this.sender })
  }

  async send(
    to: Deployed,
    functionName: string,
    args: readonly unknown[] = [],
    value = 0n,
  ): Promise<TransactionReceipt> {
    const { address, abi } = to
    const data = encodeFunctionData({ abi, functionName, args: [...args] })
    const hash = await this.#wallet.sendTransaction({ to: address, data, value })
    const receipt = await this.#client.waitForTransactionReceipt({ hash })
    expectThat(receipt.status === 'success', `${functionName}(${args.join()}) ended with ${receipt.status}`)
    return receipt
  }

  /** A plain transfer. */
  async pay(to: Address, value: bigint): Promise<void> {
    const hash = await this.#wallet.sendTransaction({ to, value })
    const { status } = await this.#client.waitForTransactionReceipt({ hash })
    expectThat(status === 'success', `the payment to ${to} ended with ${status}`)
  }

  /** Its receipt, of a transaction that fails in its block. */
  async sendInVain(to: Deployed, functionName: string, args: readonly unknown[] = []): Promise<TransactionReceipt> {
    const { address, abi } = to
    const data = encodeFunctionData({ abi, functionName, args: [...args] })
    const hash = await this.#wallet.sendTransaction({ to: address, data, gas: GAS })
    const receipt = await this.#client.waitForTransactionReceipt({ hash })
    expectThat(receipt.status === 'reverted', `${functionName}(${args.join()}) did not fail`)
    return receipt
  }

  async expectRead(to: Deployed, functionName: string, args: readonly unknown[], wanted: unknown): Promise<void> {
    const found = await this.read(to, functionName, args)
    expectThat(
      shown(found) === shown(wanted),
      `${functionName}(${args.join()}) is ${shown(found)}, not ${shown(wanted)}`,
    )
  }

  /** The call reverts with a custom error of the ABI and these arguments. */
  async expectError(
    to: Deployed,
    functionName: string,
    args: readonly unknown[],
    name: string,
    fields: readonly unknown[],
  ) {
    const { data, words } = await this.#refusal(to, functionName, args)
    expectThat(
      data?.errorName === name && shown(data.args) === shown(fields),
      `${functionName}(${args.join()}) gives ${data === undefined ? words : `${data.errorName} ${shown(data.args)}`}`,
    )
  }

  /** The call reverts with such a text. */
  async expectReason(to: Deployed, functionName: string, text: RegExp): Promise<void> {
    const { reason, words } = await this.#refusal(to, functionName, [])
    expectThat(reason !== undefined && text.test(reason), `${functionName}() gives ${reason ?? words}`)
  }

  async #refusal(
    { address, abi }: Deployed,
    functionName: string,
    args: readonly unknown[],
  ): Promise<Partial<Pick<ContractFunctionRevertedError, 'data' | 'reason'>> & { readonly words: string }> {
    const request = { address, abi, functionName, args: [...args], account: this.sender }
    const thrown = await this.#client.simulateContract(request).then(
      () => null,
      (error: unknown) => error,
    )
    const cause =
      thrown instanceof BaseError ? thrown.walk((step) => step instanceof ContractFunctionRevertedError) : null
    const { data, reason } = (cause ?? {}) as ContractFunctionRevertedError
    return { data, reason, words: String(thrown) }
  }
}

/** @throws Error where the receipt has no such log of the contract */
export function expectEvent(receipt: TransactionReceipt, of: Deployed, name: string, fields: object): void {
  const found = receipt.logs
    .filter(({ address }) => address.toLowerCase() === of.address.toLowerCase())
    .map(({ data, topics }) => decodeEventLog({ abi: of.abi, data, topics }))
  const has = found.some(({ eventName, args }) => eventName === name && shown(args) === shown(fields))
  expectThat(has, `there is no ${name} ${shown(fields)} in ${shown(found)}`)
}

/** Addresses in small letters, so that one is like another. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_key, part) => {
    if (typeof part === 'bigint') return part.toString()
    return typeof part === 'string' && part.startsWith('0x') ? part.toLowerCase() : part
  })
}
