/**
 * `devnet send CONTRACT [FUNCTION] [ARGS...]`: sends a transaction and waits until it is final. Without a function,
 * ether alone.
 */
import { type Abi, encodeFunctionData } from 'viem'
import { parseArguments } from '../contracts/arguments.ts'
import type { Attempt } from '../contracts/failure.ts'
import { findCall } from '../contracts/findCall.ts'
import { knownContracts } from '../contracts/knownContracts.ts'
import { argumentContext, findReceiver, requireCode } from '../contracts/target.ts'
import { withFault } from '../debug/faultReport.ts'
import { type Connection, findAccount } from '../network/connection.ts'
import { usageError } from '../output/errors.ts'
import { failureError, printReceipt, receiptJson } from '../transactions/receiptText.ts'
import { lookLater, sendAndWait } from '../transactions/sendAndWait.ts'
import type { TransactionRequest } from '../transactions/submit.ts'
import { type CommandContext, connectFrom } from './context.ts'

export interface SendOptions {
  readonly from: string
  readonly value?: bigint | undefined
  readonly gas?: bigint | undefined
  /** Seconds. */
  readonly wait: number
}

export async function sendCommand(
  context: CommandContext,
  contract: string,
  name: string | undefined,
  words: readonly string[],
  options: SendOptions & { readonly abi?: string | undefined },
): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const { attempt, request } =
    name === undefined
      ? await etherOnly(connection, contract, options)
      : await functionCall(connection, contract, name, words, options)
  const account = findAccount(connection.accounts, options.from)
  const { sent, receipt } = await sendAndWait(context, connection, account, attempt, request, options.wait)
  if (receipt === null) {
    if (terminal.json) terminal.printJson({ hash: sent.hash, status: 'sent' })
    return terminal.note(lookLater(context, sent.hash))
  }
  if (terminal.json) terminal.printJson(receiptJson(receipt, attempt))
  else if (receipt.status === 'success') printReceipt(terminal, receipt, attempt.known)
  const failure = failureError(receipt, attempt, sent.gas)
  if (failure !== null) throw await withFault(context, connection, failure, { kind: 'transaction', hash: sent.hash })
}

interface Prepared {
  readonly attempt: Attempt
  readonly request: TransactionRequest
}

async function functionCall(
  connection: Connection,
  contract: string,
  name: string,
  words: readonly string[],
  { abi: abiPath, value, gas }: Parameters<typeof sendCommand>[4],
): Promise<Prepared> {
  const { target, item } = findCall(connection, contract, name, words.length, abiPath)
  const abi: Abi = [item]
  const args = parseArguments(item.inputs, words, argumentContext(connection), item.name)
  await requireCode(connection, target)
  const known = knownContracts(connection, target)
  return {
    attempt: { what: `${target.name}.${item.name}`, known, target, item, value: value ?? 0n },
    request: { to: target.address, data: encodeFunctionData({ abi, functionName: item.name, args }), value, gas },
  }
}

async function etherOnly(
  connection: Connection,
  receiver: string,
  { abi: abiPath, value, gas }: Parameters<typeof sendCommand>[4],
): Promise<Prepared> {
  const target = findReceiver(connection, receiver, abiPath)
  if (value === undefined) {
    throw usageError(
      `nothing is given to send to ${target.name}`,
      `name a function, or send ether: devnet send ${receiver} --value 1ether`,
    )
  }
  // Where nothing answers to a name, the ether would be nobody's. An address is taken as it is, and an account has none.
  if (/^(?!@|0x)/.test(receiver)) await requireCode(connection, target)
  return {
    attempt: {
      what: `sending ether to ${target.name}`,
      known: knownContracts(connection, target),
      target,
      item: null,
      value,
    },
    request: { to: target.address, value, gas },
  }
}
