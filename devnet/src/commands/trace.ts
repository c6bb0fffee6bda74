/**
 * `devnet trace HASH`, `devnet trace CONTRACT FUNCTION [ARGS...]`: the tree of calls of a transaction, or of a call
 * that changes nothing.
 */
import { type Known, knownContracts } from '../contracts/knownContracts.ts'
import { faultReport } from '../debug/faultReport.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { MAX_TRACE_LINES } from '../transactions/limits.ts'
import { type SlotChange, type StateDiff, slotChanges, slotLines } from '../transactions/stateChanges.ts'
import { traceJson, traceLines } from '../transactions/traceText.ts'
import { readTrace, type WasmFrame } from '../transactions/traceTree.ts'
import { type TracedCallOptions, traceOf } from '../transactions/tracing.ts'
import { type CommandContext, connectFrom } from './context.ts'

export interface TraceOptions extends TracedCallOptions {
  readonly hostCalls: boolean
  readonly storage: boolean
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
  const answered = await traceOf(connection, what, name, words, options, tracers(options))
  const { answer, target, hash } = answered
  const traced = answer as Traced
  const known = target === null ? knownContracts(connection) : knownContracts(connection, target)
  const call = readTrace(traced.wasmTracer, known)
  const fault = call.failure === null ? null : await faultReport(context, connection, answered.subject)
  const changes = traced.prestateTracer === undefined ? null : slotChanges(traced.prestateTracer)
  if (terminal.json) {
    return terminal.printJson({
      hash,
      ...traceJson(call, known, options.hostCalls),
      ...(changes === null ? {} : { storage: changes }),
      ...(fault === null ? {} : { fault: fault.json }),
    })
  }
  const lines = traceLines(call, { known, color: terminal.color, host: options.hostCalls })
  terminal.printLines(lines.slice(0, MAX_TRACE_LINES))
  const more = lines.length - MAX_TRACE_LINES
  if (more > 0)
    terminal.print(`and ${groupDigits(more)} more of ${groupDigits(lines.length)} lines; --json has them all`)
  printEnd(call.gasUsed, changes, known, terminal.printLines)
  if (fault !== null) terminal.printLines(fault.lines)
}

function printEnd(
  gasUsed: bigint,
  changes: readonly SlotChange[] | null,
  known: Known,
  printLines: (lines: readonly string[]) => void,
): void {
  printLines([`gas used ${groupDigits(gasUsed)}`, ...(changes === null ? [] : slotLines(changes, known))])
}

function tracers({ storage }: TraceOptions): object {
  const prestate = storage ? { prestateTracer: { diffMode: true, disableCode: true } } : {}
  return { tracer: 'muxTracer', tracerConfig: { wasmTracer: {}, ...prestate } }
}
