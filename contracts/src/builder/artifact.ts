import type { AbiItem } from './abiJson.ts'
import type { StorageLayout } from './layoutJson.ts'

/** The file that a build writes for a contract: `<Name>.json`, in the shape Ethereum tools know. */
export interface Artifact {
  readonly contractName: string
  /** The author's file, relative to the contract's directory. */
  readonly sourceName: string
  readonly abi: readonly AbiItem[]
  /** keccak256 of each of the author's files, UTF-8, by its path relative to the contract's directory. */
  readonly sources: Readonly<Record<string, `0x${string}`>>
  /** Init code; constructor arguments are appended to it, as viem's and ethers' deployContract do. */
  readonly bytecode: `0x${string}`
  /** Code as the chain stores it. */
  readonly deployedBytecode: `0x${string}`
  /** Empty: nothing is linked. hardhat deploys no artifact without it. */
  readonly linkReferences: Readonly<Record<string, never>>
  readonly deployedLinkReferences: Readonly<Record<string, never>>
  /** Bytes of the module before compression. */
  readonly wasmSize: number
  /** Where fields are, in the words of solc's output of the same name. */
  readonly storageLayout: StorageLayout
  /** Likewise, of fields that last a transaction. */
  readonly transientStorageLayout: StorageLayout
  readonly compiler: string
}
