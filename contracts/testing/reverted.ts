import { type Abi, BaseError, decodeErrorResult, type Hex, RpcRequestError } from 'viem'

/** A transaction that was refused or failed, with what the contract said, decoded. */
export class Reverted extends Error {
  override readonly name = 'Reverted'
  /** Name of the contract's error, `Error` for a text, `Panic` for a panic; null for none. */
  readonly errorName: string | null
  readonly args: readonly unknown[]
  readonly data: Hex | null

  constructor(what: string, said: Refusal) {
    super(`${what}: ${said.text}`)
    this.errorName = said.errorName
    this.args = said.args
    this.data = said.data
  }
}

export interface Refusal {
  readonly errorName: string | null
  readonly args: readonly unknown[]
  readonly data: Hex | null
  /** For people. */
  readonly text: string
}

/**
 * @param words of the node
 * @param abis of all contracts that the test knows, since a refusal may come from any of them
 */
export function refusalOf(words: string, data: Hex | null, abis: readonly Abi[]): Refusal {
  if (data === null || data === '0x') return { errorName: null, args: [], data, text: words }
  for (const abi of abis) {
    try {
      const { errorName, args = [] } = decodeErrorResult({ abi, data })
      // A panic is best told in the node's words.
      const text = errorName === 'Panic' ? words : `${errorName}(${args.map(String).join(', ')})`
      return { errorName, args: args as readonly unknown[], data, text }
    } catch (error) {
      // It is no error of this contract.
      if (!(error instanceof BaseError)) throw error
    }
  }
  return { errorName: null, args: [], data, text: words }
}

/**
 * What the node says where it takes no call or transaction at all, such as one from an account whose key it does not have:
 * viem's words come from the code alone. Any other error is given back as it is.
 */
export function refusedByNode(what: string, error: unknown): unknown {
  if (!(error instanceof BaseError)) return error
  const refusal = error.walk((cause) => cause instanceof RpcRequestError)
  return refusal instanceof RpcRequestError ? new Error(`${what}: ${refusal.details}`, { cause: error }) : error
}
