import type { AbiItem } from './abiJson.ts'

/** What a build writes for a contract: `<Name>.json`, in the shape Ethereum tools know. */
export interface Artifact {
  readonly contractName: string
  /** The author's file, relative to the contract's directory. */
  readonly sourceName: string
  readonly abi: readonly AbiItem[]
  /** Init code; constructor arguments are appended to it, as viem's and ethers' deployContract do. */
  readonly bytecode: `0x${string}`
  /** Code as the chain stores it. */
  readonly deployedBytecode: `0x${string}`
  /** Bytes of the module before compression. */
  readonly wasmSize: number
  readonly compiler: string
}
