/** A chain for tests, with viem's clients and what a test does to a chain from outside. */
import {
  type Abi,
  type Address,
  BaseError,
  type Chain,
  createTestClient,
  decodeEventLog,
  decodeFunctionResult,
  defineChain,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  type Hex,
  isHex,
  type PublicActions,
  publicActions,
  type TestClient,
  type TransactionReceipt,
  type Transport,
  type WalletActions,
  walletActions,
} from 'viem'
import { type Connection, connectTo, type InProcessOptions, startInProcess } from './connection.ts'
import type {
  CompiledContract,
  DecodedEvent,
  DeployParameters,
  Outcome,
  SendOptions,
  TestContract,
} from './contract.ts'
import { covered } from './coverage.ts'
import { GasReport } from './gasReport.ts'
import { Reverted, refusalOf, refusedByNode } from './reverted.ts'

/** Half of a block's: what a test sends needs no estimate. */
const DEFAULT_GAS = 15_000_000n
/** Milliseconds: blocks come within a few. */
const POLLING = 20

export interface TestChainOptions extends InProcessOptions {
  /** A network in dev mode to run on; TOUCHSTONE_RPC_URL unless said, and in this process if that is not set either. */
  readonly url?: string
}

/** viem's test, public and wallet client in one. */
export type Client = TestClient<'anvil', Transport, Chain> & PublicActions<Transport, Chain> & WalletActions<Chain>

/** A chain for tests, ready in tens of milliseconds. Close it at the end: `afterAll(() => chain.close())`. */
export async function createTestChain(options: TestChainOptions = {}): Promise<TestChain> {
  const { url = process.env['TOUCHSTONE_RPC_URL'], ...inProcess } = options
  const reached = url === undefined || url === '' ? await startInProcess(inProcess) : connectTo(url)
  const folder = process.env['TOUCHSTONE_COVERAGE']
  const connection = folder === undefined || folder === '' ? reached : coveredConnection(reached, folder)
  const bare = createTestClient({ mode: 'anvil', transport: connection.transport }).extend(publicActions)
  const id = await bare.getChainId()
  const chain = defineChain({
    ...{ id, name: 'Touchstone', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 } },
    rpcUrls: { default: { http: [] } },
  })
  const client: Client = createTestClient({
    ...{ mode: 'anvil', chain, transport: connection.transport, pollingInterval: POLLING, cacheTime: 0 },
  })
    .extend(publicActions)
    .extend(walletActions)
  return new TestChain(connection, client, await client.getAddresses())
}

/** The same, of which it is written what runs. */
function coveredConnection(connection: Connection, folder: string): Connection {
  const { transport, close } = covered(connection.transport, folder)
  return {
    ...connection,
    transport,
    async close() {
      await close()
      await connection.close()
    },
  }
}

/** A chain as a test has it: accounts, contracts, time, state to go back to. {@link createTestChain} makes one. */
export class TestChain {
  /** Ten accounts with 10 000 ether each, which the chain signs for. */
  readonly accounts: readonly Address[]
  /** viem's, for whatever is not here. */
  readonly client: Client
  readonly #connection: Connection
  readonly #abis: Abi[] = []
  readonly #gas = new GasReport()
  /** Tasks that run now and are not reported. */
  #uncounted = 0

  /** Use {@link createTestChain}. */
  constructor(connection: Connection, client: Client, accounts: readonly Address[]) {
    this.#connection = connection
    this.client = client
    this.accounts = accounts.map((address) => getAddress(address))
  }

  /** The texts that contracts printed, in order; empty on a network, whose nodes log it. */
  get printed(): readonly string[] {
    return this.#connection.printed
  }

  /**
   * Gas of each contract's deployments and functions that the test has sent so far, failures left out, as a table: least,
   * average and most. It is the same in each run in this process, so a snapshot can keep it:
   * `await expect(chain.gasReport()).toMatchFileSnapshot('gas.txt')`.
   */
  gasReport(): string {
    return this.#gas.text()
  }

