/** Calldata, read with the ABI of the contract that it is for. */
import { type Abi, type AbiFunction, BaseError, decodeFunctionData, type Hex, size } from 'viem'
import type { KnownContract } from './knownContracts.ts'

export interface Called {
  readonly item: AbiFunction
  readonly args: readonly unknown[]
}

/** The function that the calldata is for, by the ABI of the contract; null when it is for none of it. */
export function calledFunction({ abi }: KnownContract, input: Hex): Called | null {
  if (size(input) < 4) return null
  for (const item of abi) {
    if (item.type !== 'function') continue
    try {
      const { args } = decodeFunctionData({ abi: [item] as Abi, data: input })
      return { item, args: (args ?? []) as readonly unknown[] }
    } catch (error) {
      // Another function, or data that is none of its arguments.
      if (!(error instanceof BaseError)) throw error
    }
  }
  return null
}
