/** `devnet send CONTRACT FUNCTION [ARGS...]`: sends a transaction to a contract and waits until it is final. */
import { type Abi, encodeFunctionData } from 'viem'
import { parseArguments } from '../contracts/arguments.ts'
import { callFailure } from '../contracts/failure.ts'
import { findFunction } from '../contracts/functions.ts'
import { argumentContext, findTarget } from '../contracts/target.ts'
import { findAccount } from '../network/connection.ts'
import { type CommandContext, connectFrom } from './context.ts'
import type { SendOptions } from './deploy.ts'
import { printReceipt, receiptJson, requireSuccess, waitForReceipt } from './transaction.ts'

export async function sendCommand(
  context: CommandContext,
  contract: string,
  name: string,
  words: readonly string[],
  options: SendOptions & { readonly abi?: string | undefined },
): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const target = findTarget(connection, contract, options.abi)
  const item = findFunction(target.abi, name, words.length, target.name)
  const abi: Abi = [item]
  const args = parseArguments(item.inputs, words, argumentContext(connection), item.name)
  const what = `${target.name}.${item.name}`
  const hash = await connection
    .wallet(findAccount(connection.accounts, options.from))
    .sendTransaction({
      to: target.address,
      data: encodeFunctionData({ abi, functionName: item.name, args }),
      ...(options.value === undefined ? {} : { value: options.value }),
      ...(options.gas === undefined ? {} : { gas: options.gas }),
    })
    .catch((error: unknown) => {
      throw callFailure(what, error, target.abi)
    })
  const receipt = await waitForReceipt(connection, hash)
  requireSuccess(receipt, target.abi, what)
  if (terminal.json) return terminal.printJson(receiptJson(receipt, target.abi))
  printReceipt(terminal, receipt, target.abi)
}
