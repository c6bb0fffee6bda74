/** `devnet call CONTRACT FUNCTION [ARGS...]`: reads from a contract; changes nothing. */

import {
  type Abi,
  type AbiFunction,
  BaseError,
  decodeAbiParameters,
  encodeFunctionData,
  type Hex,
  numberToHex,
} from 'viem'
import { parseArguments } from '../contracts/arguments.ts'
import { callFailure } from '../contracts/failure.ts'
import { findCall } from '../contracts/findCall.ts'
import { type Known, knownContracts } from '../contracts/knownContracts.ts'
import { argumentContext, requireCode } from '../contracts/target.ts'
import { formatValue, namedValues } from '../contracts/values.ts'
import { withFault } from '../debug/faultReport.ts'
import { findAccount } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
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
  const { target, item, adHoc } = findCall(connection, contract, name, words.length, options.abi)
  const abi: Abi = [item]
  const args = parseArguments(item.inputs, words, argumentContext(connection), item.name)
  const known = knownContracts(connection, target)
  const request = {
    to: target.address,
    data: encodeFunctionData({ abi, functionName: item.name, args }),
    from: findAccount(connection.accounts, options.from).address,
  }
  const { data } = await connection.client
    .call({
      ...{ to: request.to, data: request.data, account: request.from },
      ...(options.block === undefined ? {} : { blockNumber: options.block }),
    })
    .catch(async (error: unknown) => {
      const failure = callFailure({ what: `${target.name}.${item.name}`, known, target, item, value: 0n }, error)
      const block = options.block === undefined ? 'latest' : numberToHex(options.block)
      throw await withFault(context, connection, failure, { kind: 'call', request, block })
    })
  // An address without a contract is told from a contract that answers with nothing.
  if (data === undefined) await requireCode(connection, target, options.block)
  // Of a signature without results nobody knows what they are.
  if (adHoc && item.outputs.length === 0) {
    return terminal.json ? terminal.printJson(data ?? '0x') : terminal.print(data ?? '0x')
  }
  const values = decodeResult(item, data ?? '0x', target.name)
  if (terminal.json) terminal.printJson(resultJson(item, values))
  else if (values.length > 0) terminal.print(resultText(item, values, known))
}

function decodeResult(item: AbiFunction, data: Hex, contract: string): readonly unknown[] {
  if (item.outputs.length === 0) return []
  try {
    return decodeAbiParameters(item.outputs, data)
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    const size = data.length / 2 - 1
    throw new CliError(
      `${contract}.${item.name} returned ${size === 0 ? 'nothing' : `${size} bytes`}, which does not fit its ABI`,
      {
        hint: 'is it the ABI of this contract?',
        cause: error,
      },
    )
  }
}

function resultJson({ outputs }: AbiFunction, values: readonly unknown[]): unknown {
  return values.length > 1 ? namedValues(outputs, values) : (values[0] ?? null)
}

/** Several values keep their names; one needs none. */
function resultText({ outputs }: AbiFunction, values: readonly unknown[], known: Known): string {
  if (values.length === 1) return formatValue(outputs[0]!, values[0], known.label)
  const fields = outputs.map((output, at) => {
    const shown = formatValue(output, values[at], known.label)
    return output.name ? `${output.name}: ${shown}` : shown
  })
  return outputs.every(({ name }) => name) ? `{${fields.join(', ')}}` : `[${fields.join(', ')}]`
}
