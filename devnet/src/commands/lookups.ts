/**
 * `devnet tx`, `block`, `storage`, `balance`, `events` and `code`: what a node says of one thing, with names where
 * there are any.
 */
import {
  BlockNotFoundError,
  formatEther,
  getAddress,
  type Hex,
  keccak256,
  numberToHex,
  size,
  type Transaction,
  toEventSelector,
} from 'viem'
import { calledFunction } from '../contracts/calledFunction.ts'
import { type Known, type KnownContract, knownContracts } from '../contracts/knownContracts.ts'
import { formatLog, logJson, readLogs } from '../contracts/logs.ts'
import { findReceiver } from '../contracts/target.ts'
import { formatFields, namedValues } from '../contracts/values.ts'
import type { Connection } from '../network/connection.ts'
import { CliError, usageError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import { closest } from '../output/suggestion.ts'
import { findTransaction } from '../transactions/findTransaction.ts'
import { MAX_LISTED } from '../transactions/limits.ts'
import { type CommandContext, connectFrom } from './context.ts'

/** UTF-16 units of calldata that are shown. */
const MAX_CALLDATA = 1_000

export interface AtBlock {
  readonly block?: bigint | undefined
}

export async function txCommand(context: CommandContext, hash: Hex): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const transaction = await findTransaction(connection, hash)
  const known = knownContracts(connection)
  const { blockNumber, from, to, value, nonce, gas, type, input } = transaction
  const call = calledOf(transaction, known)
  if (terminal.json) {
    return terminal.printJson({
      ...{ hash, blockNumber, index: transaction.transactionIndex, type, from: getAddress(from) },
      ...{ to: to === null ? null : getAddress(to), value, nonce, gas, input },
      ...{ maxFeePerGas: transaction.maxFeePerGas ?? null, gasPrice: transaction.gasPrice ?? null },
      function: call?.item.name ?? null,
      args: call === null ? null : namedValues(call.item.inputs, call.args),
    })
  }
  const price = transaction.maxFeePerGas ?? transaction.gasPrice ?? 0n
  terminal.printLines([
    `transaction  ${hash}`,
    `block        ${blockNumber === null ? 'in none yet' : `${blockNumber}, at position ${transaction.transactionIndex}`}`,
    `from         ${known.label(from)}`,
    `to           ${to === null ? 'a new contract' : known.label(to)}`,
    `value        ${etherText(value)}`,
    `nonce        ${nonce}`,
    `gas          at most ${groupDigits(gas)}, for at most ${groupDigits(price)} wei each`,
    call === null
      ? `calldata     ${input === '0x' ? 'none' : printable(input, MAX_CALLDATA)}`
      : `call         ${printable(call.item.name)}(${formatFields(call.item.inputs, call.args, known.label)})`,
  ])
}

export async function blockCommand(context: CommandContext, which: bigint | Hex | null): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const at = which === null ? {} : typeof which === 'bigint' ? { blockNumber: which } : { blockHash: which }
  const block = await connection.client.getBlock({ ...at, includeTransactions: true }).catch((error: unknown) => {
    if (!(error instanceof BlockNotFoundError)) throw error
    throw new CliError(`the node at ${connection.url} has no block ${which}`, {
      hint: 'devnet block shows the newest',
    })
  })
  const known = knownContracts(connection)
  const { number, hash, parentHash, timestamp, gasUsed, gasLimit, stateRoot, baseFeePerGas, miner } = block
  const transactions = block.transactions.map((transaction) => ({
    ...{ hash: transaction.hash, from: getAddress(transaction.from) },
    ...{ to: transaction.to === null ? null : getAddress(transaction.to), value: transaction.value },
    function: calledOf(transaction, known)?.item.name ?? null,
  }))
  if (terminal.json) {
    return terminal.printJson({
      ...{ number, hash, parentHash, timestamp, gasUsed, gasLimit, baseFeePerGas, stateRoot },
      ...{ feeRecipient: getAddress(miner), transactions },
    })
  }
  terminal.printLines([
    `block        ${number}`,
    `hash         ${hash}`,
    `parent       ${parentHash}`,
    `time         ${timestamp} (${new Date(Number(timestamp) * 1000).toISOString()})`,
    `gas          ${groupDigits(gasUsed)} of ${groupDigits(gasLimit)}, base fee ${groupDigits(baseFeePerGas ?? 0n)} wei`,
    `fees to      ${known.label(miner)}`,
    `state root   ${stateRoot}`,
    `transactions ${transactions.length}`,
    ...transactions.slice(0, MAX_LISTED).map(({ hash, from, to, function: name }) => {
      const whom = to === null ? 'a new contract' : `${known.label(to)}${name === null ? '' : `, ${printable(name)}`}`
      return `  ${hash}  ${known.label(from)} → ${whom}`
    }),
    ...moreThan(transactions.length),
  ])
}

