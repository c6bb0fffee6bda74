/**
 * The work of a transaction or a call, as the node's `wasmTracer` tells it (docs/rpc.md), read with every known ABI:
 * calls with their arguments and results, events, texts that contracts printed, and host calls.
 */
import { type AbiFunction, BaseError, decodeAbiParameters, getAddress, type Hex, hexToBytes } from 'viem'
import { type Called, calledFunction } from '../contracts/calledFunction.ts'
import { describeFailure } from '../contracts/failure.ts'
import type { Known, KnownContract } from '../contracts/knownContracts.ts'
import { type RawLog, type ReadLog, readLogs } from '../contracts/logs.ts'

export interface WasmFrame {
  readonly type: string
  readonly from: Hex
  readonly to: Hex
  readonly value: Hex
  readonly gas: Hex
  readonly gasUsed: Hex
  readonly input: Hex
  readonly output: Hex
  readonly error?: string
  readonly steps: readonly WasmStep[]
}

export type WasmStep =
  | ({ readonly kind: 'frame' } & WasmFrame)
  | ({ readonly kind: 'log' } & RawLog)
  | ({ readonly kind: 'host' } & HostStep)

export interface HostStep {
  readonly name: string
  readonly args: Hex
  readonly outs: Hex
  readonly gasLeft: Hex
  readonly ink: Hex
}

export interface TracedCall {
  readonly frame: WasmFrame
  readonly to: Hex
  /** Null of a contract that nobody knows. */
  readonly contract: KnownContract | null
  readonly called: Called | null
  /** Values of `called.item.outputs`; null where they do not fit, and of a call that failed. */
  readonly result: readonly unknown[] | null
  /** Why it failed, in words; null of a call that did not. */
  readonly failure: string | null
  readonly gasUsed: bigint
  readonly steps: readonly TracedStep[]
}

export type TracedStep =
  | { readonly kind: 'call'; readonly call: TracedCall }
  | { readonly kind: 'event'; readonly log: ReadLog }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'host'; readonly host: HostStep }

/** The host function behind `print`, as traces name it (vm/src/trace/hostCallShapes.ts). */
const PRINT = 'console_log_text'

export function readTrace(frame: WasmFrame, known: Known): TracedCall {
  const to = getAddress(frame.to)
  const contract = known.contracts.find(({ address }) => address === to) ?? null
  const isCreation = frame.type === 'CREATE' || frame.type === 'CREATE2'
  const called = contract === null || isCreation ? null : calledFunction(contract, frame.input)
  const attempt = { what: '', known, target: contract, item: called?.item ?? null, value: BigInt(frame.value) }
  const isRevert = frame.error === 'execution reverted'
  return {
    frame,
    to,
    contract,
    called,
    result: called === null || frame.error !== undefined ? null : valuesOf(called.item, frame.output),
    failure: frame.error === undefined ? null : describeFailure(attempt, frame.error, isRevert ? frame.output : null),
    gasUsed: BigInt(frame.gasUsed),
    steps: frame.steps.map((step) => readStep(step, known)),
  }
}

function readStep(step: WasmStep, known: Known): TracedStep {
  if (step.kind === 'frame') return { kind: 'call', call: readTrace(step, known) }
  if (step.kind === 'log') return { kind: 'event', log: readLogs([step], known)[0]! }
  if (step.name === PRINT) return { kind: 'print', text: new TextDecoder().decode(hexToBytes(step.args)) }
  const { name, args, outs, gasLeft, ink } = step
  return { kind: 'host', host: { name, args, outs, gasLeft, ink } }
}

function valuesOf({ outputs }: AbiFunction, data: Hex): readonly unknown[] | null {
  if (outputs.length === 0) return []
  try {
    return decodeAbiParameters(outputs, data)
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return null
  }
}