  /** Runs the task and leaves the gas of what it sends out of the report: random input would change it in each run. */
  async uncounted<T>(task: () => Promise<T>): Promise<T> {
    this.#uncounted++
    try {
      return await task()
    } finally {
      this.#uncounted--
    }
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  /** Deploys what was built, with the constructor's arguments. @throws Reverted when the constructor refuses */
  async deploy<const abi extends Abi | readonly unknown[]>(
    contract: CompiledContract<abi>,
    ...parameters: DeployParameters<abi>
  ): Promise<TestContract<abi>> {
    const [args = [], options = {}] = parameters as [args?: readonly unknown[], options?: SendOptions]
    const { contractName, bytecode } = contract
    const abi = contract.abi as Abi
    if (!this.#abis.includes(abi)) this.#abis.push(abi)
    const data = encodeDeployData({ abi, bytecode, args })
    const { receipt, gasUsed } = await this.#execute(`the deployment of ${contractName}`, { data, ...options })
    this.#count(`${contractName} (deployment)`, gasUsed)
    return this.#contract(contract, receipt.contractAddress!, gasUsed)
  }

  /** A contract that is there already. */
  at<const abi extends Abi | readonly unknown[]>(contract: CompiledContract<abi>, address: Address): TestContract<abi> {
    const abi = contract.abi as Abi
    if (!this.#abis.includes(abi)) this.#abis.push(abi)
    return this.#contract(contract, address, 0n)
  }

  /** Ether, or calldata of one's own. @throws Reverted */
  send(to: Address, options: SendOptions & { readonly data?: Hex } = {}): Promise<Outcome> {
    return this.#execute(`the transaction to ${to}`, { to, ...options })
  }

  /** Wei. */
  balance(address: Address): Promise<bigint> {
    return this.client.getBalance({ address })
  }

  /** Wei from then on, as if it had always been so. */
  setBalance(address: Address, value: bigint): Promise<void> {
    return this.client.setBalance({ address, value })
  }

  /** Unix seconds of the newest block. */
  async time(): Promise<bigint> {
    return (await this.client.getBlock()).timestamp
  }

  /** Moves the time by so many seconds, and makes a block there. */
  async increaseTime(seconds: number): Promise<void> {
    await this.client.increaseTime({ seconds })
    await this.mine()
  }

  /** Makes so many blocks; they are empty unless transactions wait. */
  async mine(blocks = 1): Promise<void> {
    await this.client.mine({ blocks })
  }

  /** Goes back to the state at this moment when what it gives is called; any number of times, each from its own snapshot. */
  async snapshot(): Promise<() => Promise<void>> {
    let id = await this.client.snapshot()
    return async () => {
      await this.client.revert({ id })
      // A snapshot is used up by going back to it.
      id = await this.client.snapshot()
    }
  }

  /** Runs the task while this account can send without its key. */
  async impersonate<T>(address: Address, task: (address: Address) => Promise<T>): Promise<T> {
    await this.client.impersonateAccount({ address })
    try {
      return await task(address)
    } finally {
      await this.client.stopImpersonatingAccount({ address })
    }
  }

  #contract<abi extends Abi | readonly unknown[]>(
    { contractName, abi }: CompiledContract<abi>,
    address: Address,
    gasUsed: bigint,
  ): TestContract<abi> {
    const functions = <T>(make: (name: string) => T) =>
      Object.fromEntries(
        (abi as Abi).flatMap((item) => (item.type === 'function' ? [[item.name, make(item.name)] as const] : [])),
      )
    const call =
      (functionName: string) =>
      async (args: readonly unknown[] = [], { from = this.accounts[0]!, ...rest }: SendOptions = {}) => {
        const data = encodeFunctionData({ abi: abi as Abi, functionName, args })
        const { data: output = '0x' } = await this.client
          .call({ account: from, to: address, data, ...rest })
          .catch((error: unknown) => {
            throw this.#refusedCall(`${contractName}.${functionName}`, error)
          })
        return decodeFunctionResult({ abi: abi as Abi, functionName, args, data: output })
      }
    const send =
      (functionName: string) =>
      async (args: readonly unknown[] = [], options: SendOptions = {}) => {
        const data = encodeFunctionData({ abi: abi as Abi, functionName, args })
        const what = `${contractName}.${functionName}`
        const outcome = await this.#execute(what, { to: address, data, ...options })
        this.#count(what, outcome.gasUsed)
        return outcome
      }
    const contract = { name: contractName, address: getAddress(address), abi, gasUsed }
    const all = { read: functions(call), simulate: functions(call), send: functions(send) }
    return { ...contract, ...all } as unknown as TestContract<abi>
  }

  #count(what: string, gas: bigint): void {
    if (this.#uncounted === 0) this.#gas.add(what, gas)
  }

  #refusedCall(what: string, error: unknown): unknown {
    if (!(error instanceof BaseError)) return error
    const dataOf = (cause: unknown) => (cause as { readonly data?: unknown } | null)?.data
    const data = dataOf(error.walk((cause) => typeof dataOf(cause) === 'string'))
    if (isHex(data)) return new Reverted(what, refusalOf(error.shortMessage, data, this.#abis))
    return refusedByNode(what, error)
  }

  async #execute(
    what: string,
    {
      from = this.accounts[0]!,
      gas = DEFAULT_GAS,
      ...rest
    }: SendOptions & { readonly to?: Address; readonly data?: Hex },
  ): Promise<Outcome> {
    const hash = await this.client
      .sendTransaction({ account: from, chain: this.client.chain, gas, ...rest })
      .catch((error: unknown) => {
        throw refusedByNode(what, error)
      })
    const receipt = await this.client.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') {
      const { message = 'execution failed', revertData = null } =
        (receipt as { readonly failure?: { readonly message?: string; readonly revertData?: Hex | null } }).failure ??
        {}
      throw new Reverted(what, refusalOf(message, revertData, this.#abis))
    }
    return { hash, receipt, gasUsed: receipt.gasUsed, events: this.#events(receipt) }
  }

  #events({ logs }: TransactionReceipt): readonly DecodedEvent[] {
    return logs.flatMap(({ address, topics, data }) => {
      for (const abi of this.#abis) {
        try {
          const { eventName, args } = decodeEventLog({ abi, topics, data })
          return [
            { address: getAddress(address), eventName: eventName!, args: args as unknown as DecodedEvent['args'] },
          ]
        } catch (error) {
          // It is no event of this contract.
          if (!(error instanceof BaseError)) throw error
        }
      }
      return []
    })
  }
}
