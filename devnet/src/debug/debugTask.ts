/** The part of a transaction, or of a call, that it takes to execute it here: asked of a node, once. */
import { decodeTransaction, type ExecutedHeader, type PrestateAccount, type RerunTask } from '@touchstone/node/rerun'
import { type Hex, hexToBytes, numberToHex } from 'viem'
import { type Connection, nodeFailure } from '../network/connection.ts'
import { CliError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { findTransaction } from '../transactions/findTransaction.ts'

export interface DebugTask {
  readonly task: RerunTask
  /** The result that the node had. */
  readonly expected: { readonly gasUsed: bigint; readonly isSuccess: boolean }
  /** For people. */
  readonly title: string
}

/** UTF-16 units of what is said of answers that cannot be understood. */
const MAX_NONSENSE = 200

/** As JSON-RPC takes it. */
export interface CallRequest {
  readonly from: Hex
  readonly to?: Hex | undefined
  readonly data?: Hex | undefined
  readonly value?: Hex | undefined
}

export type DebugSubject =
  | { readonly kind: 'transaction'; readonly hash: Hex }
  | {
      readonly kind: 'call'
      readonly request: CallRequest
      readonly block: Hex | 'latest'
      /** Name of contract and function, for people. */
      readonly title?: string
    }

/** @throws CliError when the node has it in no block, or its answers cannot be understood. */
export async function taskOf(connection: Connection, subject: DebugSubject): Promise<DebugTask> {
  try {
    if (subject.kind === 'transaction') return await transactionTask(connection, subject.hash)
    return await callTask(connection, subject)
  } catch (error) {
    if (error instanceof CliError || nodeFailure(error) !== null) throw error
    // Its answers are read as what they should be, and whatever they are not is an exception on the way.
    const why = error instanceof Error ? error.message : String(error)
    throw new CliError(`the node's answers cannot be understood: ${printable(why, MAX_NONSENSE)}`, { cause: error })
  }
}

interface NodeAccount {
  readonly balance: Hex
  readonly nonce?: number
  readonly code?: Hex
  readonly storage?: Readonly<Record<Hex, Hex>>
}

interface NodeAnswer {
  readonly prestateTracer: Readonly<Record<Hex, NodeAccount>>
  readonly callTracer: { readonly gas: Hex; readonly gasUsed: Hex; readonly error?: string }
}

interface NodeBlock {
  readonly number: Hex
  readonly timestamp: Hex
  readonly miner: Hex
  readonly gasLimit: Hex
  readonly baseFeePerGas: Hex
  readonly mixHash: Hex
}

const TRACER = {
  tracer: 'muxTracer',
  tracerConfig: { prestateTracer: {}, callTracer: { onlyTopCall: true } },
}

/** @throws CliError when the node has it in no block. */
async function transactionTask(connection: Connection, hash: Hex): Promise<DebugTask> {
  const { blockNumber, from } = await findTransaction(connection, hash)
  if (blockNumber === null)
    throw new CliError(`transaction ${hash} is not in a block yet`, { hint: `devnet receipt ${hash} waits for it` })
  const [answer, raw, block, schedule] = await Promise.all([
    ask<NodeAnswer>(connection, 'debug_traceTransaction', [hash, TRACER]),
    ask<Hex>(connection, 'eth_getRawTransactionByHash', [hash]),
    blockAt(connection, numberToHex(blockNumber)),
    scheduleOf(connection),
  ])
  const transaction = { ...decodeTransaction(hexToBytes(raw)), sender: hexToBytes(from) }
  return {
    task: { ...common(connection, answer, block, schedule), subject: { kind: 'transaction', transaction } },
    ...{ expected: expectedOf(answer), title: `transaction ${hash}` },
  }
}

/** `at`: the number of a block, or `latest`. */
async function callTask(
  connection: Connection,
  { request, block: at, title }: DebugSubject & { readonly kind: 'call' },
): Promise<DebugTask> {
  // Of one block: `latest` may be another one at each question.
  const block = await blockAt(connection, at)
  const [answer, schedule] = await Promise.all([
    ask<NodeAnswer>(connection, 'debug_traceCall', [request, block.number, TRACER]),
    scheduleOf(connection),
  ])
  const { from, to, data = '0x', value = '0x0' } = request
  const message = {
    ...{ from: hexToBytes(from), to: to === undefined ? null : hexToBytes(to), data: hexToBytes(data) },
    ...{ value: BigInt(value), gas: BigInt(answer.callTracer.gas) },
  }
  return {
    task: { ...common(connection, answer, block, schedule), subject: { kind: 'call', message } },
    ...{ expected: expectedOf(answer), title: title ?? `call of ${to ?? 'a new contract'}` },
  }
}

function common(
  { client }: Connection,
  { prestateTracer }: NodeAnswer,
  block: NodeBlock,
  schedule: string,
): Omit<RerunTask, 'subject'> {
  if (typeof prestateTracer !== 'object' || prestateTracer === null)
    throw new CliError('the node does not tell what is touched: it has no prestateTracer')
  const accounts = Object.entries(prestateTracer).map(([address, account]) => accountOf(address as Hex, account))
  return { chainId: BigInt(client.chain.id), schedule, block: headerOf(block), accounts }
}

function accountOf(address: Hex, { balance, nonce = 0, code = '0x', storage = {} }: NodeAccount): PrestateAccount {
  const slots = Object.entries(storage).map(([key, value]) => [hexToBytes(key as Hex), hexToBytes(value)] as const)
  return {
    ...{ address: hexToBytes(address), balance: BigInt(balance), nonce: BigInt(nonce), code: hexToBytes(code) },
    storage: slots,
  }
}

function headerOf({ number, timestamp, miner, gasLimit, baseFeePerGas, mixHash }: NodeBlock): ExecutedHeader {
  return {
    ...{ number: BigInt(number), timestamp: BigInt(timestamp), miner: hexToBytes(miner) },
    ...{ gasLimit: BigInt(gasLimit), baseFeePerGas: BigInt(baseFeePerGas), mixHash: hexToBytes(mixHash) },
  }
}

function expectedOf({ callTracer: { gasUsed, error } }: NodeAnswer): DebugTask['expected'] {
  return { gasUsed: BigInt(gasUsed), isSuccess: error === undefined }
}

async function blockAt(connection: Connection, at: Hex | 'latest'): Promise<NodeBlock> {
  const block = await ask<NodeBlock | null>(connection, 'eth_getBlockByNumber', [at, false])
  if (block === null) throw new CliError(`the node at ${connection.url} has no block ${at}`)
  return block
}

async function scheduleOf(connection: Connection): Promise<string> {
  return (await ask<{ readonly schedule: string }>(connection, 'touchstone_genesis', [])).schedule
}

function ask<T>({ client }: Connection, method: string, params: readonly unknown[]): Promise<T> {
  return client.request({ method, params } as never)
}
