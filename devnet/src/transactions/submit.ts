/**
 * Signs a transaction and hands it to a node. The nonce is the account's next one; another command that sends from the same
 * account at the same time may have been given the same, and only one of the two gets it: the other signs again with the
 * one after it. A refused transaction was in no pool, so nothing is sent twice.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { BaseError, type Hex, keccak256, RpcRequestError } from 'viem'
import type { DevAccount } from '../network/accounts.ts'
import type { Connection } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { MAX_NONCE_ATTEMPTS, MAX_NONCE_WAIT_MS, MIN_NONCE_WAIT_MS } from './limits.ts'

export interface TransactionRequest {
  /** Absent for a deployment. */
  readonly to?: Hex
  readonly data?: Hex
  readonly value?: bigint | undefined
  readonly gas?: bigint | undefined
}

export interface Submitted {
  readonly hash: Hex
  readonly from: Hex
  readonly nonce: number
  readonly gas: bigint
}

/**
 * `onHash` hears the hash of what is about to be handed over, before the node can have it.
 * @throws what viem throws when the estimate fails or the node refuses; UnansweredError when it is not known whether
 * the node has it; CliError when its nonce is always taken.
 */
export async function submit(
  connection: Connection,
  account: DevAccount,
  { value, gas, ...request }: TransactionRequest,
  onHash: (hash: Hex) => void,
): Promise<Submitted> {
  const wallet = connection.wallet(account)
  const prepared = await wallet.prepareTransactionRequest({
    ...request,
    ...(value === undefined ? {} : { value }),
    ...(gas === undefined ? {} : { gas }),
  })
  let { nonce } = prepared
  for (let attempt = 1; ; attempt++) {
    const serialized = await wallet.signTransaction({ ...prepared, nonce })
    const hash = keccak256(serialized)
    onHash(hash)
    try {
      await wallet.sendRawTransaction({ serializedTransaction: serialized })
      return { hash, from: account.address, nonce, gas: prepared.gas }
    } catch (error) {
      if (!isRefusal(error)) throw new UnansweredError(hash, error)
      if (!isNonceTaken(error)) throw error
      if (attempt === MAX_NONCE_ATTEMPTS) throw alwaysTaken(account.address, error)
    }
    await wait(Math.min(attempt * MIN_NONCE_WAIT_MS, MAX_NONCE_WAIT_MS))
    nonce = await connection.client.getTransactionCount({ address: account.address, blockTag: 'pending' })
  }
}

/** The node has neither taken nor refused it. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError'
  readonly hash: Hex
  constructor(hash: Hex, cause: unknown) {
    super(`no answer to transaction ${hash}`, { cause })
    this.hash = hash
  }
}

/** The node has said no, as opposed to nothing. */
function isRefusal(error: unknown): boolean {
  return error instanceof BaseError && error.walk((cause) => cause instanceof RpcRequestError) !== null
}

/** The words of docs/protocol/rpc.md. `already known`: another command has signed the very same, and that one is its own. */
function isNonceTaken(error: unknown): boolean {
  const refusal = (error as BaseError).walk((cause) => cause instanceof RpcRequestError) as RpcRequestError
  return /^(already known|nonce too low|replacement transaction underpriced)/.test(refusal.details)
}

function alwaysTaken(address: Hex, cause: unknown): CliError {
  return new CliError(`other transactions took the nonce of ${address} ${MAX_NONCE_ATTEMPTS} times`, {
    hint: 'nothing was sent: send one after the other, or from several accounts with --from',
    cause,
  })
}