export async function balanceCommand(
  context: CommandContext,
  accounts: readonly string[],
  { block }: AtBlock,
): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const rows: { readonly name: string; readonly address: Hex; readonly wei: bigint }[] = []
  for (const account of accounts) {
    const { name, address } = findReceiver(connection, account, undefined)
    rows.push({ name, address, wei: await connection.client.getBalance({ address, ...blockOf(block) }) })
  }
  if (terminal.json) return terminal.printJson(rows.map(({ address, wei }) => ({ address, wei })))
  const known = knownContracts(connection)
  terminal.printLines(rows.map(({ address, wei }) => `${known.label(address)}  ${etherText(wei)}`))
}

export async function codeCommand(context: CommandContext, contract: string, { block }: AtBlock): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const { name, address } = findReceiver(connection, contract, undefined)
  const code = (await connection.client.getCode({ address, ...blockOf(block) })) ?? '0x'
  if (terminal.json) return terminal.printJson({ address, size: size(code), hash: keccak256(code), code })
  terminal.note(`${printable(name)}: ${groupDigits(size(code))} bytes, keccak256 ${keccak256(code)}`)
  terminal.print(code)
}

export async function storageCommand(
  context: CommandContext,
  contract: string,
  slots: readonly Hex[],
  { block }: AtBlock,
): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const { address } = findReceiver(connection, contract, undefined)
  const values: { readonly slot: Hex; readonly value: Hex }[] = []
  for (const slot of slots) {
    const value = await connection.client.getStorageAt({ address, slot, ...blockOf(block) })
    values.push({ slot, value: value ?? '0x' })
  }
  if (terminal.json) return terminal.printJson({ address, slots: values })
  terminal.printLines(values.map(({ slot, value }) => `${shortSlot(slot)}: ${value}`))
}

export interface EventsOptions {
  readonly fromBlock?: bigint | undefined
  readonly toBlock?: bigint | undefined
}

export async function eventsCommand(
  context: CommandContext,
  contract: string | undefined,
  eventName: string | undefined,
  { fromBlock, toBlock }: EventsOptions,
): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const target = contract === undefined ? null : findReceiver(connection, contract, undefined)
  const topics = target === null || eventName === undefined ? null : topicsOf(target, eventName)
  const filter = {
    ...(target === null ? {} : { address: target.address }),
    ...(topics === null ? {} : { topics: [topics] }),
    fromBlock: numberToHex(fromBlock ?? 0n),
    toBlock: toBlock === undefined ? 'latest' : numberToHex(toBlock),
  }
  const logs = await rawLogs(connection, filter)
  const known = knownContracts(connection)
  const read = readLogs(logs, known)
  if (terminal.json) {
    return terminal.printJson(
      read.map((log, at) => ({
        ...{ blockNumber: BigInt(logs[at]!.blockNumber), transactionHash: logs[at]!.transactionHash },
        ...{ logIndex: Number(logs[at]!.logIndex), ...logJson(log) },
      })),
    )
  }
  terminal.printLines([
    ...read.slice(0, MAX_LISTED).map((log, at) => `${BigInt(logs[at]!.blockNumber)}  ${formatLog(log, null, known)}`),
    ...moreThan(read.length),
  ])
  if (read.length === 0) terminal.note('no event')
}

interface RpcLog {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly blockNumber: Hex
  readonly logIndex: Hex
  readonly transactionHash: Hex
}

/** As the node gives them, since viem's own reads an ABI. */
function rawLogs({ client }: Connection, filter: object): Promise<readonly RpcLog[]> {
  return client.request({ method: 'eth_getLogs', params: [filter] } as never) as Promise<readonly RpcLog[]>
}

/** Of each event of the name: as functions, events may differ in their parameters alone. */
function topicsOf({ name, abi }: KnownContract, wanted: string): Hex[] {
  const events = abi.filter((item) => item.type === 'event')
  const named = events.filter((item) => item.name === wanted)
  if (named.length > 0) return named.map(toEventSelector)
  const names = events.map((item) => item.name)
  const near = closest(wanted, names)
  throw usageError(
    `${printable(name)} has no event ${JSON.stringify(wanted)}`,
    near === null
      ? names.length === 0
        ? 'its ABI is not known, or has no events'
        : `it has: ${names.map((one) => printable(one)).join(', ')}`
      : `did you mean ${printable(near)}?`,
  )
}

function calledOf({ to, input }: Transaction, { contracts }: Known) {
  const contract = contracts.find(({ address }) => address.toLowerCase() === to?.toLowerCase())
  return contract === undefined ? null : calledFunction(contract, input)
}

function etherText(wei: bigint): string {
  return `${groupDigits(wei)} wei (${formatEther(wei)} ether)`
}

function blockOf(block: bigint | undefined): { readonly blockNumber?: bigint } {
  return block === undefined ? {} : { blockNumber: block }
}

/** A small number as one. */
function shortSlot(slot: Hex): string {
  const value = BigInt(slot)
  return value < 2n ** 64n ? String(value) : slot
}

function moreThan(count: number): string[] {
  const more = count - MAX_LISTED
  return more > 0 ? [`and ${groupDigits(more)} more of ${groupDigits(count)}; --json has them all`] : []
}
