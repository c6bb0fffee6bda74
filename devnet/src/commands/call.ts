/** `devnet call CONTRACT FUNCTION [ARGS...]`: reads from a contract; changes nothing. */

import { type Abi, decodeFunctionResult, encodeFunctionData } from 'viem'
import { parseArguments } from '../contracts/arguments.ts'
import { callFailure } from '../contracts/failure.ts'
import { findFunction } from '../contracts/functions.ts'
import { argumentContext, findTarget } from '../contracts/target.ts'
import { formatValue } from '../contracts/values.ts'
import { findAccount } from '../network/connection.ts'
import { usageError } from '../output/errors.ts'
import { type CommandContext, connectFrom } from './context.ts'

export interface CallOptions {
  readonly from: string
  readonly abi?: string | undefined
  readonly block?: bigint | undefined
}

export async function callCommand(
  context: CommandContext,
  contract: string,
  name: string,
  words: readonly string[],
  options: CallOptions,
): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const target = findTarget(connection, contract, options.abi)
  const item = findFunction(target.abi, name, words.length, target.name)
  const abi: Abi = [item]
  const args = parseArguments(item.inputs, words, argumentContext(connection), item.name)
  const block = options.block === undefined ? {} : { blockNumber: options.block }
  const { data } = await connection.client
    .call({
      to: target.address,
      data: encodeFunctionData({ abi, functionName: item.name, args }),
      account: findAccount(connection.accounts, options.from).address,
      ...block,
    })
    .catch((error: unknown) => {
      throw callFailure(`${target.name}.${name}`, error, target.abi)
    })
  if (data === undefined && item.outputs.length > 0) {
    throw usageError(`${target.address} returned nothing`, 'is there a contract at that address on this network?')
  }
  const result =
    data === undefined ? undefined : (decodeFunctionResult({ abi, functionName: item.name, data }) as unknown)
  if (terminal.json) return terminal.printJson(result ?? null)
  if (result !== undefined) terminal.print(formatValue(result))
}
