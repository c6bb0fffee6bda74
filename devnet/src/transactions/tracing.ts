/** The node's answer to how a transaction, or a call, went: what `devnet trace` and `devnet profile` ask for. */
import { encodeFunctionData, type Hex, numberToHex } from 'viem'
import { parseArguments } from '../contracts/arguments.ts'
import { findCall } from '../contracts/findCall.ts'
import type { KnownContract } from '../contracts/knownContracts.ts'
import { argumentContext, requireCode } from '../contracts/target.ts'
import { type Connection, findAccount } from '../network/connection.ts'
import { CliError, usageError } from '../output/errors.ts'
import { findTransaction } from './findTransaction.ts'

export interface TracedCallOptions {
  readonly from: string
  readonly value?: bigint | undefined
  readonly abi?: string | undefined
  readonly block?: bigint | undefined
}

export interface TraceAnswer {
  /** As the tracer gives it. */
  readonly answer: unknown
  /** The contract that was called, with the ABI of that function; null for a transaction. */
  readonly target: KnownContract | null
  readonly hash: Hex | null
  /** For people. */
  readonly title: string
  readonly subject: Subject
}

export function isTransactionHash(text: string): boolean {
  return /^0x[0-9a-f]{64}$/i.test(text)
}

/** The call, or the transaction, that somebody wants to see. */
export type Subject =
  | { readonly kind: 'transaction'; readonly hash: Hex }
  | {
      readonly kind: 'call'
      readonly request: { readonly from: Hex; readonly to: Hex; readonly data: Hex; readonly value?: Hex }
      readonly block: Hex | 'latest'
      readonly target: KnownContract
      readonly title: string
    }

/** `name`: of a function, and `words` its arguments, where `what` is a contract. */
export async function traceOf(
  connection: Connection,
  what: string,
  name: string | undefined,
  words: readonly string[],
  options: TracedCallOptions,
  tracer: object,
): Promise<TraceAnswer> {
  const subject = await subjectOf(connection, what, name, words, options)
  if (subject.kind === 'call') {
    const { request, block, target, title } = subject
    const answer = await ask(connection, 'debug_traceCall', [request, block, tracer])
    return { answer, target, hash: null, title, subject }
  }
  const { hash } = subject
  const answer = await ask(connection, 'debug_traceTransaction', [hash, tracer])
  return { answer, target: null, hash, title: `transaction ${hash}`, subject }
}

/** @throws CliError when there is no such transaction in a block, or no such function. */
export async function subjectOf(
  connection: Connection,
  what: string,
  name: string | undefined,
  words: readonly string[],
  options: TracedCallOptions,
): Promise<Subject> {
  if (!isTransactionHash(what)) {
    if (name !== undefined) return calledOf(connection, what, name, words, options)
    throw usageError(
      `${JSON.stringify(what)} is no hash of a transaction, and no function is named`,
      'name a transaction by its hash, or a call: CONTRACT FUNCTION [ARGS...]',
    )
  }
  if (name !== undefined) throw usageError('a transaction is taken as it was: leave out what stands behind its hash')
  refuseCallOptions(options)
  const hash = what.toLowerCase() as Hex
  const { blockNumber } = await findTransaction(connection, hash)
  if (blockNumber === null) {
    throw new CliError(`transaction ${hash} is not in a block yet`, { hint: `devnet receipt ${hash} waits for it` })
  }
  return { kind: 'transaction', hash }
}

/** They would be ignored: the transaction says them, and the book of deployments knows the ABI. */
function refuseCallOptions(options: TracedCallOptions): void {
  for (const name of ['value', 'block', 'abi'] as const) {
    if (options[name] === undefined) continue
    throw usageError(`--${name} is for a call: a transaction is taken as it was`)
  }
}

async function calledOf(
  connection: Connection,
  contract: string,
  name: string,
  words: readonly string[],
  options: TracedCallOptions,
): Promise<Subject> {
  const { target, item } = findCall(connection, contract, name, words.length, options.abi)
  const args = parseArguments(item.inputs, words, argumentContext(connection), item.name)
  await requireCode(connection, target, options.block)
  const request = {
    from: findAccount(connection.accounts, options.from).address,
    to: target.address,
    data: encodeFunctionData({ abi: [item], functionName: item.name, args }),
    ...(options.value === undefined ? {} : { value: numberToHex(options.value) }),
  }
  const block = options.block === undefined ? 'latest' : numberToHex(options.block)
  const known = { ...target, abi: [item, ...target.abi] }
  return { kind: 'call', request, block, target: known, title: `${target.name}.${item.name}` }
}

function ask({ client }: Connection, method: string, params: readonly unknown[]): Promise<unknown> {
  return client.request({ method, params } as never)
}
