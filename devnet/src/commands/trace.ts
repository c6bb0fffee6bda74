/** `devnet trace HASH`, `devnet trace CONTRACT FUNCTION [ARGS...]`: the tree of calls of a transaction, or of a call that changes nothing. */
import { encodeFunctionData, type Hex, numberToHex } from 'viem'
import { parseArguments } from '../contracts/arguments.ts'
import { findCall } from '../contracts/findCall.ts'
import { type Known, knownContracts } from '../contracts/knownContracts.ts'
import { argumentContext, requireCode } from '../contracts/target.ts'
import { groupDigits } from '../contracts/values.ts'
import { type Connection, findAccount } from '../network/connection.ts'
import { CliError, usageError } from '../output/errors.ts'
import { findTransaction } from '../transactions/findTransaction.ts'
import { MAX_TRACE_LINES } from '../transactions/limits.ts'
import { type SlotChange, type StateDiff, slotChanges, slotLines } from '../transactions/stateChanges.ts'
import { traceJson, traceLines } from '../transactions/traceText.ts'
import { readTrace, type WasmFrame } from '../transactions/traceTree.ts'
import { type CommandContext, connectFrom } from './context.ts'

export interface TraceOptions {
  readonly hostCalls: boolean
  readonly storage: boolean
  readonly from: string
  readonly value?: bigint | undefined
  readonly abi?: string | undefined
  readonly block?: bigint | undefined
}

interface Traced {
  readonly wasmTracer: WasmFrame
  readonly prestateTracer?: StateDiff
}

export async function traceCommand(
  context: CommandContext,
  what: string,
  name: string | undefined,
  words: readonly string[],
  options: TraceOptions,
): Promise<void> {
  const { terminal } = context
  const connection = await connectFrom(context)
  const isHash = /^0x[0-9a-f]{64}$/i.test(what)
  if (!isHash && name === undefined) {
    throw usageError(
      `${JSON.stringify(what)} is no hash of a transaction, and no function is named`,
      'devnet trace 0x<hash of a transaction>, or devnet trace CONTRACT FUNCTION [ARGS...]',
    )
  }
  if (isHash && name !== undefined)
    throw usageError('a transaction is traced as it was: leave out what stands behind its hash')
  if (isHash) refuseCallOptions(options)
  const { traced, known, hash } = isHash
    ? await tracedTransaction(connection, what.toLowerCase() as Hex, options)
    : await tracedCall(connection, what, name!, words, options)
  const call = readTrace(traced.wasmTracer, known)
  const changes = traced.prestateTracer === undefined ? null : slotChanges(traced.prestateTracer)
  if (terminal.json) {
    return terminal.printJson({
      hash,
      ...traceJson(call, known, options.hostCalls),
      ...(changes === null ? {} : { storage: changes }),
    })
  }
  const lines = traceLines(call, { known, color: terminal.color, host: options.hostCalls })
  terminal.printLines(lines.slice(0, MAX_TRACE_LINES))
  const more = lines.length - MAX_TRACE_LINES
  if (more > 0)
    terminal.print(`and ${groupDigits(more)} more of ${groupDigits(lines.length)} lines; --json has them all`)
  printEnd(call.gasUsed, changes, known, terminal.printLines)
}

function printEnd(
  gasUsed: bigint,
  changes: readonly SlotChange[] | null,
  known: Known,
  printLines: (lines: readonly string[]) => void,
): void {
  printLines([`gas used ${groupDigits(gasUsed)}`, ...(changes === null ? [] : slotLines(changes, known))])
}

/** They would be ignored: the transaction says them, and the book of deployments knows the ABI. */
function refuseCallOptions(options: TraceOptions): void {
  for (const name of ['value', 'block', 'abi'] as const) {
    if (options[name] === undefined) continue
    throw usageError(`--${name} is for the trace of a call: a transaction is traced as it was`)
  }
}

interface Found {
  readonly traced: Traced
  readonly known: Known
  readonly hash: Hex | null
}

async function tracedTransaction(connection: Connection, hash: Hex, options: TraceOptions): Promise<Found> {
  const { blockNumber } = await findTransaction(connection, hash)
  if (blockNumber === null) {
    throw new CliError(`transaction ${hash} is not in a block yet`, { hint: `devnet receipt ${hash} waits for it` })
  }
  const traced = await ask(connection, 'debug_traceTransaction', [hash, tracers(options)])
  return { traced, known: knownContracts(connection), hash }
}

async function tracedCall(
  connection: Connection,
  contract: string,
  name: string,
  words: readonly string[],
  options: TraceOptions,
): Promise<Found> {
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
  const traced = await ask(connection, 'debug_traceCall', [request, block, tracers(options)])
  return { traced, known: knownContracts(connection, { ...target, abi: [item, ...target.abi] }), hash: null }
}

function tracers({ storage }: TraceOptions): object {
  const prestate = storage ? { prestateTracer: { diffMode: true, disableCode: true } } : {}
  return { tracer: 'muxTracer', tracerConfig: { wasmTracer: {}, ...prestate } }
}

function ask({ client }: Connection, method: string, params: readonly unknown[]): Promise<Traced> {
  return client.request({ method, params } as never) as Promise<Traced>
}
