/** A deployed contract as a test uses it: typed by its ABI. */
import type {
  Abi,
  Address,
  ContractConstructorArgs,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
  Hex,
  TransactionReceipt,
} from 'viem'

/** The output of the build: the import of `build/Name.ts`, or an artifact. */
export interface CompiledContract<abi extends Abi | readonly unknown[] = Abi> {
  readonly contractName: string
  readonly abi: abi
  readonly bytecode: Hex
}

/** What a transaction of a test is sent with. */
export interface SendOptions {
  /** Account 0 unless said. */
  readonly from?: Address
  /** Wei. */
  readonly value?: bigint
  /** Gas limit: half a block's unless said. */
  readonly gas?: bigint
}

/** What a call of a test is made with. */
export interface CallOptions {
  /** `msg.sender`: account 0 unless said. */
  readonly from?: Address
}

/** An event of a contract that the test deployed. */
export interface DecodedEvent {
  readonly address: Address
  readonly eventName: string
  readonly args: Readonly<Record<string, unknown>>
}

/** A transaction that was executed and succeeded. */
export interface Outcome {
  readonly hash: Hex
  readonly gasUsed: bigint
  /** Of all contracts that the test deployed, in order. */
  readonly events: readonly DecodedEvent[]
  readonly receipt: TransactionReceipt
}

type Changing = 'nonpayable' | 'payable'
type Reading = 'pure' | 'view'

type Parameters<abi extends Abi | readonly unknown[], kind extends Changing | Reading, name, Options> =
  name extends ContractFunctionName<abi, kind>
    ? ContractFunctionArgs<abi, kind, name> extends readonly []
      ? [args?: readonly [], options?: Options]
      : [args: ContractFunctionArgs<abi, kind, name>, options?: Options]
    : never

/** Of the constructor, which may take none; any, where the ABI is not known to the compiler. */
export type DeployParameters<abi extends Abi | readonly unknown[]> =
  readonly [] extends ContractConstructorArgs<abi>
    ? [args?: ContractConstructorArgs<abi>, options?: SendOptions]
    : [args: ContractConstructorArgs<abi>, options?: SendOptions]

type ReadFunctions<abi extends Abi | readonly unknown[]> = {
  readonly [name in ContractFunctionName<abi, Reading>]: (
    ...parameters: Parameters<abi, Reading, name, CallOptions>
  ) => Promise<ContractFunctionReturnType<abi, Reading, name>>
}

type SimulateFunctions<abi extends Abi | readonly unknown[]> = {
  readonly [name in ContractFunctionName<abi, Changing>]: (
    ...parameters: Parameters<abi, Changing, name, SendOptions>
  ) => Promise<ContractFunctionReturnType<abi, Changing, name>>
}

type SendFunctions<abi extends Abi | readonly unknown[]> = {
  readonly [name in ContractFunctionName<abi, Changing>]: (
    ...parameters: Parameters<abi, Changing, name, SendOptions>
  ) => Promise<Outcome>
}

/** A deployed contract. */
export interface TestContract<abi extends Abi | readonly unknown[] = Abi> {
  readonly name: string
  readonly address: Address
  readonly abi: abi
  /** Calls: `await token.read.balanceOf([alice])`. */
  readonly read: ReadFunctions<abi>
  /** The result that a transaction would have: `await token.simulate.transfer([bob, 1n])`. */
  readonly simulate: SimulateFunctions<abi>
  /**
   * Transactions: `await token.send.transfer([bob, 1n], { from: alice })`. Each rejects with {@link Reverted} when it fails.
   */
  readonly send: SendFunctions<abi>
  /** Gas of the deployment. */
  readonly gasUsed: bigint
}
