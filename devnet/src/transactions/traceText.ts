/** A trace as lines of a tree, and as JSON. */
import { getAddress, size } from 'viem'
import type { Known } from '../contracts/knownContracts.ts'
import { formatLog, logJson } from '../contracts/logs.ts'
import { formatFields, namedValues } from '../contracts/values.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import type { Styles } from '../output/styles.ts'
import type { HostStep, TracedCall, TracedStep } from './traceTree.ts'

/** UTF-16 units of calldata, of a printed text and of a host call's bytes that are shown. */
const MAX_BYTES_SHOWN = 200
/** The same of a reason. */
const MAX_REASON = 1_000

export interface TraceTextOptions {
  readonly known: Known
  readonly color: Styles
  /** Whether host calls are shown. */
  readonly host: boolean
}

export function traceLines(call: TracedCall, options: TraceTextOptions): string[] {
  return [head(call, options), ...below(call, options, '  ')]
}

function below(call: TracedCall, options: TraceTextOptions, indent: string): string[] {
  const steps = call.steps.filter((step) => step.kind !== 'host' || options.host)
  const lines = steps.flatMap((step) => stepLines(step, options, indent))
  return [...lines, `${indent}└─ ${ending(call, options)}`]
}

function stepLines(step: TracedStep, options: TraceTextOptions, indent: string): string[] {
  const { color, known } = options
  switch (step.kind) {
    case 'call':
      return [`${indent}├─ ${head(step.call, options)}`, ...below(step.call, options, `${indent}│  `)]
    case 'event':
      return [`${indent}├─ ${color.cyan(`event ${formatLog(step.log, null, known)}`)}`]
    case 'print':
      return [`${indent}├─ print ${printable(JSON.stringify(step.text), MAX_BYTES_SHOWN)}`]
    case 'host':
      return [`${indent}├─ ${color.dim(hostText(step.host))}`]
  }
}

/** `[12,345] Token.transfer(to: @1 0x…, value: 25) with 3 wei (static)` */
function head(call: TracedCall, { known, color }: TraceTextOptions): string {
  const { frame, to, called } = call
  const value = BigInt(frame.value)
  const paid = value === 0n ? '' : ` with ${groupDigits(value)} wei`
  const how = { STATICCALL: ' (static)', DELEGATECALL: ' (delegate)' }[frame.type] ?? ''
  const gas = `[${groupDigits(call.gasUsed)}]`
  const name = printable(known.nameOf(to) ?? to)
  if (frame.type === 'CREATE' || frame.type === 'CREATE2') {
    return `${gas} new contract ${known.label(to)} (${groupDigits(size(frame.input))} bytes)${paid}`
  }
  if (called === null) return `${gas} ${name}${calldataText(frame.input)}${paid}${how}`
  const args = formatFields(called.item.inputs, called.args, known.label)
  return `${gas} ${color.bold(`${name}.${printable(called.item.name)}`)}(${args})${paid}${how}`
}

function calldataText(input: string): string {
  return input === '0x' ? ' without calldata' : ` with calldata ${printable(input, MAX_BYTES_SHOWN)}`
}

function ending({ failure, called, result, frame }: TracedCall, { known, color }: TraceTextOptions): string {
  if (failure !== null) return color.red(`failed: ${printable(failure, MAX_REASON)}`)
  if (frame.type === 'CREATE' || frame.type === 'CREATE2') return `← ${groupDigits(size(frame.output))} bytes of code`
  if (called !== null && result !== null) {
    return result.length === 0 ? '←' : `← ${formatFields(called.item.outputs, result, known.label)}`
  }
  return frame.output === '0x' ? '←' : `← ${printable(frame.output, MAX_BYTES_SHOWN)}`
}

function hostText({ name, args, outs, gasLeft }: HostStep): string {
  const given = args === '0x' ? '' : printable(args, MAX_BYTES_SHOWN)
  const taken = outs === '0x' ? '' : ` → ${printable(outs, MAX_BYTES_SHOWN)}`
  return `${printable(name)}(${given})${taken}  gas left ${groupDigits(BigInt(gasLeft))}`
}

export function traceJson(call: TracedCall, known: Known, host: boolean): object {
  const { frame, to, called, result, failure, gasUsed } = call
  return {
    type: frame.type,
    from: getAddress(frame.from),
    to,
    contract: known.nameOf(to),
    function: called?.item.name ?? null,
    args: called === null ? null : namedValues(called.item.inputs, called.args),
    result: called === null || result === null ? null : namedValues(called.item.outputs, result),
    value: BigInt(frame.value),
    gas: BigInt(frame.gas),
    gasUsed,
    input: frame.input,
    output: frame.output,
    failure,
    steps: call.steps.flatMap((step) => stepJson(step, known, host)),
  }
}

function stepJson(step: TracedStep, known: Known, host: boolean): object[] {
  if (step.kind === 'call') return [{ kind: 'call', ...traceJson(step.call, known, host) }]
  if (step.kind === 'event') return [{ kind: 'event', ...logJson(step.log) }]
  if (step.kind === 'print') return [step]
  if (!host) return []
  const { gasLeft, ink, ...rest } = step.host
  return [{ kind: 'host', ...rest, gasLeft: BigInt(gasLeft), ink: BigInt(ink) }]
}
